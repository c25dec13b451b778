"""AuthorizationDocuments over HTTP: bounds of each parameter, and the errors of Twilio's table."""

import pytest

from tests.verification.api.test_preview_orders import refused
from tests.verification.letter_office import PARTS
from verification.documents import MOST_ORDERS
from verification.statuses import Status

PREVIEW, V2 = "/HostedNumbers/AuthorizationDocuments", "/v2/HostedNumber/AuthorizationDocuments"
FORM = {
    "Email": "anne@example.com",
    "ContactTitle": "Owner",
    "ContactPhoneNumber": "+19025550123",
}
UNKNOWN = "HR" + "0" * 32


@pytest.fixture
def ask(api):
    made = [api.create(f"+190290520{n}0").get_json()["sid"] for n in range(2)]
    with api.house.store.write() as tx:
        tx.orders.move_all(made, Status.VERIFIED, None, 1.0)
    form = {**FORM, "HostedNumberOrderSids": made, "AddressSid": api.address()}

    def ask(method="POST", path=PREVIEW, form=form, **changes):
        sent = {k: v for k, v in {**(form or {}), **changes}.items() if v is not None}
        query = {"query_string": sent} if method == "GET" else {"data": sent}
        return api.client.open(path, method=method, headers=api.auth(), **query)

    return ask


@pytest.mark.parametrize("path", [PREVIEW, V2])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"HostedNumberOrderSids": None}, 22101),
        ({"HostedNumberOrderSids": ["HR1"]}, 22101),
        ({"HostedNumberOrderSids": [UNKNOWN]}, 22101),
        ({"AddressSid": None}, 20001),
        ({"AddressSid": ""}, 20001),
        ({"AddressSid": "AD1"}, 22109),
        ({"AddressSid": "AD" + "0" * 32}, 22109),
        ({"Email": None}, 20001),
        ({"Email": "nobody"}, 22104),
        ({"CcEmails": ["a@example.com", "x"]}, 22104),
        ({"ContactPhoneNumber": None}, 20001),
        ({"ContactPhoneNumber": "call me"}, 22102),
        ({"ContactTitle": "x" * 129}, 20001),
        ({"AuthorizedUserFirstName": "Anne"}, 22109),
        ({"BusinessName": "x\ny"}, 20001),
    ],
)
def test_each_wrong_parameter_has_its_error_and_changes_nothing(ask, path, changes, code):
    assert refused(ask(path=path, **changes), 400, code)
    assert ask("GET", path, None).get_json()["items"] == []


def test_the_title_is_required_by_preview_only(ask):
    assert "ContactTitle" in refused(ask(ContactTitle=None), 400, 20001)
    assert ask(path=V2, ContactTitle=None).status_code == 201


def test_an_unfit_address_is_named_piece_by_piece(api, ask):
    form = {name.title().replace("_", ""): value for name, value in PARTS.items()}
    form |= {"Street": "PO Box 4", "PostalCode": "H2X 1Y4"}
    path = f"/2010-04-01/Accounts/{api.sid}/Addresses.json"
    sid = api.client.post(path, data=form, headers=api.auth()).get_json()["sid"]
    told = refused(ask(AddressSid=sid), 400, 22109)
    assert "Street names a post office box" in told
    assert "PostalCode is no postcode of NS" in told


def test_filters_and_statuses_have_twilios_errors(ask):
    sid = ask().get_json()["sid"]
    refused(ask("GET", PREVIEW, None, Status="lost"), 400, 22111)
    refused(ask("POST", f"{PREVIEW}/{sid}", None, Status="signed"), 400, 22122)
    refused(ask("POST", f"{PREVIEW}/{sid}", None, Email="x@example.com"), 400, 22107)
    refused(ask("POST", f"{V2}/{sid}", None, Status="opened"), 405, 20004)
    below = f"{V2}/{sid}/DependentHostedNumberOrders"
    refused(ask("GET", below, None, Status="testing"), 400, 22111)
    assert len(ask("GET", below, None, Status="pending-loa").get_json()["items"]) == 2
    assert len(ask("GET", PREVIEW, None, Status="signing").get_json()["items"]) == 1
    refused(ask("GET", PREVIEW, None, PageSize="1001"), 400, 20007)


def test_a_foreign_document_is_answered_as_none(api, ask):
    sid = ask().get_json()["sid"]
    stranger = api.another("Else")
    for path in (f"{PREVIEW}/{sid}", f"{PREVIEW}/{sid}/DependentHostedNumberOrders"):
        answer = api.client.get(path, headers=stranger.auth())
        assert sid in refused(answer, 404, 20404)
    answer = api.client.get(
        f"/lineproof/v1/authorization-documents/{sid}/letter.pdf", headers=stranger.auth()
    )
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_list_of_15000_orders_is_read_whole_and_one_more_is_refused_for_what_it_is(ask):
    sids = [f"HR{n:032x}" for n in range(MOST_ORDERS + 1)]
    assert "not 15001" in refused(ask(HostedNumberOrderSids=sids), 400, 22101)
    told = refused(ask(HostedNumberOrderSids=sids[1:]), 400, 22101)
    assert told.count("HR") == MOST_ORDERS


def test_every_path_of_our_own_answers_with_problems(api):
    for path, status in (("/lineproof/v1/nothing", 404), ("/lineproof/", 404)):
        answer = api.client.get(path, headers=api.auth())
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert set(answer.get_json()) == {"type", "title", "status", "detail", "code"}
