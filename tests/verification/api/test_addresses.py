"""Twilio's 2010 Addresses: each parameter, each rule, each error."""

import json

import pytest

from tests.verification.api.test_preview_orders import refused
from verification import accounts
from verification.accounts import AccountStatus

FORM = {
    "CustomerName": "Maple Street Dental",
    "Street": "14 Maple Street",
    "City": "Halifax",
    "Region": "NS",
    "PostalCode": "B3J 1A1",
    "IsoCountry": "CA",
}
UNKNOWN = "AD" + "0" * 32
SCHEMA = "api.v2010.account.address"


@pytest.fixture
def ask(api):
    """Ask for a path below the account's own, or that of another account of his."""

    def ask(method, path, form=None, account=None, **credentials):
        return api.client.open(
            f"/2010-04-01/Accounts/{account or api.sid}{path}",
            method=method,
            data=form,
            headers=api.auth(**credentials),
        )

    return ask


@pytest.fixture
def create(ask):
    def create(**form):
        return ask("POST", "/Addresses.json", {**FORM, **form})

    return create


@pytest.fixture
def count(api):
    return lambda: api.house.store.database()["addresses"].count


@pytest.fixture
def subaccount(api):
    with api.house.store.write() as tx:
        owner = tx.accounts.get(api.sid)
        return accounts.create(tx, api.house.keyring, "Branch", 1.0, owner)


def properties(shared_specs, name):
    schemas = json.loads((shared_specs / "twilio_api_v2010.json").read_text())["components"]
    return set(schemas["schemas"][name]["properties"])


def test_an_address_has_exactly_the_fields_of_twilios_schema(create, shared_specs):
    assert set(create().get_json()) == properties(shared_specs, SCHEMA)


def test_an_address_is_made_and_fetched(api, ask, create):
    answer = create(FriendlyName="Main office", StreetSecondary="Suite 3", EmergencyEnabled="True")
    made = answer.get_json()
    assert answer.status_code == 201
    assert made == {
        "account_sid": api.sid,
        "city": "Halifax",
        "customer_name": "Maple Street Dental",
        "date_created": made["date_updated"],
        "date_updated": made["date_created"],
        "emergency_enabled": True,
        "friendly_name": "Main office",
        "iso_country": "CA",
        "postal_code": "B3J 1A1",
        "region": "NS",
        "sid": made["sid"],
        "street": "14 Maple Street",
        "street_secondary": "Suite 3",
        "validated": False,
        "verified": False,
        "uri": f"/2010-04-01/Accounts/{api.sid}/Addresses/{made['sid']}.json",
    }
    assert made["date_created"].endswith(" +0000")
    assert api.client.get(made["uri"], headers=api.auth()).get_json() == made


def test_what_is_optional_is_null_or_false_where_it_is_not_sent(create):
    made = create().get_json()
    assert made["friendly_name"] is made["street_secondary"] is None
    assert made["emergency_enabled"] is False


@pytest.mark.parametrize("name", FORM)
def test_a_missing_parameter_is_named(ask, count, name):
    form = {key: value for key, value in FORM.items() if key != name}
    assert name in refused(ask("POST", "/Addresses.json", form), 400, 20001)
    assert count() == 0


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        *[(name, "", 21628) for name in FORM],
        *[(name, "x" * 129, 21628) for name in FORM],
        *[(name, "a\x07b", 21628) for name in FORM],
        *[(name, ["one", "two"], 20001) for name in FORM],
        ("IsoCountry", "GB", 21628),
        ("FriendlyName", "x" * 65, 21628),
        ("FriendlyName", ["one", "two"], 20001),
        ("StreetSecondary", "x" * 60000, 21628),
        ("EmergencyEnabled", "maybe", 20001),
        ("EmergencyEnabled", "", 20001),
        ("EmergencyEnabled", "1", 20001),
        ("AutoCorrectAddress", "maybe", 20001),
    ],
)
def test_each_wrong_parameter_is_named_and_makes_no_address(create, count, name, value, code):
    assert name in refused(create(**{name: value}), 400, code)
    assert count() == 0


@pytest.mark.parametrize("value", ["true", "false", ""])
def test_addresses_are_never_corrected(create, value):
    assert create(AutoCorrectAddress=value).get_json()["street"] == "14 Maple Street"


@pytest.mark.parametrize("body", [b"Street=%ff", b"Street", b"Street=a%00b", b"&&&"])
def test_a_body_that_cannot_be_read_is_refused_whole(api, count, body):
    answer = api.client.post(
        f"/2010-04-01/Accounts/{api.sid}/Addresses.json",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers=api.auth(),
    )
    refused(answer, 400, 20001)
    assert count() == 0


def test_unknown_parameters_cannot_set_what_is_ours(api, create):
    made = create(Verified="true", Validated="true", Sid=UNKNOWN, AccountSid="AC1").get_json()
    assert (made["verified"], made["validated"]) == (False, False)
    assert made["sid"] != UNKNOWN
    assert made["account_sid"] == api.sid


def test_an_update_changes_what_is_sent_and_not_the_country(ask, create):
    made = create(FriendlyName="Main office", EmergencyEnabled="true").get_json()
    path = f"/Addresses/{made['sid']}.json"
    answer = ask("POST", path, {"Street": "1 Elm Street", "FriendlyName": "", "IsoCountry": "US"})
    assert answer.status_code == 200
    changed = {"street": "1 Elm Street", "friendly_name": None}
    answered = answer.get_json()
    assert answered == made | changed | {"date_updated": answered["date_updated"]}
    assert ask("GET", path).get_json() == answered


@pytest.mark.parametrize(
    ("form", "code"),
    [
        *[({name: ""}, 21628) for name in FORM if name != "IsoCountry"],
        ({"City": "x" * 129}, 21628),
        ({"City": ["one", "two"]}, 20001),
        ({"FriendlyName": "x" * 65}, 21628),
        ({"EmergencyEnabled": "yes"}, 20001),
        ({"AutoCorrectAddress": "yes"}, 20001),
        ({"City": "Truro", "Street": "\x1b[2J"}, 21628),
    ],
)
def test_each_wrong_update_has_its_error_and_changes_nothing(ask, create, form, code):
    made = create().get_json()
    path = f"/Addresses/{made['sid']}.json"
    assert list(form)[-1] in refused(ask("POST", path, form), 400, code)
    assert ask("GET", path).get_json() == made


def test_a_deleted_address_is_gone(ask, create):
    path = f"/Addresses/{create().get_json()['sid']}.json"
    answer = ask("DELETE", path)
    assert (answer.status_code, answer.data) == (204, b"")
    for method in ("GET", "DELETE", "POST"):
        refused(ask(method, path), 404, 20404)


def test_an_address_that_an_order_has_cannot_be_deleted_until_the_order_is(api, ask, create):
    path = f"/Addresses/{create().get_json()['sid']}.json"
    order = api.create(AddressSid=path[11:-5]).get_json()["sid"]
    assert "DependentPhoneNumbers" in refused(ask("DELETE", path), 409, 20409)
    assert ask("GET", path).status_code == 200
    api.delete(order)
    assert ask("DELETE", path).status_code == 204


class TestWhose:
    PATHS: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("GET", "/Addresses.json", {}),
        ("POST", "/Addresses.json", FORM),
        ("GET", "/Addresses/{}.json", {}),
        ("POST", "/Addresses/{}.json", {"City": "Truro"}),
        ("DELETE", "/Addresses/{}.json", {}),
        ("GET", "/Addresses/{}/DependentPhoneNumbers.json", {}),
    )

    @pytest.mark.parametrize(("method", "path", "form"), PATHS)
    def test_a_foreign_account_is_answered_as_an_unknown_one(
        self, api, ask, create, count, method, path, form
    ):
        made = create().get_json()["sid"]
        other = api.another("Other")
        path = path.format(made)
        theirs = {"sid": other.sid, "token": other.token}
        foreign = refused(ask(method, path, form, **theirs), 404, 20404)
        unknown = ask(method, path, form, account="AC" + "0" * 32, **theirs)
        assert refused(unknown, 404, 20404) == foreign.replace(api.sid, "AC" + "0" * 32)
        if made in path:
            refused(ask(method, path, form, account=other.sid, **theirs), 404, 20404)
        assert count() == 1

    def test_the_owner_acts_for_his_subaccount_and_it_sees_its_own(
        self, api, ask, create, subaccount
    ):
        branch, token = subaccount
        ours = create().get_json()["sid"]
        made = ask("POST", "/Addresses.json", FORM, account=branch.sid).get_json()
        assert made["account_sid"] == branch.sid
        own = {"account": branch.sid, "sid": branch.sid, "token": token}
        seen = ask("GET", "/Addresses.json", **own).get_json()["addresses"]
        assert [address["sid"] for address in seen] == [made["sid"]]
        refused(ask("GET", f"/Addresses/{ours}.json", **own), 404, 20404)
        refused(ask("GET", f"/Addresses/{made['sid']}.json"), 404, 20404)
        refused(ask("GET", "/Addresses.json", sid=branch.sid, token=token), 404, 20404)

    def test_no_address_is_made_or_changed_for_a_suspended_subaccount(
        self, api, ask, count, subaccount
    ):
        branch, _ = subaccount
        made = ask("POST", "/Addresses.json", FORM, account=branch.sid).get_json()["sid"]
        with api.house.store.write() as tx:
            accounts.set_status(tx, branch, AccountStatus.SUSPENDED, 2.0)
        refused(ask("POST", "/Addresses.json", FORM, account=branch.sid), 403, 20005)
        path = f"/Addresses/{made}.json"
        refused(ask("POST", path, {"City": "Truro"}, account=branch.sid), 403, 20005)
        assert ask("GET", path, account=branch.sid).get_json()["city"] == "Halifax"
        assert count() == 1

    @pytest.mark.parametrize("sid", [UNKNOWN, "AD1", "x" * 3000, "%00", "%ff", "a%2fb"])
    def test_what_is_no_address_is_not_found(self, ask, sid):
        for method in ("GET", "POST", "DELETE"):
            refused(ask(method, f"/Addresses/{sid}.json"), 404, 20404)
        refused(ask("GET", f"/Addresses/{sid}/DependentPhoneNumbers.json"), 404, 20404)

    def test_without_credentials_nothing_is_answered(self, api):
        path = f"/2010-04-01/Accounts/{api.sid}/Addresses.json"
        refused(api.client.get(path), 401, 20003)


class TestList:
    @pytest.fixture
    def five(self, create):
        """Five addresses, the newest first."""
        return [
            create(
                FriendlyName=f"Branch {n % 2}",
                CustomerName=f"Customer {n}",
                IsoCountry="US" if n == 4 else "CA",
                EmergencyEnabled="true" if n == 3 else "false",
            ).get_json()["sid"]
            for n in range(5)
        ][::-1]

    def test_pages_are_followed_in_the_2010_shape(self, api, ask, five):
        first = ask("GET", "/Addresses.json?PageSize=2").get_json()
        assert set(first) == {
            "addresses", "page", "page_size", "start", "end",
            "uri", "first_page_uri", "next_page_uri", "previous_page_uri",
        }  # fmt: skip
        assert first["uri"].startswith(f"/2010-04-01/Accounts/{api.sid}/Addresses.json?")
        pages = [first]
        while pages[-1]["next_page_uri"]:
            follow = pages[-1]["next_page_uri"]
            pages.append(api.client.get(follow, headers=api.auth()).get_json())
        assert [[address["sid"] for address in page["addresses"]] for page in pages] == [
            five[:2],
            five[2:4],
            five[4:],
        ]
        assert [(page["start"], page["end"]) for page in pages] == [(0, 1), (2, 3), (4, 4)]
        back = api.client.get(pages[-1]["previous_page_uri"], headers=api.auth()).get_json()
        assert back["addresses"] == pages[1]["addresses"]

    @pytest.mark.parametrize(
        ("query", "places"),
        [
            ("", [0, 1, 2, 3, 4]),
            ("CustomerName=Customer+0", [4]),
            ("CustomerName=Nobody", []),
            ("FriendlyName=Branch+1", [1, 3]),
            ("IsoCountry=US", [0]),
            ("IsoCountry=ZZ", []),
            ("EmergencyEnabled=true", [1]),
            ("EmergencyEnabled=False", [0, 2, 3, 4]),
            ("FriendlyName=Branch+1&EmergencyEnabled=false", [3]),
            ("FriendlyName=&IsoCountry=", [0, 1, 2, 3, 4]),
            ("FriendlyName=" + "x" * 2000, []),
        ],
    )
    def test_filters_choose(self, ask, five, query, places):
        found = ask("GET", f"/Addresses.json?{query}").get_json()["addresses"]
        assert [address["sid"] for address in found] == [five[place] for place in places]

    def test_filters_go_along_to_the_next_page(self, api, ask, five):
        first = ask("GET", "/Addresses.json?EmergencyEnabled=false&PageSize=3").get_json()
        second = api.client.get(first["next_page_uri"], headers=api.auth()).get_json()
        assert [address["sid"] for address in second["addresses"]] == five[4:]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("EmergencyEnabled=x", 20001),
            ("EmergencyEnabled=true&EmergencyEnabled=false", 20001),
            ("CustomerName=a&CustomerName=b", 20001),
            ("CustomerName=%ff", 20001),
            ("PageSize=0", 20007),
            ("PageToken=x", 21481),
        ],
    )
    def test_wrong_queries_have_their_errors(self, ask, query, code):
        refused(ask("GET", f"/Addresses.json?{query}"), 400, code)


class TestDependents:
    @pytest.fixture
    def address(self, create):
        return create().get_json()["sid"]

    def list(self, ask, address, query=""):
        return ask("GET", f"/Addresses/{address}/DependentPhoneNumbers.json{query}").get_json()

    def test_an_address_without_orders_has_none(self, ask, address):
        assert self.list(ask, address)["dependent_phone_numbers"] == []

    def test_a_number_has_exactly_the_fields_of_twilios_schema(
        self, api, ask, address, shared_specs
    ):
        api.create(AddressSid=address)
        (number,) = self.list(ask, address)["dependent_phone_numbers"]
        assert set(number) == properties(shared_specs, f"{SCHEMA}.dependent_phone_number")

    def test_a_number_is_shown_as_its_order_has_it(self, api, ask, address):
        order = api.create(
            AddressSid=address,
            FriendlyName="Front desk",
            SmsUrl="https://example.com/sms",
            SmsMethod="GET",
            SmsFallbackUrl="https://example.com/else",
            SmsFallbackMethod="POST",
            SmsApplicationSid="AP" + "1" * 32,
            StatusCallbackUrl="https://example.com/order",
        ).get_json()
        (number,) = self.list(ask, address)["dependent_phone_numbers"]
        sid = order["incoming_phone_number_sid"]
        created, updated = number.pop("date_created"), number.pop("date_updated")
        assert created.endswith(" +0000")
        assert updated.endswith(" +0000")
        assert number == {
            "sid": sid,
            "account_sid": api.sid,
            "friendly_name": "Front desk",
            "phone_number": "+19029052034",
            "voice_url": None,
            "voice_method": "POST",
            "voice_fallback_url": None,
            "voice_fallback_method": "POST",
            "voice_caller_id_lookup": False,
            "voice_application_sid": None,
            "sms_url": "https://example.com/sms",
            "sms_method": "GET",
            "sms_fallback_url": "https://example.com/else",
            "sms_fallback_method": "POST",
            "sms_application_sid": "AP" + "1" * 32,
            "address_requirements": "none",
            "capabilities": {"Voice": False, "SMS": True, "MMS": False},
            "status_callback": None,
            "status_callback_method": "POST",
            "api_version": "2010-04-01",
            "trunk_sid": None,
            "emergency_status": "Inactive",
            "emergency_address_sid": None,
            "uri": f"/2010-04-01/Accounts/{api.sid}/IncomingPhoneNumbers/{sid}.json",
        }

    def test_only_numbers_that_need_this_address_are_listed_in_pages(
        self, api, ask, create, address
    ):
        for n in range(3):
            api.create(f"+1212456789{n}", AddressSid=address)
        api.create("+12124567893", AddressSid=create().get_json()["sid"])
        api.create("+12124567894")
        gone = api.create("+12124567895", AddressSid=address).get_json()["sid"]
        api.delete(gone)
        first = self.list(ask, address, "?PageSize=2")
        assert first["uri"].startswith(f"/2010-04-01/Accounts/{api.sid}/Addresses/{address}/Dep")
        second = api.client.get(first["next_page_uri"], headers=api.auth()).get_json()
        numbers = first["dependent_phone_numbers"] + second["dependent_phone_numbers"]
        assert [number["phone_number"][-1] for number in numbers] == ["2", "1", "0"]
        assert second["next_page_uri"] is None
