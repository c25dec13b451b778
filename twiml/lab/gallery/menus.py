"""The list of the gallery: each menu with an extension that is tested to reach its person."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Menu(NamedTuple):
    """One menu: its name, where it lies, what is odd about it, and a way that works."""

    name: str
    path: Path
    about: str
    extension: str
    reaches: str


MENUS = tuple(
    Menu(name, HERE / file, about, extension, reaches)
    for name, file, about, extension, reaches in (
        (
            *("dentist", "dentist.vxml", "one level, barge-in; another greeting at night"),
            *("ww0", "+12025550140"),
        ),
        (
            *("bank", "bank.vxml", "a warning nobody can skip, then an account number and #"),
            *("WWWWWWWWWw123456#WWW0", "+12025550150"),
        ),
        (
            *("airline", "airline.vxml", "three levels of long prompts, all with barge-in"),
            *("ww2w1w9", "+12025550160"),
        ),
        (
            *("utility", "utility", "a choice of language before everything else"),
            *("ww1WWW3", "+12025550120"),
        ),
        (
            *("hospital", "hospital.vxml", "dial the extension at any time"),
            *("WW4417", "+12025550172"),
        ),
        (
            *("law-office", "law-office.vxml", "a long disclaimer without barge-in"),
            *("WWWWWWWWWWWWWWWWWWWW8", "+12025550180"),
        ),
        (
            *("town-hall", "town-hall.vxml", "2 and 21 are both choices: timers decide"),
            *("WW2#", "+12025550192"),
        ),
        (
            *("pharmacy", "pharmacy.vxml", "a second between two digits, no more"),
            *("WW2", "+12025550130"),
        ),
        (
            *("queue", "queue", "hold music; a key leaves the queue"),
            *("WWWW1", "+12025550110"),
        ),
        (
            *("school", "school", "a message that grows in winter, then a room and #"),
            *("WWWWWWWW118#", "+12025550118"),
        ),
    )
)


def menu(name: str) -> Menu | None:
    """Return the menu of a name."""
    return next((one for one in MENUS if one.name == name), None)
