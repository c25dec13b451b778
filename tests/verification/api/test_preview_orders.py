"""Twilio's Preview HostedNumberOrders: each parameter, each rule, each error."""

import json
import time
from dataclasses import replace

import pytest

from verification import calling
from verification.attempts import ATTEMPTS
from verification.numbers import Line, LineType
from verification.ordering import ALREADY_ENABLED
from verification.statuses import Status

OTHER = "+12124567890"


def refused(answer, status, code):
    """The answer is an error in Twilio's shape; gives its message."""
    body = answer.get_json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert set(body) == {"code", "message", "more_info", "status"}
    assert body["status"] == status
    assert body["more_info"].endswith(f"/{code}")
    return body["message"]


def test_a_created_order_has_every_field_of_twilios_schema(api, shared_specs):
    schemas = json.loads((shared_specs / "twilio_preview.json").read_text())["components"]
    wanted = schemas["schemas"]["preview.hosted_numbers.hosted_number_order"]["properties"]
    order = api.create().get_json()
    assert set(wanted) <= set(order)
    assert set(order) - set(wanted) == {"language", "code_entry"}


def test_an_eligible_number_is_received(api):
    answer = api.create(FriendlyName="Front desk", CcEmails=["a@example.com", "b@example.com"])
    order = answer.get_json()
    assert answer.status_code == 201
    assert order["status"] == "received"
    assert order["phone_number"] == "+19029052034"
    assert order["friendly_name"] == "Front desk"
    assert order["cc_emails"] == ["a@example.com", "b@example.com"]
    assert order["verification_code"] is None
    assert order["verification_call_sids"] == []
    assert order["url"] == f"http://localhost{api.PATH}/{order['sid']}"
    assert order["incoming_phone_number_sid"].startswith("PN")


def test_a_number_that_is_messaging_enabled_fails_with_the_reason(api):
    api.directory.line = Line(LineType.VOIP, "Twilio - SMS-Sybase365/MMS-SVR")
    order = api.create().get_json()
    assert (order["status"], order["failure_reason"]) == ("failed", ALREADY_ENABLED)


def test_while_the_directory_cannot_be_asked_the_order_is_in_twilio_processing(api):
    api.directory.line = None
    assert api.create().get_json()["status"] == "twilio-processing"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"PhoneNumber": "9029052034"}, 22102),
        ({"PhoneNumber": "+18765552034"}, 22103),
        ({"PhoneNumber": "+442071838750"}, 22103),
        ({"PhoneNumber": "+12129761234"}, 22102),
        ({"SmsCapability": "maybe"}, 20001),
        ({"SmsCapability": "false"}, 22119),
        ({"FriendlyName": "x" * 129}, 22116),
        ({"UniqueName": "x" * 129}, 22115),
        ({"Email": "nobody"}, 22104),
        ({"CcEmails": ["a@example.com", "b"]}, 22104),
        ({"SmsUrl": "ftp://example.com"}, 22105),
        ({"StatusCallbackUrl": "example.com"}, 22105),
        ({"StatusCallbackUrl": "http://169.254.169.254/latest"}, 22105),
        ({"StatusCallbackUrl": "http://0x0a.1/"}, 22105),
        ({"StatusCallbackUrl": "https://me:secret@example.com/"}, 22105),
        ({"SmsUrl": "https://example.com:25/"}, 22105),
        ({"SmsMethod": "PUT"}, 22106),
        ({"SmsApplicationSid": "AP1"}, 22108),
        ({"AddressSid": "AD1"}, 22109),
        ({"VerificationType": "letter"}, 22120),
        ({"VerificationType": "phone-bill"}, 22118),
        ({"VerificationDocumentSid": "RI1"}, 22118),
        ({"AccountSid": "AC1"}, 21470),
        ({"AccountSid": "AC" + "0" * 32}, 21471),
        ({"Language": "de"}, 20001),
        ({"FriendlyName": "a\x07b"}, 22116),
        ({"FriendlyName": "a\x00b"}, 20001),
        ({"FriendlyName": ["one", "two"]}, 20001),
    ],
)
def test_each_wrong_parameter_has_its_error_and_makes_no_order(api, form, code):
    refused(api.create(**form), 400, code)
    assert api.house.store.database()["orders"].count == 0


@pytest.mark.parametrize("name", ["PhoneNumber", "SmsCapability"])
def test_a_missing_parameter_is_named(api, name):
    form = {"PhoneNumber": OTHER, "SmsCapability": "true"}
    del form[name]
    answer = api.client.post(api.PATH, data=form, headers=api.auth())
    assert name in refused(answer, 400, 20001)


def test_unknown_parameters_are_ignored_and_cannot_set_what_is_ours(api):
    order = api.create(Status="verified", VerificationAttempts="0", Sid="HR1").get_json()
    assert order["status"] == "received"
    assert order["sid"] != "HR1"


def test_a_second_order_for_the_number_is_refused_with_the_sid_of_the_first(api):
    first = api.create().get_json()
    assert first["sid"] in refused(api.create(), 400, 22110)


def test_asking_for_the_call_shows_the_code_and_counts(api):
    sid = api.create().get_json()["sid"]
    answer = api.update(sid, Status="pending-verification", Extension="wwww2", CallDelay="15")
    order = answer.get_json()
    assert answer.status_code == 200
    assert order["status"] == "pending-verification"
    assert order["verification_attempts"] == 1
    assert len(order["verification_code"]) == 6
    assert (order["extension"], order["call_delay"]) == ("wwww2", 15)
    assert api.get(sid).get_json() == order


def test_asking_twice_changes_nothing(api):
    sid = api.create().get_json()["sid"]
    first = api.update(sid, Status="pending-verification").get_json()
    assert api.update(sid, Status="pending-verification").get_json() == first


def test_another_extension_while_the_call_is_under_way_is_a_conflict(api):
    sid = api.create().get_json()["sid"]
    api.update(sid, Status="pending-verification", Extension="1")
    refused(api.update(sid, Extension="2"), 409, 20409)
    assert api.get(sid).get_json()["extension"] == "1"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"Extension": "12a"}, 22117),
        ({"Extension": ""}, 22117),
        ({"Extension": "1,2"}, 22117),
        ({"CallDelay": "61"}, 21454),
        ({"CallDelay": "-1"}, 21454),
        ({"CallDelay": "1e1"}, 21454),
        ({"CallDelay": "0x10"}, 21454),
        ({"CallDelay": "１"}, 21454),
        ({"Status": "Verified"}, 22111),
        ({"Status": "verified"}, 22112),
        ({"Status": "completed"}, 22112),
        ({"VerificationCode": "123456"}, 22114),
    ],
)
def test_each_wrong_update_has_its_error_and_changes_nothing(api, form, code):
    before = api.create().get_json()
    refused(api.update(before["sid"], **form), 400, code)
    assert api.get(before["sid"]).get_json() == before


def test_a_bad_extension_is_named_with_its_place(api):
    sid = api.create().get_json()["sid"]
    message = refused(api.update(sid, Extension="ww2,5"), 400, 22117)
    assert "',' at position 4" in message
    assert "w (waits 0.5 s)" in message


def test_the_api_takes_no_code_that_it_has_shown_itself(api):
    sid = api.create().get_json()["sid"]
    code = api.update(sid, Status="pending-verification").get_json()["verification_code"]
    refused(api.update(sid, VerificationCode=code), 400, 22113)
    assert api.get(sid).get_json()["status"] == "pending-verification"


def test_a_field_that_is_sent_empty_is_cleared_and_one_that_is_not_sent_stays(api):
    sid = api.create(FriendlyName="x", Email="a@example.com").get_json()["sid"]
    order = api.update(sid, FriendlyName="").get_json()
    assert (order["friendly_name"], order["email"]) == (None, "a@example.com")


def test_a_number_that_was_declined_cannot_be_called(api):
    sid = api.create().get_json()["sid"]
    with api.house.store.write() as tx:
        tx.suppressions.add("+19029052034", 1e12)
    refused(api.update(sid, Status="pending-verification"), 400, 22123)


def test_the_fourth_call_is_refused(api):
    sid = api.create().get_json()["sid"]
    with api.house.store.write() as tx:
        tx.orders.save(replace(tx.orders.get(sid), verification_attempts=ATTEMPTS))
    refused(api.update(sid, Status="pending-verification"), 400, 22100)


def test_a_deleted_order_is_gone_and_its_number_can_be_ordered_again(api):
    sid = api.create().get_json()["sid"]
    answer = api.delete(sid)
    assert (answer.status_code, answer.data) == (204, b"")
    refused(api.get(sid), 404, 20404)
    refused(api.delete(sid), 404, 20404)
    assert api.create().status_code == 201


class TestAccounts:
    def test_without_credentials_nothing_is_answered(self, api):
        answer = api.client.get(api.PATH)
        refused(answer, 401, 20003)
        assert answer.headers["WWW-Authenticate"].startswith("Basic")

    @pytest.mark.parametrize(
        "header",
        ["Basic", "Basic !!!", "Basic /w==", "Bearer x", "Basic QUM6", "Basic " + "A" * 5000],
    )
    def test_malformed_credentials_are_refused(self, api, header):
        refused(api.client.get(api.PATH, headers={"Authorization": header}), 401, 20003)

    def test_an_unknown_account_and_a_wrong_token_are_answered_alike(self, api):
        unknown = api.client.get(api.PATH, headers=api.auth(sid="AC" + "0" * 32))
        wrong = api.client.get(api.PATH, headers=api.auth(token="0" * 32))
        assert unknown.get_json() == wrong.get_json()

    def test_a_foreign_order_is_answered_as_an_unknown_one(self, api):
        sid, unknown = api.create().get_json()["sid"], "HR" + "0" * 32
        other = api.another("Other")
        for ask in (other.get, other.delete, other.update):
            foreign, missing = ask(sid), ask(unknown)
            assert foreign.status_code == missing.status_code == 404
            assert foreign.data.replace(sid.encode(), b"") == missing.data.replace(
                unknown.encode(), b""
            )
        assert other.list().get_json()["items"] == []

    def test_two_accounts_may_order_one_number_without_seeing_each_other(self, api):
        assert api.create().status_code == api.another("Other").create().status_code == 201


class TestBodies:
    def post(self, api, data, content_type="application/x-www-form-urlencoded"):
        return api.client.post(api.PATH, data=data, content_type=content_type, headers=api.auth())

    @pytest.mark.parametrize(
        "body", [b"PhoneNumber=%ff%fe", b"PhoneNumber=\xff", b"PhoneNumber", b"&&&", b"a=1&b"]
    )
    def test_a_body_that_cannot_be_read_is_refused_whole(self, api, body):
        refused(self.post(api, body), 400, 20001)

    def test_json_is_refused_with_the_type_that_is_allowed(self, api):
        message = refused(self.post(api, b"{}", "application/json"), 415, 20422)
        assert "x-www-form-urlencoded" in message

    def test_a_body_over_64_kilobytes_is_refused(self, api):
        refused(self.post(api, b"FriendlyName=" + b"x" * 65536), 413, 20001)

    def test_too_many_fields_are_refused(self, api):
        refused(self.post(api, b"&".join(b"a%d=1" % n for n in range(200))), 400, 20001)


def test_whoever_opens_the_server_s_url_is_told_where_the_orders_are(api):
    answer = api.client.get("/").get_json()
    assert answer == {"service": "lineproof", "orders": f"http://localhost{api.PATH}"}


def test_an_unknown_path_and_a_wrong_method_have_twilios_shape(api):
    refused(api.client.get("/HostedNumbers/Nothing", headers=api.auth()), 404, 20404)
    answer = api.client.put(api.PATH, headers=api.auth())
    refused(answer, 405, 20004)
    assert "POST" in answer.headers["Allow"]


class TestList:
    def fill(self, api, count):
        return [
            api.create(f"+1212456{n:04d}", FriendlyName=f"line {n % 2}").get_json()["sid"]
            for n in range(count)
        ]

    def follow(self, api, url):
        return api.client.get(url.removeprefix("http://localhost"), headers=api.auth()).get_json()

    def test_the_newest_order_stands_first(self, api):
        sids = self.fill(api, 3)
        page = api.list().get_json()
        assert [order["sid"] for order in page["items"]] == sids[::-1]
        assert page["meta"]["key"] == "items"
        assert page["meta"]["next_page_url"] is None
        assert page["meta"]["previous_page_url"] is None

    def test_pages_are_followed_forward_and_back(self, api):
        sids = self.fill(api, 5)[::-1]
        first = api.list("?PageSize=2").get_json()
        second = self.follow(api, first["meta"]["next_page_url"])
        third = self.follow(api, second["meta"]["next_page_url"])
        pages = [[order["sid"] for order in page["items"]] for page in (first, second, third)]
        assert pages == [sids[:2], sids[2:4], sids[4:]]
        assert [page["meta"]["page"] for page in (first, second, third)] == [0, 1, 2]
        assert third["meta"]["next_page_url"] is None
        back = self.follow(api, third["meta"]["previous_page_url"])
        assert back["items"] == second["items"]
        start = self.follow(api, back["meta"]["previous_page_url"])
        assert start["items"] == first["items"]
        assert start["meta"]["previous_page_url"] is None

    def test_orders_that_are_added_meanwhile_shift_nothing(self, api):
        sids = self.fill(api, 4)[::-1]
        first = api.list("?PageSize=2").get_json()
        api.create(OTHER)
        second = self.follow(api, first["meta"]["next_page_url"])
        assert [order["sid"] for order in second["items"]] == sids[2:]

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("?FriendlyName=line+1", 2),
            ("?Status=received", 4),
            ("?Status=verified", 0),
            ("?PhoneNumber=%2B12124560003", 1),
            ("?FriendlyName=line+1&PhoneNumber=%2B12124560003", 1),
            ("?UniqueName=none", 0),
        ],
    )
    def test_filters_choose(self, api, query, count):
        self.fill(api, 4)
        assert len(api.list(query).get_json()["items"]) == count

    def test_filters_go_along_to_the_next_page(self, api):
        self.fill(api, 6)
        first = api.list("?FriendlyName=line+1&PageSize=2").get_json()
        second = self.follow(api, first["meta"]["next_page_url"])
        assert {order["friendly_name"] for order in second["items"]} == {"line 1"}

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("?PageSize=0", 20007),
            ("?PageSize=1001", 20007),
            ("?PageSize=x", 20007),
            ("?PageSize=99999999999999999999", 20007),
            ("?Page=-1", 20001),
            ("?PageToken=made-up", 21481),
            ("?Status=lost", 22111),
            ("?Status=%ff", 20001),
        ],
    )
    def test_wrong_queries_have_their_errors(self, api, query, code):
        refused(api.list(query), 400, code)


def spoken(api, sid):
    """The code that the order's call has spoken."""
    with api.house.store.read() as tx:
        return calling.live_code(tx.orders.get(sid), api.house.keyring, time.time())


def test_with_code_entry_api_the_code_is_not_shown_and_what_the_person_heard_verifies(api):
    sid = api.create().get_json()["sid"]
    asked = api.update(sid, Status="pending-verification", CodeEntry="api").get_json()
    assert (asked["verification_code"], asked["code_entry"]) == (None, "api")
    code = spoken(api, sid)
    wrong = api.update(sid, VerificationCode=f"{(int(code) + 1) % 10**6:06d}")
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, 22113)
    assert "4 more tries" in wrong.get_json()["message"]
    verified = api.update(sid, VerificationCode=code, FriendlyName="Front desk")
    assert verified.status_code == 200
    assert verified.get_json()["status"] == "verified"
    assert verified.get_json()["friendly_name"] == "Front desk"
    late = api.update(sid, VerificationCode=code)
    assert (late.status_code, late.get_json()["code"]) == (400, 22114)


def test_a_code_and_a_status_are_not_taken_together(api):
    sid = api.create().get_json()["sid"]
    api.update(sid, Status="pending-verification", CodeEntry="api")
    answer = api.update(sid, Status="pending-verification", VerificationCode=spoken(api, sid))
    assert (answer.status_code, answer.get_json()["code"]) == (400, 20001)
    assert api.get(sid).get_json()["status"] == "pending-verification"


def test_code_entry_has_two_values(api):
    sid = api.create().get_json()["sid"]
    answer = api.update(sid, CodeEntry="mail")
    assert (answer.status_code, answer.get_json()["code"]) == (400, 20001)


def test_the_page_behind_the_highest_number_can_be_asked_for(api):
    for n in range(3):
        api.create(f"+1212456{n:04d}")
    page = api.list("?PageSize=1&Page=1000000000").get_json()
    following = api.client.get(page["meta"]["next_page_url"], headers=api.auth())
    assert following.status_code == 200
    assert following.get_json()["items"][0]["sid"] != page["items"][0]["sid"]


@pytest.mark.parametrize(
    ("status", "wished", "told"),
    [
        ("received", "verified", "allowed is pending-verification"),
        ("pending-verification", "completed", "allowed is pending-verification, for another call"),
        ("verified", "pending-loa", "Create an AuthorizationDocument with this order."),
        ("verified", "pending-verification", "Create an AuthorizationDocument with this order."),
        ("pending-loa", "verified", "Sign the letter of authorization."),
        ("action-required", "verified", "allowed is pending-verification"),
        ("completed", "received", "no status can be chosen for it. It is done."),
        ("failed", "pending-verification", "Create a new order"),
    ],
)
def test_who_asks_for_a_status_that_is_not_his_is_told_what_is(api, status, wished, told):
    sid = api.create().get_json()["sid"]
    verified = {"verified_at": 2.0} if status in ("verified", "pending-loa", "completed") else {}
    with api.house.store.write() as tx:
        order = replace(tx.orders.get(sid), status=Status(status), **verified)
        tx.orders.save(order)
    message = refused(api.update(sid, Status=wished), 400, 22112)
    assert message.startswith(f"An order that is {status} cannot be moved to {wished} by this")
    assert told in message
    assert "pending-loa" not in message.partition(": ")[2]  # that is reached by a letter
