"""Tenants: what is another's is answered as what does not exist, byte for byte but for its SID.

Over every operation, and over every place of a request in which a SID can stand: the path, the
query, a form, and JSON at any depth. Foreign is what is another customer's, and for a subaccount
also what its owner or its sibling has.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from tests.api_world.fitting import Described, Parts, described, fitting, kind_of
from tests.api_world.furnishing import Objects
from tests.api_world.malformed import changed, places
from tests.api_world.serving import Template, World, opened, template
from tests.twilio_files import FORM

OPERATIONS = described()
NAMES = [operation.name for operation in OPERATIONS]
# Who asks, and whose objects are foreign to him.
FOREIGN = {
    "acme": ("rival", "rival.north"),
    "acme.north": ("acme", "acme.south", "rival", "rival.north"),
}
# What an account sees in lists: of the owner's subaccounts the orders, the letters, the accounts,
# and what was done.
SEEN = {"acme": ("acme", "acme.north", "acme.south"), "acme.north": ("acme.north",)}
# Twilio documents that eligibility tells a foreign hosting account from an unknown one.
TOLD = {
    ("POST /v1/HostedNumber/Eligibility", "hosting_account_sid"),
    ("POST /v1/HostedNumber/Eligibility/Bulk", "hosting_account_sid"),
}


@dataclass(frozen=True)
class House:
    """A furnished world, and what puts it back as it was."""

    world: World
    template: Template

    def ask(self, parts: Parts, sids: Mapping[str, str]) -> tuple[int, bytes, bytes]:
        """The answer, with each of these SIDs in it replaced; nothing of it stays."""
        answer = self.world.send(parts.request())
        if answer.status < 300 and parts.operation.method != "GET":
            self.template.restore()
        body, headers = answer.body, repr(sorted(answer.headers)).encode()
        for sid, name in sids.items():
            body, headers = (text.replace(sid.encode(), name.encode()) for text in (body, headers))
        ids = [value for name, value in answer.headers if name.endswith("Request-Id")]
        for one in ids:
            headers = headers.replace(one.encode(), b"")
        return answer.status, body, headers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    with opened(f"sqlite:///{tmp_path_factory.mktemp('tenants')}/api.db") as world:
        yield House(world, template(world))


@dataclass(frozen=True)
class Place:
    """Where a SID stands in a request, and of which kind it is."""

    name: str
    kind: str
    part: str
    where: tuple[str | int, ...] = ()

    def put(self, parts: Parts, sid: str) -> Parts:
        """The request with this SID there."""
        if self.part == "path":
            return parts.with_path(**{self.name: sid})
        if self.part == "JSON":
            return replace(parts, content=changed(parts.content, self.where, sid))
        pairs = getattr(parts, self.part)
        kept = tuple(pair for pair in pairs if pair[0] != self.name)
        return replace(parts, **{self.part: (*kept, (self.name, sid))})  # type: ignore[arg-type]


def places_of(operation: Described) -> Iterator[Place]:
    """Every place of a SID in the requests of an operation."""
    for name, schema in operation.in_path.items():
        yield Place(name, kind_of(name, schema), "path")
    for name, schema in operation.in_query.items():
        yield Place(name, kind_of(name, schema), "query")
    if operation.media_type == FORM and operation.body:
        for name, schema in operation.body["properties"].items():
            yield Place(name, kind_of(name, operation.schema(schema)), "form")
    elif operation.body:
        for where, schema, _ in places(operation, operation.body, ()):
            if isinstance(where[-1], str):
                yield Place(where[-1], kind_of(where[-1], schema), "JSON", where)


def with_sids(operation: Described) -> list[Place]:
    return [place for place in places_of(operation) if place.kind]


def unknown(kind: str) -> str:
    return kind + secrets.token_hex(16)


@pytest.mark.parametrize("asker", FOREIGN)
@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_a_foreign_object_is_answered_as_an_unknown_one(operation, asker, house):
    mine = house.world.accounts[asker]
    parts = fitting(operation, mine)
    told = []
    for place in with_sids(operation):
        if (operation.name, place.name) in TOLD:
            continue
        nobody = unknown(place.kind)
        expected = house.ask(place.put(parts, nobody), {nobody: "SID"})
        for other in FOREIGN[asker]:
            for what, sid in house.world.accounts[other].sids.items():
                if sid.startswith(place.kind):
                    answer = house.ask(place.put(parts, sid), {sid: "SID"})
                    if answer != expected:
                        told.append(f"{place}: {what} of {other}: {answer} is not {expected}")

    assert not told, "\n".join([operation.name, *told[:5]])


@pytest.mark.parametrize("asker", FOREIGN)
@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if len(one.in_path) > 1],
    ids=[one.name for one in OPERATIONS if len(one.in_path) > 1],
)
def test_a_foreign_object_below_its_own_parent_is_answered_as_an_unknown_one(
    operation, asker, house
):
    """Whoever knows the account of an object and its SID knows no more by asking."""
    parts = fitting(operation, house.world.accounts[asker])
    ours = [place for place in with_sids(operation) if place.part == "path"]
    nobody = {place.name: unknown(place.kind) for place in ours}
    expected = house.ask(parts.with_path(**nobody), {sid: name for name, sid in nobody.items()})
    for other in FOREIGN[asker]:
        theirs = fitting(operation, house.world.accounts[other]).path
        names = {sid: name for name, sid in theirs.items()}
        assert house.ask(replace(parts, path=theirs), names) == expected, other


@pytest.mark.parametrize("asker", FOREIGN)
@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_a_filter_finds_nothing_of_anothers_and_looks_as_if_nothing_were_there(
    operation, asker, house
):
    parts = fitting(operation, house.world.accounts[asker])
    for name in operation.in_query:
        key = name.lower().replace("_", "")
        for other in FOREIGN[asker]:
            texts = texts_of(house.world.accounts[other], key)
            for text in texts - texts_of(house.world.accounts[asker], key):
                nothing = f"+1999{text[5:]}" if text.startswith("+1") else f"{text[:-1]}-"
                filtered = (replace(parts, query=((name, one),)) for one in (text, nothing))
                theirs, none = (house.world.send(one.request()) for one in filtered)
                swapped = theirs.body.replace(text.encode(), nothing.encode())
                assert quoted(swapped, text, nothing) == none.body, (name, other)
                assert theirs.status == none.status


def texts_of(objects: Objects, key: str) -> set[str]:
    """What stands in an account's objects under the name of a filter, however that is spelt."""
    spelt = {name.replace("_", ""): texts for name, texts in objects.texts.items()}
    return spelt.get(key, set())


def quoted(body: bytes, text: str, nothing: str) -> bytes:
    """The body with the text replaced as it stands in URLs."""
    for one in (json.dumps(text)[1:-1], text.replace(" ", "+").replace("@", "%40")):
        other = nothing.replace(" ", "+").replace("@", "%40")
        body = body.replace(one.encode(), other.encode())
    escaped = text.replace("+", "%2B").replace("(", "%28").replace(")", "%29").replace(" ", "+")
    instead = nothing.replace("+", "%2B").replace("(", "%28").replace(")", "%29").replace(" ", "+")
    return body.replace(escaped.encode(), instead.encode())


@pytest.mark.parametrize("asker", FOREIGN)
@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_no_answer_holds_what_is_anothers(operation, asker, house):
    """Neither a list nor anything else that is answered to a request that fits."""
    mine = {sid for one in SEEN[asker] for sid in house.world.accounts[one].sids.values()}
    others = {
        sid
        for name, objects in house.world.accounts.items()
        if name not in SEEN[asker]
        for sid in objects.sids.values()
    }
    # The owner of a subaccount is named to it; nothing else of his is.
    others -= {house.world.accounts["acme"].account.sid} if asker == "acme.north" else set()
    parts = fitting(operation, house.world.accounts[asker])
    if "PageSize" in operation.in_query:
        parts = replace(parts, query=(("PageSize", "1000"),))
    status, body, _ = house.ask(parts, {})

    assert status < 300 or operation.name == "POST /2010-04-01/Accounts.json"
    assert not [sid for sid in others - mine if sid.encode() in body]


OF_SUBACCOUNTS = {
    "GET /2010-04-01/Accounts.json": "account",
    "GET /HostedNumbers/AuthorizationDocuments": "document signing",
    "GET /HostedNumbers/HostedNumberOrders": "order received",
    "GET /lineproof/v1/audit-trail": "order received",
    "GET /v2/HostedNumber/AuthorizationDocuments": "document signing",
    "GET /v2/HostedNumber/Orders": "order received",
}


@pytest.mark.parametrize("name", OF_SUBACCOUNTS)
def test_the_owner_sees_in_his_lists_what_his_subaccounts_have(name, house):
    (operation,) = (one for one in OPERATIONS if one.name == name)
    parts = replace(fitting(operation, house.world.accounts["acme"]), query=(("PageSize", "1000"),))

    _, body, _ = house.ask(parts, {})

    for whose in SEEN["acme"]:
        assert house.world.accounts[whose].sids[OF_SUBACCOUNTS[name]].encode() in body


# Of these each account has its own, and asks for them itself.
ALONE = ("/Eligibility", "/Services/", "/verification-documents")
REACHED = [one for one in OPERATIONS if one.in_path and not any(a in one.path for a in ALONE)]


@pytest.mark.parametrize("operation", REACHED, ids=[one.name for one in REACHED])
def test_the_owner_reaches_what_his_subaccount_has(operation, house):
    """With his own credentials, by its SID."""
    owner, theirs = house.world.accounts["acme"], house.world.accounts["acme.north"]
    own = fitting(operation, owner).authorization

    status, body, _ = house.ask(replace(fitting(operation, theirs), authorization=own), {})

    assert status < 300, body
