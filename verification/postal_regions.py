"""The states and provinces, by what people write for them, and the postcodes of each.

The US: the first three digits of a ZIP code name a sectional centre of one state (USPS Publication
65). Canada: the first letter of a postal code names a province or a part of one (Canada Post).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?", re.ASCII)
_CANADIAN = re.compile(r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] ?-?[0-9][ABCEGHJ-NPRSTV-Z][0-9]")

# Code, further names, the ranges of the first three digits.
_STATES: tuple[tuple[str, str, str], ...] = (
    ("AL", "Alabama", "350-369"),
    ("AK", "Alaska", "995-999"),
    ("AS", "American Samoa", "967"),
    ("AZ", "Arizona", "850-865"),
    ("AR", "Arkansas", "716-729 755"),
    ("CA", "California", "900-961"),
    ("CO", "Colorado", "800-816"),
    ("CT", "Connecticut", "060-069"),
    ("DE", "Delaware", "197-199"),
    ("DC", "District of Columbia", "200-205 569"),
    ("FL", "Florida", "320-339 341-349"),
    ("GA", "Georgia", "300-319 398-399"),
    ("GU", "Guam", "969"),
    ("HI", "Hawaii", "967-968"),
    ("ID", "Idaho", "832-838"),
    ("IL", "Illinois", "600-629"),
    ("IN", "Indiana", "460-479"),
    ("IA", "Iowa", "500-528"),
    ("KS", "Kansas", "660-679"),
    ("KY", "Kentucky", "400-427"),
    ("LA", "Louisiana", "700-714"),
    ("ME", "Maine", "039-049"),
    ("MD", "Maryland", "206-219"),
    ("MA", "Massachusetts", "010-027 055"),
    ("MI", "Michigan", "480-499"),
    ("MN", "Minnesota", "550-567"),
    ("MS", "Mississippi", "386-397"),
    ("MO", "Missouri", "630-658"),
    ("MT", "Montana", "590-599"),
    ("MP", "Northern Mariana Islands", "969"),
    ("NE", "Nebraska", "680-693"),
    ("NV", "Nevada", "889-898"),
    ("NH", "New Hampshire", "030-038"),
    ("NJ", "New Jersey", "070-089"),
    ("NM", "New Mexico", "870-884"),
    ("NY", "New York", "005 063 100-149"),
    ("NC", "North Carolina", "270-289"),
    ("ND", "North Dakota", "580-588"),
    ("OH", "Ohio", "430-459"),
    ("OK", "Oklahoma", "730-732 734-749"),
    ("OR", "Oregon", "970-979"),
    ("PA", "Pennsylvania", "150-196"),
    ("PR", "Puerto Rico", "006-007 009"),
    ("RI", "Rhode Island", "028-029"),
    ("SC", "South Carolina", "290-299"),
    ("SD", "South Dakota", "570-577"),
    ("TN", "Tennessee", "370-385"),
    ("TX", "Texas", "733 750-799 885"),
    ("UT", "Utah", "840-847"),
    ("VT", "Vermont", "050-054 056-059"),
    ("VA", "Virginia", "201 220-246"),
    ("VI", "Virgin Islands", "008"),
    ("WA", "Washington", "980-994"),
    ("WV", "West Virginia", "247-268"),
    ("WI", "Wisconsin", "530-549"),
    ("WY", "Wyoming", "820-831 834"),
)
# Code, further names, the first letters. K1A is the government's, on both banks of the Ottawa.
_PROVINCES: tuple[tuple[str, str, str], ...] = (
    ("AB", "Alberta", "T"),
    ("BC", "British Columbia|Colombie-Britannique", "V"),
    ("MB", "Manitoba", "R"),
    ("NB", "New Brunswick|Nouveau-Brunswick", "E"),
    (
        "NL",
        "Newfoundland and Labrador|Newfoundland|Labrador|Terre-Neuve-et-Labrador|Terre-Neuve|NF",
        "A",
    ),
    ("NS", "Nova Scotia|Nouvelle-Écosse|NE", "B"),
    ("NT", "Northwest Territories|Territoires du Nord-Ouest|TNO|NWT", "X0E X0G X1A"),
    ("NU", "Nunavut", "X0A X0B X0C"),
    ("ON", "Ontario", "K L M N P"),
    ("PE", "Prince Edward Island|Île-du-Prince-Édouard|PEI|IPE", "C"),
    ("QC", "Quebec|Québec|PQ|Que", "G H J K1A"),
    ("SK", "Saskatchewan", "S"),
    ("YT", "Yukon|Yukon Territory|YK", "Y"),
)


def plain(text: str) -> str:
    """A text for comparing: small letters without accents, everything else one space."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", bare.casefold()).split())


def _names(rows: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    return {_key(name): code for code, names, _ in rows for name in (code, *names.split("|"))}


def _key(name: str) -> str:
    return plain(name).replace(" ", "")


def _zips() -> dict[str, frozenset[str]]:
    found = {}
    for code, _, ranges in _STATES:
        threes: set[str] = set()
        for one in ranges.split():
            first, _, last = one.partition("-")
            threes.update(f"{n:03d}" for n in range(int(first), int(last or first) + 1))
        found[code] = frozenset(threes)
    return found


_NAMES: Mapping[str, Mapping[str, str]] = {"US": _names(_STATES), "CA": _names(_PROVINCES)}
_ZIPS = _zips()
_LETTERS = {code: tuple(starts.split()) for code, _, starts in _PROVINCES}


def region_code(country: str, region: str) -> str | None:
    """The two letters of a state (US) or province (CA), by its code or name; None for neither."""
    return _NAMES.get(country, {}).get(_key(region))


def postcode_fault(country: str, region: str | None, postcode: str) -> str | None:
    """What is wrong with a postcode of a country and (if it is known) region; None: nothing is."""
    text = postcode.strip().upper()
    if country == "US":
        if not _ZIP.fullmatch(text):
            return "must be a ZIP code of five or nine digits, as in 94105 or 94105-1804"
        fits = region is None or text[:3] in _ZIPS[region]
    else:
        if not _CANADIAN.fullmatch(text):
            return "must be a Canadian postal code, as in B3J 1A1"
        fits = region is None or text.startswith(_LETTERS[region])
    return None if fits else f"is no postcode of {region}"
