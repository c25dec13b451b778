"""What the API, its pages and its keyed requests answer to who comes too often or twice."""

import logging
import threading
from dataclasses import replace

import pytest
import structlog

import app
from tests.conftest import count
from tests.verification.api.conftest import Api
from verification import operators
from verification.operators import Role

ORDERS = "/HostedNumbers/HostedNumberOrders"
KEYS = "/lineproof/v1/verification-documents"


def limited(api: Api, **settings: int) -> Api:
    """The same server with other limits, behind one proxy."""
    chosen = api.house.settings.model_copy(update={"trusted_proxies": 1, **settings})
    api.client = app.create_app(replace(api.house, settings=chosen), api.directory).test_client()
    return api


def came_from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def refused(answer) -> int:
    """The seconds to wait that a 429 in Twilio's shape names."""
    assert (answer.status_code, answer.get_json()["code"]) == (429, 20429)
    assert set(answer.get_json()) == {"code", "message", "more_info", "status"}
    return int(answer.headers["Retry-After"])


class TestRequests:
    def test_an_account_that_asks_too_often_is_refused_and_another_one_is_not(self, api):
        limited(api, account_requests=5)
        other = api.another("B")
        assert [api.list().status_code for _ in range(5)] == [200] * 5
        assert 0 < refused(api.create()) <= 120
        assert other.list().status_code == 200
        assert count(api.house.store, "orders") == 0

    def test_an_address_that_asks_too_often_is_refused_wherever_it_asks(self, api):
        limited(api, address_requests=3)
        for _ in range(3):
            assert api.client.get("/openapi.json", headers=came_from("192.0.2.1")).status_code < 400
        assert refused(api.client.get(ORDERS, headers=came_from("192.0.2.1")))
        problem = api.client.get(KEYS, headers=came_from("192.0.2.1"))
        assert (problem.status_code, problem.mimetype) == (429, "application/problem+json")
        assert problem.get_json()["code"] == 20429
        assert int(problem.headers["Retry-After"]) > 0
        page = api.client.get("/console", headers=came_from("192.0.2.1"))
        assert (page.status_code, page.mimetype) == (429, "text/html")
        assert "Too many requests" in page.get_data(as_text=True)
        assert int(page.headers["Retry-After"]) > 0
        assert api.client.get(ORDERS, headers=came_from("192.0.2.2")).status_code == 401

    @pytest.mark.parametrize(
        "path", ["/tw/v1/voice/x", "/healthz", "/readyz", "/static/lineproof.css"]
    )
    def test_webhooks_health_and_styles_are_not_counted(self, api, path):
        limited(api, address_requests=1)
        answers = [
            api.client.get(path, headers=came_from("192.0.2.1")).status_code for _ in range(4)
        ]
        assert 429 not in answers
        assert count(api.house.store, "counts") == 0

    def test_behind_a_proxy_that_is_not_declared_no_address_is_counted(self, api):
        limited(api, address_requests=1, trusted_proxies=0)
        behind = [api.client.get(ORDERS, headers=came_from("192.0.2.1")) for _ in range(3)]
        assert {answer.status_code for answer in behind} == {401}
        direct = [api.client.get(ORDERS).status_code for _ in range(2)]
        assert direct == [401, 429]
        outside = {"REMOTE_ADDR": "203.0.114.7"}
        lying = [
            api.client.get(ORDERS, headers=came_from(f"192.0.2.{n}"), environ_overrides=outside)
            for n in range(2)
        ]
        assert [answer.status_code for answer in lying] == [401, 429]

    def test_with_the_emulator_nothing_is_counted_unless_it_is_set(self, api):
        assert api.list().status_code == 200
        assert count(api.house.store, "counts") == 0


class TestWrongSignIns:
    def wrong(self, api, address, sid=None, token="0" * 32):
        headers = api.auth(sid, token) | came_from(address)
        return api.client.get(ORDERS, headers=headers)

    def test_after_twenty_an_address_is_shut_out_and_the_account_is_not(self, api):
        limited(api)
        assert [self.wrong(api, "192.0.2.1").status_code for _ in range(20)] == [401] * 20
        right = self.wrong(api, "192.0.2.1", token=api.token)
        assert 0 < refused(right) <= 600
        assert self.wrong(api, "192.0.2.2", token=api.token).status_code == 200

    def test_an_unknown_account_is_answered_like_a_known_one(self, api):
        limited(api, wrong_sign_ins=2)
        unknown = "AC" + "0" * 32
        answers = [
            [self.wrong(api, address, sid) for _ in range(3)]
            for address, sid in (("192.0.2.1", api.sid), ("192.0.2.2", unknown))
        ]
        known, foreign = ([(one.status_code, one.get_json()) for one in told] for told in answers)
        assert known == foreign
        assert [status for status, _ in known] == [401, 401, 429]

    def test_requests_without_credentials_are_no_guesses(self, api):
        limited(api, wrong_sign_ins=1)
        headers = came_from("192.0.2.1")
        assert {api.client.get(ORDERS, headers=headers).status_code for _ in range(3)} == {401}

    def test_the_log_names_the_account_once_and_no_address_or_token(self, api):
        limited(api, wrong_sign_ins=2)
        with structlog.testing.capture_logs() as lines:
            for _ in range(4):
                self.wrong(api, "192.0.2.1")
        told = [line for line in lines if line["event"] == "sign-ins refused"]
        assert [line["account"] for line in told] == [api.sid]
        assert "192.0.2.1" not in repr(lines)

    def test_links_into_the_console_cannot_be_tried_without_end(self, api):
        limited(api, wrong_sign_ins=2)
        with api.house.store.write() as tx:
            operators.create(tx, "ada", Role.ADMIN, 1.0)
            link = operators.new_link(tx, api.house.keyring, "ada", api.house.store.now())

        def follow(token, address):
            path = f"/console/sign-in/{token}"
            return api.client.get(path, headers=came_from(address))

        assert [follow("nothing", "192.0.2.1").status_code for _ in range(2)] == [403, 403]
        shut = follow(link, "192.0.2.1")
        assert (shut.status_code, shut.mimetype) == (429, "text/html")
        assert int(shut.headers["Retry-After"]) > 0
        assert follow(link, "192.0.2.2").status_code == 303


class TestKeyedRequests:
    def post(self, api, key="k-1", path=ORDERS, **form):
        data = {"PhoneNumber": "+19029052034", "SmsCapability": "true", **form}
        headers = api.auth() | ({"Idempotency-Key": key} if key else {})
        return api.client.post(path, data=data, headers=headers)

    def test_the_same_request_again_is_answered_byte_for_byte_and_orders_nothing(self, api):
        first, second = self.post(api), self.post(api)
        assert first.status_code == 201
        assert (second.status_code, second.data) == (201, first.data)
        assert second.content_type == first.content_type
        assert second.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        assert count(api.house.store, "orders") == 1

    def test_another_body_is_422(self, api):
        self.post(api)
        other = self.post(api, PhoneNumber="+19029052035")
        assert (other.status_code, other.get_json()["code"]) == (422, 20422)
        assert count(api.house.store, "orders") == 1

    def test_keys_belong_to_an_account_and_a_path(self, api):
        self.post(api)
        assert self.post(api.another("B"), PhoneNumber="+19029052035").status_code == 201
        path = f"/2010-04-01/Accounts/{api.sid}/OutgoingCallerIds.json"
        assert self.post(api, path=path, PhoneNumber="+12124567890").status_code == 200

    def test_a_refused_request_may_be_mended_under_its_key(self, api):
        assert self.post(api, SmsCapability="false").status_code == 400
        assert self.post(api).status_code == 201

    def test_without_a_key_the_same_request_is_a_new_one(self, api):
        self.post(api, key=None)
        assert self.post(api, key=None).get_json()["code"] == 22110

    def test_what_is_no_key_is_400(self, api):
        told = self.post(api, key="k" * 256)
        assert (told.status_code, told.get_json()["code"]) == (400, 20001)
        assert count(api.house.store, "orders") == 0

    def test_of_many_at_once_one_is_carried_out_and_the_others_are_409_or_its_answer(self, api):
        start, answers = threading.Barrier(8), []
        flask = api.client.application

        def ask():
            start.wait()
            mine = replace(api, client=flask.test_client())
            answers.append(self.post(mine))
            api.house.store.close()

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        good = [answer for answer in answers if answer.status_code == 201]
        assert len({answer.data for answer in good}) == 1
        others = [answer for answer in answers if answer not in good]
        assert {(one.status_code, one.get_json()["code"]) for one in others} <= {(409, 20409)}
        assert count(api.house.store, "orders") == 1

    def test_a_request_that_dies_after_its_change_is_not_carried_out_again(self, api):
        class Dead(Exception):
            pass

        look_up, api.directory.look_up = api.directory.look_up, _raising(Dead)
        logging.getLogger("lineproof").disabled = True
        assert self.post(api).status_code == 500
        api.directory.look_up = look_up
        again = self.post(api)
        assert (again.status_code, again.get_json()["code"]) == (409, 20409)
        assert count(api.house.store, "orders") == 1

    def test_a_token_in_an_answer_is_sealed_and_given_again(self, api):
        path = "/2010-04-01/Accounts.json"
        made = self.post(api, path=path, FriendlyName="Sub")
        token = made.get_json()["auth_token"]
        with api.house.store.read():
            assert token not in repr([*api.house.store.dump("answers")[1]])
        assert self.post(api, path=path, FriendlyName="Sub").get_json()["auth_token"] == token
        assert count(api.house.store, "accounts") == 2


def _raising(error):
    def look_up(number):
        raise error

    return look_up
