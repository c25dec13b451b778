"""The SDK's HTTP client that ships with Lineproof: only the host changes."""

import pytest
from pytest_httpserver import HTTPServer
from twilio.rest import Client

from twiml.client import HttpClient

SID = "AC" + "0" * 32


def asked(server: HTTPServer) -> list[tuple[str, str]]:
    return [(request.method, request.full_path) for request, _ in server.log]


def test_every_host_of_twilio_is_changed_and_path_and_query_stay(httpserver):
    httpserver.expect_request("/v2/PhoneNumbers/+19029052034").respond_with_json({})
    client = Client(SID, "token", http_client=HttpClient(httpserver.url_for("").rstrip("/")))
    for host in ("api", "preview", "numbers", "lookups", "api.dublin.ie1", "any"):
        response = client.request(
            "GET", f"https://{host}.twilio.com/v2/PhoneNumbers/+19029052034?Fields=x%20y"
        )
        assert response.status_code == 200
    assert asked(httpserver) == [("GET", "/v2/PhoneNumbers/+19029052034?Fields=x%20y")] * 6


def test_the_sdk_signs_in_and_sends_its_form(httpserver):
    httpserver.expect_request("/HostedNumbers/HostedNumberOrders").respond_with_json(
        {"sid": "HR"}, 201
    )
    client = Client(SID, "token", http_client=HttpClient(httpserver.url_for("/")))
    orders = client.preview.hosted_numbers.hosted_number_orders
    made = orders.create(phone_number="+19029052034", sms_capability=True, cc_emails=["a", "b"])
    assert made.sid == "HR"
    (request, _) = httpserver.log[0]
    assert request.authorization is not None
    assert (request.authorization.username, request.authorization.password) == (SID, "token")
    assert request.form.getlist("CcEmails") == ["a", "b"]


def test_a_server_below_a_path_is_asked_below_it(httpserver):
    httpserver.expect_request("/voice/2010-04-01/Accounts.json").respond_with_json(
        {"accounts": [], "next_page_uri": None}
    )
    client = Client(SID, "token", http_client=HttpClient(httpserver.url_for("/voice/")))
    assert client.api.accounts.list() == []


def test_what_is_no_host_of_twilio_is_asked_where_it_is(httpserver):
    httpserver.expect_request("/next").respond_with_data("here")
    elsewhere = HttpClient("http://127.0.0.1:9/")
    url = httpserver.url_for("/next")
    assert elsewhere.request("GET", url).text == "here"
    assert elsewhere.request("GET", url.replace("localhost", "127.0.0.1")).text == "here"


@pytest.mark.parametrize("host", ["twilio.com.example.org", "nottwilio.com"])
def test_a_host_that_only_looks_like_twilios_is_left(host, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "twilio.http.http_client.TwilioHttpClient.request",
        lambda self, method, url, *args, **kwargs: seen.append(url),
    )
    HttpClient("http://127.0.0.1:9").request("GET", f"https://{host}/x")
    assert seen == [f"https://{host}/x"]


def test_no_proxy_leads_to_this_machine(httpserver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    httpserver.expect_request("/x").respond_with_data("here")
    client = HttpClient(httpserver.url_for(""))
    assert client.request("GET", "https://api.twilio.com/x").text == "here"


def test_without_a_base_url_it_is_the_sdks_own_client():
    client = HttpClient(timeout=3.5)
    assert client.timeout == 3.5
    assert not client.proxy
