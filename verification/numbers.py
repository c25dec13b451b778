"""Which numbers may be ordered and dialled, and what kind of line they are.

An allow-list, not a deny-list: "+1" also covers the Caribbean and premium services, which look
domestic and cost dollars a minute. The same rule is asked at create and again before dialling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

# Geographic area codes in service in the fifty states and the District of Columbia, and in Canada
# (NANPA's list as carried by phonenumbers 9.0.43). Left out on purpose: every other +1 country, the
# territories, 5XX personal numbers, 600/622/633, 700, 710 and 900.
_UNITED_STATES = """
    201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 227
    228 229 231 234 235 239 240 248 251 252 253 254 256 260 262 267 269 270 272 274 276 279
    281 283 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323
    324 325 326 327 329 330 331 332 334 336 337 339 341 346 347 350 351 352 353 360 361 363
    364 369 380 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424
    425 430 432 434 435 440 442 443 445 447 448 458 463 464 469 470 472 475 478 479 480 484
    501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 531 534 539 540 541
    551 557 559 561 562 563 564 567 570 571 572 573 574 575 580 582 585 586 601 602 603 605
    606 607 608 609 610 612 614 615 616 617 618 619 620 623 626 628 629 630 631 636 640 641
    645 646 650 651 656 657 659 660 661 662 667 669 678 680 681 682 686 689 701 702 703 704
    706 707 708 712 713 714 715 716 717 718 719 720 724 725 726 727 728 730 731 732 734 737
    738 740 743 747 748 754 757 760 762 763 765 769 770 771 772 773 774 775 779 781 785 786
    801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 820 821 826 828 830 831 832
    835 838 839 840 843 845 847 848 850 854 856 857 858 859 860 862 863 864 865 870 872 878
    901 903 904 906 907 908 909 910 912 913 914 915 916 917 918 919 920 925 928 929 930 931
    934 936 937 938 940 941 943 945 947 948 949 951 952 954 956 959 970 971 972 973 975 978
    979 980 983 984 985 986 989
"""
_CANADA = """
    204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403 416 418 428 431 437
    438 450 468 474 506 514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753
    778 780 782 807 819 825 867 873 879 902 905 942
"""
UNITED_STATES = frozenset(_UNITED_STATES.split())
CANADA = frozenset(_CANADA.split())
TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})

# Exchanges that are services and not lines: information and fiction (555), pay-per-call (976), and
# the carriers' own test and access codes. N11 exchanges are refused by their shape.
SERVICE_EXCHANGES = frozenset({"555", "950", "958", "959", "976"})

_E164 = re.compile(r"\+1([2-9][0-9]{2})([2-9][0-9]{2})([0-9]{4})", re.ASCII)
_FICTIONAL = re.compile(r"\+1[2-9][0-9]{2}55501[0-9]{2}", re.ASCII)
_FOREIGN = re.compile(r"\+[2-9][0-9]{6,14}", re.ASCII)


class UnfitNumber(ValueError):
    """The text is no number that may be ordered; the message says what is allowed."""


class MalformedNumber(UnfitNumber):
    """Not in E.164 form, or not in the form of North American numbers."""


class ForeignNumber(UnfitNumber):
    """A number outside the United States and Canada (Twilio error 22103)."""


class LineType(StrEnum):
    """What kind of line a directory says a number is. ``None`` in its place: unknown."""

    LANDLINE = "landline"
    MOBILE = "mobile"
    VOIP = "voip"
    TOLL_FREE = "toll-free"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """What a directory knows of a number: its type (None: unknown) and its carrier's name."""

    type: LineType | None
    carrier: str | None


def check(text: str) -> str:
    """Return ``text`` if it is an E.164 number that may be ordered and dialled.

    Raises ForeignNumber for a number outside the US and Canada (also Caribbean +1), UnfitNumber
    for everything else that is no ordinary US or Canadian line.
    """
    if _FOREIGN.fullmatch(text):
        raise ForeignNumber("Only numbers of the United States and Canada can be hosted")
    parts = _E164.fullmatch(text)
    if parts is None:
        raise MalformedNumber(
            "The number must be in E.164 form, as in +19025550123: + and 1, then ten digits, "
            "neither the area code nor the exchange beginning with 0 or 1"
            + (" (in a form the + is written %2B)" if text.startswith(" ") else "")
        )
    area, exchange, _ = parts.groups()
    _check_area(area)
    if exchange in SERVICE_EXCHANGES or exchange.endswith("11"):
        raise UnfitNumber(f"Numbers of the exchange {exchange} are services and cannot be hosted")
    if not phonenumbers.is_valid_number(phonenumbers.parse(text)):
        raise UnfitNumber("The number is not in service in the North American Numbering Plan")
    return text


def is_fictional(number: str) -> bool:
    """Whether a number is one of +1 NPA 555-01xx, which belong to nobody."""
    return _FICTIONAL.fullmatch(number) is not None


def check_fictional(text: str) -> str:
    """Return ``text`` if it is a fictional number of the US or Canada. Raises UnfitNumber."""
    if not is_fictional(text):
        raise UnfitNumber("A test account orders only fictional numbers: +1 NPA 555-01xx")
    _check_area(text[2:5])
    return text


def read(text: str) -> str:
    """A number as people write it, such as (902) 905-2034, in E.164; what is none stays."""
    try:
        parsed = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_toll_free(number: str) -> bool:
    """Whether a checked number is toll-free (800, 833, 844, 855, 866, 877, 888)."""
    return number[2:5] in TOLL_FREE


def country(number: str) -> str:
    """The ISO country of a checked number; toll-free numbers count as US."""
    return "CA" if number[2:5] in CANADA else "US"


def spaced(number: str) -> str:
    """A checked number as people write it: (902) 905-2034."""
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"


def masked(number: str) -> str:
    """The number as a log may show it: its last four digits."""
    return f"...{number[-4:]}"


def half_hidden(number: str) -> str:
    """A North American number as its owner knows it again and nobody else learns it.

    It stands on one line: its spaces do not break.
    """
    return f"+1 {number[2:5]} ••• {number[-4:]}".replace(" ", "\u00a0")


def _check_area(area: str) -> None:
    if area in UNITED_STATES or area in CANADA or area in TOLL_FREE:
        return
    region = phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{area}2345678"))
    if region not in (None, "US", "CA"):
        raise ForeignNumber(
            f"The area code {area} is not in the United States or Canada: "
            "only numbers of these two countries can be hosted"
        )
    raise UnfitNumber(
        f"The area code {area} cannot be hosted: use a local or toll-free number "
        "of the United States or Canada"
    )
