"""Is this request really Twilio's? Twilio's vectors, its SDK as the oracle, never an exception."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from twiml.emulator import signing
from twiml.signature import is_genuine, requested_url, sign

# The test vectors of Twilio's SDKs.
TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}
SIGNATURE = "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def called_by(number: str) -> dict[str, str]:
    return {**FORM, "Caller": number, "From": number}


VECTORS = [
    (URL, FORM, SIGNATURE),
    (URL, called_by("+14158675309"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (
        "https://example.com/myapp.php?foo=1&bar=2",
        called_by("+14158675310"),
        "L/OH5YylLD5NRKLltdqwSvS0BnU=",
    ),
    (URL, {}, "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
]

texts = st.text(max_size=40)
names = st.text(min_size=1, max_size=20) | st.sampled_from(sorted(FORM))
forms = st.dictionaries(names, texts | st.sampled_from(sorted(FORM.values())), max_size=12)
tokens = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=40)
# Targets that the SDK, which takes URLs apart and puts them together again, leaves as they are.
segments = st.text("abcXYZ019-._~%", min_size=1, max_size=30)
targets = st.builds(
    lambda path, query: "/" + "/".join(path) + query,
    st.lists(segments, max_size=4),
    st.just("") | segments.map("?{}".format),
)
bases = st.sampled_from(["https://lineproof.example", "http://lineproof.example", "http://h"])
anything = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates too


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS)
def test_the_vectors_of_twilios_sdks_are_signed_and_accepted(url, form, signature):
    assert sign(url, form, TOKEN) == signature
    assert is_genuine(url, form, [signature], [TOKEN])


@given(url=texts, form=forms, token=tokens)
@settings(max_examples=600, deadline=None)
def test_a_signature_is_the_one_that_twilios_sdk_computes(url, form, token):
    assert sign(url, form, token) == RequestValidator(token).compute_signature(url, form)


@given(base=bases, target=targets, form=forms, token=tokens, data=st.data())
@settings(max_examples=600, deadline=None)
def test_a_request_is_judged_as_twilios_sdk_judges_it(base, target, form, token, data):
    url = requested_url(base, target)
    right = sign(url, form, token)
    others = [sign(url + "/", form, token), sign(url, form, token + "x"), right[:-1], "", "é"]
    given_signature = data.draw(st.sampled_from([right, right, *others]) | texts)

    judged = is_genuine(url, form, [given_signature], [token])

    assert judged == RequestValidator(token).validate(url, form, given_signature)
    assert judged == (given_signature == right)


@given(form=forms.filter(bool), data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_value_that_is_not_the_signed_one_is_refused(form, data):
    name = data.draw(st.sampled_from(sorted(form)))
    value = data.draw(texts.filter(lambda text: text != form[name]))

    changed = {**form, name: value}

    assert not is_genuine(URL, changed, [sign(URL, form, TOKEN)], [TOKEN])


@given(
    base=bases,
    target=anything,
    form=st.dictionaries(anything, anything, max_size=4),
    signatures=st.lists(anything, max_size=3),
    auth_tokens=st.lists(anything, max_size=3),
)
@settings(max_examples=500, deadline=None)
@example(base="http://h", target="\udcff", form={}, signatures=["x"], auth_tokens=[TOKEN])
@example(base="http://h", target="/", form={"\udcff": ""}, signatures=["x"], auth_tokens=[TOKEN])
@example(base="http://h", target="/", form={}, signatures=["\udcff"], auth_tokens=[TOKEN])
@example(base="http://h", target="/", form={}, signatures=["é"], auth_tokens=["é", "\udcff"])
def test_nothing_that_can_be_sent_raises_an_exception(base, target, form, signatures, auth_tokens):
    assert not is_genuine(requested_url(base, target), form, signatures, auth_tokens)


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [""],
        [" "],
        ["é" * 28],
        ["\udcff" + SIGNATURE[1:]],
        [SIGNATURE, SIGNATURE],
        [f"{SIGNATURE},{SIGNATURE}"],
        [SIGNATURE, ""],
        [f" {SIGNATURE}"],
        [f"{SIGNATURE}\n"],
        [SIGNATURE.rstrip("=")],
        [SIGNATURE + "="],
        [SIGNATURE.lower()],
        [SIGNATURE.replace("/", "_")],
        [SIGNATURE[:-2] + "R="],
        [SIGNATURE * 40_000],
        [base64.b64decode(SIGNATURE).hex()],
    ],
    ids=[
        *("missing", "empty", "a space", "not ASCII", "a lone surrogate", "twice", "two in one"),
        *("right and empty", "white space before", "a line's end", "no padding", "more padding"),
        *("small letters", "URL-safe", "spare bits set", "a megabyte", "hexadecimal"),
    ],
)
def test_a_header_that_is_not_exactly_the_one_signature_is_refused(signatures):
    assert is_genuine(URL, FORM, [SIGNATURE], [TOKEN])
    assert is_genuine(URL, FORM, signatures, [TOKEN]) is False


def test_spare_bits_set_are_the_same_bytes_in_another_spelling():
    """What makes the case above worth its line: a verifier that decodes first would accept it."""
    assert base64.b64decode(SIGNATURE[:-2] + "R=") == base64.b64decode(SIGNATURE)


def test_a_sha256_signature_is_refused_whatever_the_header_beside_it_says():
    text = URL + "".join(name + FORM[name] for name in sorted(FORM))
    sha256 = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha256")).decode()

    assert RequestValidator(TOKEN).validate(URL, FORM, sha256, "HMAC_SHA256")
    assert not is_genuine(URL, FORM, [sha256], [TOKEN])


def test_a_json_body_that_is_vouched_for_by_its_hash_in_the_url_is_no_form():
    body = '{"CallSid":"CA1234567890ABCDE"}'
    url = f"{URL}&bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = sign(url, {}, TOKEN)

    assert RequestValidator(TOKEN).validate(url, body, signature)
    assert not is_genuine(url, {body: ""}, [signature], [TOKEN])


def test_while_a_token_is_replaced_the_old_and_the_new_one_sign():
    assert is_genuine(URL, FORM, [SIGNATURE], ["the next token", TOKEN])
    assert is_genuine(URL, FORM, [SIGNATURE], (token for token in [TOKEN, "the next token"]))
    assert not is_genuine(URL, FORM, [SIGNATURE], ["the next token"])
    assert not is_genuine(URL, FORM, [SIGNATURE], [])


def test_the_order_of_the_parameters_does_not_matter_but_their_case_does():
    backwards = dict(reversed(FORM.items()))
    small = {name.lower(): value for name, value in FORM.items()}

    assert is_genuine(URL, backwards, [SIGNATURE], [TOKEN])
    assert not is_genuine(URL, small, [SIGNATURE], [TOKEN])


def test_capitals_are_signed_before_small_letters():
    assert sign("u", {"b": "1", "B": "2", "a": "3"}, TOKEN) == sign("uB2a3b1", {}, TOKEN)


# Which URL was signed: the configured base, without its port over https, and the target as sent.


@pytest.mark.parametrize(
    ("base", "signed"),
    [
        ("https://lineproof.example", "https://lineproof.example"),
        ("https://lineproof.example:443", "https://lineproof.example"),
        ("https://lineproof.example:8443", "https://lineproof.example"),
        ("http://lineproof.example", "http://lineproof.example"),
        ("http://lineproof.example:80", "http://lineproof.example:80"),
        ("http://lineproof.example:8000", "http://lineproof.example:8000"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://192.0.2.1:8443", "https://192.0.2.1"),
    ],
)
def test_over_https_the_port_is_left_out_and_over_http_it_is_kept(base, signed):
    assert requested_url(base, "/tw/v1/voice/x") == f"{signed}/tw/v1/voice/x"
    assert signing.signed_url(f"{base}/tw/v1/voice/x") == f"{signed}/tw/v1/voice/x"


@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_twilios_sdk_accepts_what_is_signed_for_any_port_over_https(port):
    base = f"https://lineproof.example{port}"
    signature = sign(requested_url(base, "/x"), FORM, TOKEN)

    assert RequestValidator(TOKEN).validate(f"{base}/x", FORM, signature)


SENT = "/tw/v1/voice/a~b"


@pytest.mark.parametrize(
    "target",
    [
        "/tw/v1/voice/a%7Eb",
        "/tw/v1/voice/a%7eb",
        "/tw/v1/voice/A~b",
        "/tw/v1/voice/a~b/",
        "/tw/v1/voice/a~b?",
        "/tw/v1/voice/a~b?x=1",
        "/tw/v1/voice/a~b#",
        "//tw/v1/voice/a~b",
        "/tw/v1//voice/a~b",
        "/tw/v1/./voice/a~b",
        "/tw/v1/x/../voice/a~b",
        "tw/v1/voice/a~b",
        "https://lineproof.example/tw/v1/voice/a~b",
        "",
    ],
)
def test_another_spelling_of_the_target_is_another_url(target):
    signature = sign(requested_url("https://lineproof.example", SENT), FORM, TOKEN)
    other = requested_url("https://lineproof.example", target)

    assert not is_genuine(other, FORM, [signature], [TOKEN])


@pytest.mark.parametrize(
    "base",
    [
        *("http://lineproof.example", "https://www.lineproof.example", "https://other.example"),
        *("https://LINEPROOF.example", "https://lineproof.example."),
    ],
)
def test_a_signature_for_another_base_is_refused(base):
    signature = sign(requested_url(base, SENT), FORM, TOKEN)
    ours = requested_url("https://lineproof.example", SENT)

    assert not is_genuine(ours, FORM, [signature], [TOKEN])
