"""The service address of a number: a true physical address (the FAQ), and what is none.

Post office boxes, private mail boxes and general delivery are refused as the US and Canada write
them, in English, French and Spanish; so is a postcode that is none of its state or province.
"""

from __future__ import annotations

import re

from verification.addresses import Address
from verification.postal_regions import plain, postcode_fault, region_code

# Over texts as ``plain`` writes them. What begins with ``^`` stands at the beginning of a line of
# the address. A zero is typed for the O on purpose by who knows that a box is refused.
_NUMBER = r"(?: (?:no|nr|num|number|numero|n))? \w?\d"
_REFUSED: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "a private mail box",
        (
            r"\bpmb(?:\d|\b)",
            r"\bprivate (?:mail ?)?(?:box|bag)\b",
            r"\bmail ?box" + _NUMBER,
            r"\bcmra\b",
            r"\bboites? (?:aux|a) lettres privee",
            r"\bcase privee\b",
            r"\bsac (?:postal )?prive\b",
        ),
    ),
    (
        "a post office box",
        (
            r"\bp ?[o0] ?(?:b[o0]x(?:es)?(?:\b|\d)|bx\b|drawer\b)",
            r"\bp ?[o0] ?b(?: \w?\d|\d|$)",
            r"\bpost(?:al)? (?:box|drawer)" + _NUMBER,
            r"\bpost office (?:box|drawer)",
            r"\bbox(?:\d|" + _NUMBER + ")",
            r"^drawer(?: no)? \w{1,4}\b",
            r"\b(?:c|b) ?p" + _NUMBER,
            r"\bcas(?:e|ier)s? postal",
            r"\bboites? postale",
            r"^boite" + _NUMBER,
            r"\btiroir postal",
            r"\bapartado(?: postal|" + _NUMBER + ")",
        ),
    ),
    (
        "general delivery",
        (
            r"\bgeneral delivery\b",
            r"\bgen del(?:ivery|iv|y)?\b",
            r"^gd(?: (?:stn|station|succ|rpo|lcd|bdp|\d)|$)",
            r"\bposte? restante?\b",
            r"\blivraison generale\b",
            r"\blista de correos\b",
            r"\bentrega general\b",
        ),
    ),
)
_PATTERNS = tuple((kind, re.compile("|".join(patterns), re.ASCII)) for kind, patterns in _REFUSED)


def not_physical(line: str) -> str | None:
    """Which kind of address at which nobody can be found a line holds; None: it may be a street."""
    text = plain(line)
    for kind, pattern in _PATTERNS:
        if pattern.search(text):
            return kind
    return None


def faults(address: Address) -> list[str]:
    """What keeps an address from being a service address, each by the name of its part."""
    wrong = []
    for name in ("street", "street_secondary", "city"):
        kind = not_physical(getattr(address, name) or "")
        if kind:
            wrong.append(
                f"{name.title().replace('_', '')} names {kind}: a true physical address is needed"
            )
    region = region_code(address.iso_country, address.region)
    if region is None:
        of = "state of the US" if address.iso_country == "US" else "province of Canada"
        wrong.append(f"Region must be a {of}, such as {'CA' if of[0] == 's' else 'QC'}")
    fault = postcode_fault(address.iso_country, region, address.postal_code)
    if fault:
        wrong.append(f"PostalCode {fault}")
    return wrong
