"""Which numbers may be ordered and dialled: an allow-list of area codes, and service exchanges."""

import contextlib

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification import numbers
from verification.numbers import ForeignNumber, UnfitNumber


@pytest.mark.parametrize("number", ["+19029052034", "+12124567890", "+18002345678", "+18332345678"])
def test_local_and_toll_free_numbers_of_both_countries_are_taken(number):
    assert numbers.check(number) == number


@pytest.mark.parametrize(
    "area",
    [
        "242",
        "246",
        "264",
        "268",
        "284",
        "345",
        "441",
        "473",
        "649",
        "658",
        "664",
        "721",
        "758",
        "767",
        "784",
        "809",
        "829",
        "849",
        "868",
        "869",
        "876",
    ],
)
def test_the_caribbean_is_foreign_though_it_begins_with_plus_one(area):
    with pytest.raises(ForeignNumber):
        numbers.check(f"+1{area}2345678")


@pytest.mark.parametrize("area", ["340", "670", "671", "684", "787", "939"])
def test_territories_are_not_taken(area):
    with pytest.raises(UnfitNumber):
        numbers.check(f"+1{area}2345678")


@pytest.mark.parametrize(
    "area",
    [
        "900",
        "500",
        "521",
        "522",
        "533",
        "544",
        "566",
        "577",
        "588",
        "600",
        "622",
        "633",
        "700",
        "710",
    ],
)
def test_premium_personal_and_service_area_codes_are_not_taken(area):
    with pytest.raises(UnfitNumber, match="cannot be hosted"):
        numbers.check(f"+1{area}2345678")


@pytest.mark.parametrize(
    "exchange",
    ["976", "555", "950", "958", "959", "211", "311", "411", "511", "611", "711", "811", "911"],
)
def test_service_exchanges_are_not_taken(exchange):
    with pytest.raises(UnfitNumber, match=f"exchange {exchange}"):
        numbers.check(f"+1212{exchange}1234")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "19029052034",
        "+1902905203",
        "+190290520345",
        "+1 902 905 2034",
        "+19029052034\n",
        "+1902905203４",
        "+١٩٠٢٩٠٥٢٠٣٤",
        "tel:+19029052034",
        "+19029052034;ext=5",
        "sip:a@example.com",
        "client:bob",
        "+11029052034",
        "+19021052034",
    ],
)
def test_what_is_not_e164_is_refused_with_the_form_that_is_allowed(text):
    with pytest.raises(UnfitNumber, match=r"E\.164"):
        numbers.check(text)


@pytest.mark.parametrize("number", ["+442071838750", "+33123456789", "+525512345678"])
def test_other_countries_are_foreign(number):
    with pytest.raises(ForeignNumber, match="United States and Canada"):
        numbers.check(number)


def test_every_area_code_is_judged_and_none_outside_the_two_countries_passes():
    passed = set()
    for area in range(200, 1000):
        for exchange in ("234", "367", "589", "842"):
            number = f"+1{area}{exchange}6789"
            try:
                numbers.check(number)
            except UnfitNumber:
                continue
            passed.add(str(area))
            region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
            assert region in {"US", "CA"}, number
    assert passed == numbers.UNITED_STATES | numbers.CANADA | numbers.TOLL_FREE


def test_the_list_of_area_codes_changes_only_with_a_look_at_it():
    assert (len(numbers.UNITED_STATES), len(numbers.CANADA)) == (359, 56)


@given(st.text(max_size=20))
def test_no_text_makes_the_check_fail_otherwise_than_by_refusing(text):
    with contextlib.suppress(UnfitNumber):
        assert numbers.check(text) == text


def test_a_log_shows_the_last_four_digits_only():
    assert numbers.masked("+19029052034") == "...2034"
