"""Time zones: which one a number is at home in, and which moment a clock's time is."""

from datetime import UTC, datetime

import pytest

from verification import zones
from verification.console.owner_texts import ZONES, wait, when
from verification.zones import LeftOut, NoSuchTime


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+19029052034", "America/Halifax"),
        ("+12125550123", "America/New_York"),
        ("+13065550123", "America/Regina"),
        ("+16025550123", "America/Phoenix"),
        ("+17095550123", "America/St_Johns"),
        ("+19075550123", "America/Anchorage"),
        ("+18005550123", "America/New_York"),
    ],
)
def test_a_number_is_at_home_where_its_area_code_is(number, zone):
    assert zones.of_number(number) == zone


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-12-01T14:30", "America/Halifax", "2026-12-01T18:30"),
        ("2026-07-01T14:30", "America/Halifax", "2026-07-01T17:30"),
        ("2026-07-01T14:30", "America/Phoenix", "2026-07-01T21:30"),
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),
        ("2026-12-01T14:30:59", "UTC", "2026-12-01T14:30"),
    ],
)
def test_a_clocks_time_is_one_moment(text, zone, utc):
    expected = datetime.strptime(utc, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC).timestamp()
    assert zones.moment(text, zone) == expected
    assert zones.form(zones.local(expected, zone)) == text[:16]


def test_an_hour_that_the_spring_leaves_out_is_no_time():
    with pytest.raises(LeftOut):
        zones.moment("2026-03-08T02:30", "America/New_York")
    assert zones.moment("2026-03-08T02:30", "America/Phoenix")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        *[(t, "UTC") for t in ("", "tomorrow", "2026-02-30T10:00", "9999-99-99T99:99", "٢٠٢٦")],
        ("2026-12-01T14:30", "Europe/Berlin"),
        ("2026-12-01T14:30", "../../etc/passwd"),
        ("0001-01-01T00:00", "America/Halifax"),
    ],
)
def test_what_is_no_time_of_a_zone_in_the_list_is_refused(text, zone):
    if text.startswith("0001"):
        assert zones.moment(text, zone) < 0
    else:
        with pytest.raises(NoSuchTime):
            zones.moment(text, zone)


def test_every_zone_has_a_name_in_every_language():
    for name in zones.names():
        assert set(ZONES[name]) == {"en", "fr", "es"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tuesday, December 1, at 2:05 PM"),
        ("fr", "le mardi 1er décembre à 14 h 05"),
        ("es", "el martes 1 de diciembre a las 14:05"),
    ],
)
def test_a_time_is_said_as_people_say_it(language, said):
    assert when(datetime(2026, 12, 1, 14, 5, tzinfo=UTC), language) == said
    assert [wait(s) for s in (1, 3540, 3600, 7800)] == [
        "1 min",
        "59 min",
        "1 h 0 min",
        "2 h 10 min",
    ]
