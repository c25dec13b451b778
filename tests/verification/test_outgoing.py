"""Which URLs of customers are asked, and which addresses may be reached."""

import pytest

from verification import outgoing
from verification.outgoing import ForbiddenUrl, check_url, may_reach, networks, requested

HERE = networks("127.0.0.1/32,fd00::/8")

INSIDE = (
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:20::1", "2001:db8::1"),
    *("2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%1"),
    *("fec0::1", "ff02::1", "4000::1", "no address", ""),
)
OUTSIDE = ("8.8.8.8", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8", "2606:4700::1111")


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_not_public_cannot_be_reached(address):
    assert not may_reach(address, ())


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_can_be_reached(address):
    assert may_reach(address, ())


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "fd12::1"])
def test_an_allowed_network_can_be_reached_in_whatever_spelling(address):
    assert may_reach(address, HERE)


@pytest.mark.parametrize("address", ["127.0.0.2", "10.0.0.1", "fe80::1"])
def test_what_is_beside_an_allowed_network_cannot(address):
    assert not may_reach(address, HERE)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.1/"),
        *("http://0177.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://[::1]:8080/"),
        *("http://localhost/", "http://a.localhost./", "http://LOCALHOST:8080/"),
        *("http://169.254.169.254/latest/meta-data", "http://127.0.0.1./", "http://1.2.3/"),
        *("file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "//example.com/"),
        *("http://example.com:22/", "http://example.com:25/", "https://example.com:80/"),
        *("http://example.com:0/", "http://example.com:65536/", "http://example.com:x/"),
        *("http://user@example.com/", "http://user:pass@example.com/", "http://example.com:/"),
        *("http://example.com\\@127.0.0.1/", "http://example.com/\r\nX: y", "http://exa mple.com/"),
        *(
            "http://",
            "http:///x",
            "http://-a.com/",
            "http://a..com/",
            "http://[::1/",
            "http://%31/",
        ),
        *(
            "http://ex\u00e4mple.com/",
            "http://example.com/" + "x" * 2048,
            "http://" + "a" * 64 + "/",
        ),
    ],
)
def test_a_url_that_is_not_for_callbacks_is_refused(url):
    with pytest.raises(ForbiddenUrl):
        check_url(url, ())


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.com", "http://example.com/a?b=c#d", "https://example.com:8443/"),
        *("https://sub_domain.example.com:443/", "http://8.8.8.8:80/", "HTTPS://Example.COM/"),
        "http://[2606:4700::1111]:3000/x",
    ],
)
def test_an_ordinary_url_is_taken(url):
    assert check_url(url, ())


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000/", "http://localhost:3000/"])
def test_a_receiver_on_this_machine_is_taken_where_it_is_allowed(url):
    assert check_url(url, outgoing.LOOPBACK)


def test_what_is_requested_has_a_path_more_query_and_no_fragment():
    assert requested("https://example.com#rc=2") == "https://example.com/"
    assert requested("https://example.com/a?b=c#d", "e=f") == "https://example.com/a?b=c&e=f"
