"""Outgoing HTTP: whatever a receiver answers and wherever its name leads, no harm is done."""

import datetime
import resource
import socket
import ssl
import time
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import receivers
from tests.receivers import Receiver
from verification.adapters.http import Http, trust
from verification.outgoing import LOOPBACK, Answer, Request

SHORT = 0.4


@pytest.fixture
def http():
    return Http(LOOPBACK, total_seconds=SHORT, connect_seconds=SHORT)


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


def get(url, **options):
    return Request("GET", url, **options)


def test_a_form_arrives_as_it_was_made(http, receiver):
    body = b"Status=verified&PhoneNumber=%2B19029052034"
    sent = Request("POST", receiver.url + "?a=%2f..", {"X-Mine": "yes"}, body, 64)
    answer = http.send(sent)
    assert (answer.status, answer.body, answer.whole, answer.error) == (200, b"ok", True, None)
    (asked,) = receiver.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/hook?a=%2f..", body)
    assert asked.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert asked.headers["x-mine"] == "yes"
    assert asked.headers["accept-encoding"] == "identity"


def test_of_an_answer_only_what_is_wanted_is_kept(http, receiver):
    receiver.behave = receivers.answers(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a/>" * 2
    )
    answer = http.send(get(receiver.url, wanted_bytes=4))
    assert (answer.body, answer.whole, answer.content_type) == (b"<a/>", False, "text/xml")


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(http, receiver, number):
    with Receiver() as inside:
        receiver.behave = receivers.status(number, f"Location: {inside.url}")
        assert http.send(get(receiver.url)).status == number
        assert inside.connections == 0


@pytest.mark.parametrize("behave", [receivers.hangs, receivers.drips])
def test_a_receiver_has_a_time_for_all_of_its_answer(http, receiver, behave):
    receiver.behave = behave
    began = time.monotonic()
    assert http.send(get(receiver.url)) == Answer(error="timed out")
    assert time.monotonic() - began < 10 * SHORT


def test_ten_gigabytes_are_not_read(http, receiver):
    receiver.behave = receivers.is_huge
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = http.send(get(receiver.url, wanted_bytes=65536))
    assert (answer.status, len(answer.body), answer.whole) == (200, 65536, False)
    assert receiver.sent < 64 * 2**20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


def test_what_is_packed_is_not_unpacked(http, receiver):
    receiver.behave = receivers.is_a_bomb
    answer = http.send(get(receiver.url, wanted_bytes=65536))
    assert (answer.status, answer.body[:2]) == (200, b"\x1f\x8b")
    assert len(answer.body) <= 65536


def test_a_body_that_never_ends_does_not_take_the_status_back(http, receiver):
    receiver.behave = receivers.answers(b"HTTP/1.1 204 OK\r\n\r\n")
    assert http.send(get(receiver.url)).status == 204

    def stalls(connection, asked, self):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        receivers.hangs(connection, asked, self)

    receiver.behave = stalls
    answer = http.send(get(receiver.url, wanted_bytes=100))
    assert (answer.status, answer.body, answer.whole) == (200, b"abc", False)


def test_a_receiver_that_dies_is_said_to_have_cut_the_connection(http, receiver):
    receiver.behave = receivers.dies
    assert http.send(get(receiver.url)).status is None
    assert http.send(get(receiver.url)).error


@pytest.mark.parametrize(
    "nonsense",
    [
        *(b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 99999 Big\r\n\r\n", b""),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_http_is_an_error_and_not_an_exception(http, receiver, nonsense):
    receiver.behave = receivers.answers(nonsense)
    answer = http.send(get(receiver.url))
    assert (answer.status is None) == bool(answer.error)
    assert answer.status is None


def test_a_closed_port_is_said_to_be_closed(http):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert http.send(get(f"http://127.0.0.1:{port}/")) == Answer(error="connection refused")


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433"),
        *("0x7f.1", "0177.0.0.1", "0.0.0.0", "127.0.0.1.", "[::127.0.0.1]"),
    ],
)
def test_what_is_on_this_machine_gets_no_connection_in_whatever_spelling(receiver, host):
    answer = Http().send(get(f"http://{host}:{receiver.port}/"))
    assert answer.forbidden
    assert "private" in (answer.error or "") or "usual form" in (answer.error or "")
    assert receiver.connections == 0


class Names:
    """A name server: each look-up of a name takes the next of its answers."""

    def __init__(self, monkeypatch, *answers):
        self.answers, self.lookups = list(answers), 0
        self.dialled: list[str] = []
        self._connect = socket.socket.connect
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)
        names = self

        class Watched(socket.socket):
            def connect(self, address):
                names.dialled.append(address[0])
                raise ConnectionRefusedError(111, "Connection refused")

        monkeypatch.setattr(socket, "socket", Watched)

    def _look_up(self, host, port, *_, **__):
        self.lookups += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (families[ip_address(one).version], socket.SOCK_STREAM, 6, "", (one, port))
            for one in found
        ]


def test_a_name_that_leads_inside_gets_not_even_a_syn(monkeypatch):
    names = Names(monkeypatch, ["10.0.0.1", "fd00::1", "169.254.169.254"])
    answer = Http().send(get("http://metadata.example.com/"))
    assert answer == Answer(error="the URL leads to a private or reserved address", forbidden=True)
    assert names.dialled == []


def test_a_name_that_changes_between_check_and_connection_changes_nothing(monkeypatch):
    names = Names(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    Http().send(get("http://rebinding.example.com/"))
    assert (names.lookups, names.dialled) == (1, ["8.8.8.8"])


def test_of_several_addresses_only_the_public_ones_are_tried(monkeypatch):
    names = Names(monkeypatch, ["127.0.0.1", "8.8.8.8", "10.0.0.1", "2606:4700::1111"])
    assert Http().send(get("http://mixed.example.com/")).error == "connection refused"
    assert names.dialled == ["8.8.8.8", "2606:4700::1111"]


def test_a_name_that_is_unknown_is_said_to_be(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    answer = Http().send(get("http://nowhere.example.com/"))
    assert answer == Answer(error="the host's name cannot be looked up")


def test_no_proxy_and_no_password_of_the_environment_is_used(http, receiver, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with Receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert http.send(get(receiver.url)).status == 200
        assert proxy.connections == 0
    assert "authorization" not in receiver.asked[0].headers


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 120", 120.0),
        ("Retry-After: 99999999999999999999", 999999999999.0),
        ("Retry-After: soon", None),
        ("X: y", None),
        (
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT",
            60.0,
        ),
    ],
)
def test_a_receivers_wish_is_read_in_seconds(http, receiver, header, seconds):
    receiver.behave = receivers.status(503, header)
    assert http.send(get(receiver.url)).retry_after == seconds


def certificate(folder, name):
    """A self-signed certificate for a name and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def secure(tmp_path, receiver):
    """A receiver over TLS, and the file of its certificate, which is for ``localhost``."""
    file = certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    receiver.wrap = lambda connection: context.wrap_socket(connection, server_side=True)
    return file


def test_over_tls_the_certificate_must_be_trusted_and_of_the_name(http, receiver, secure):
    url = f"https://localhost:{receiver.port}/"
    assert http.send(get(url)) == Answer(error="TLS: CERTIFICATE_VERIFY_FAILED")
    assert receiver.asked == []

    context = trust()
    context.load_verify_locations(secure)
    trusting = Http(LOOPBACK, total_seconds=5.0, context=context)
    assert trusting.send(get(url)).status == 200
    assert trusting.send(get(f"https://127.0.0.1:{receiver.port}/")).status is None


def test_a_handshake_that_never_ends_is_cut_off(http, receiver):
    def mute(connection):
        receiver.closing.wait(10)
        raise OSError

    receiver.wrap = mute
    assert http.send(get(f"https://localhost:{receiver.port}/")).error == "timed out"
