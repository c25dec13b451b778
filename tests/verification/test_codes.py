"""Security tokens, sealed values, sealed links."""

from collections import Counter

import pytest

from verification import codes
from verification.codes import Keyring, Unsealable


def test_codes_have_six_digits_and_use_all_of_them():
    drawn = [codes.new_code() for _ in range(5000)]
    assert all(len(code) == 6 and code.isdigit() for code in drawn)
    for place in range(6):
        counts = Counter(code[place] for code in drawn)
        assert set(counts) == set("0123456789")
        assert sum((n - 500) ** 2 / 500 for n in counts.values()) < 45  # chi-square, 9 degrees


def test_a_challenge_has_as_many_keys_as_are_asked_for():
    assert [len(codes.new_challenge(n, "123456")) for n in (0, 1, 2)] == [0, 1, 2]


def test_a_sealed_value_opens_only_in_its_context(keyring):
    sealed = keyring.seal("123456", "HR1")
    assert b"123456" not in sealed
    assert keyring.open(sealed, "HR1") == "123456"
    with pytest.raises(Unsealable):
        keyring.open(sealed, "HR2")


def test_one_value_is_sealed_differently_each_time(keyring):
    assert keyring.seal("123456", "HR1") != keyring.seal("123456", "HR1")


def test_a_link_opens_only_for_its_purpose(keyring):
    token = keyring.link("call-voice.v1", ["a", 1])
    assert keyring.read_link("call-voice.v1", token) == ["a", 1]
    with pytest.raises(Unsealable):
        keyring.read_link("call-status.v1", token)


def test_a_link_is_the_same_each_time_it_is_made(keyring):
    assert keyring.link("p", ["a"]) == keyring.link("p", ["a"])


@pytest.mark.parametrize("token", ["", "x", ".", "a.b", "é", "a" * 100_000, "WyJhIl0.x"])
def test_no_made_up_token_opens(keyring, token):
    with pytest.raises(Unsealable):
        keyring.read_link("p", token)


def test_an_old_root_opens_what_it_sealed_while_the_new_one_seals():
    old, new = b"o" * 32, b"n" * 32
    sealed, token = Keyring([old]).seal("x", "c"), Keyring([old]).link("p", ["x"])
    both = Keyring([old, new])
    assert both.open(sealed, "c") == "x"
    assert both.read_link("p", token) == ["x"]
    assert Keyring([new]).open(both.seal("y", "c"), "c") == "y"
    with pytest.raises(Unsealable):
        Keyring([new]).open(sealed, "c")


def test_short_roots_are_refused():
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Keyring([b"short"])


def test_secrets_are_compared_whatever_they_contain():
    assert codes.same("123456", "123456")
    assert not codes.same("１２３４５６", "123456")
