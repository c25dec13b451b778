"""Ten IVRs whose timings were worked out by hand, in four readings of the unknowns, to the ms.

Readings: A is 250 ms tones and a w that adds to the gap of 70 ms, B replaces it; C and D are the
same with tones of 100 ms. Playing begins 150 ms after the answer. Moments count from the answer.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from twiml.lab import Unknowns, open_model, try_extension

A = Unknowns(tone=250, gap=70, waits_add=True, answer_delay=150)
B = Unknowns(tone=250, gap=70, waits_add=False, answer_delay=150)
C = Unknowns(tone=100, gap=70, waits_add=True, answer_delay=150)
D = Unknowns(tone=100, gap=70, waits_add=False, answer_delay=150)
READINGS = {"A": A, "B": B, "C": C, "D": D}

Row = list[tuple[int, int, int]]  # of each key: its onset, how much earlier and later it may come


class Ivr(NamedTuple):
    """Documents by name, an extension, and what was worked out for each reading."""

    documents: dict[str, str]
    extension: str
    expected: dict[str, Row]


def alike(row: Row) -> dict[str, Row]:
    """One key after waits: no tone and no gap comes before it, so all readings agree."""
    return dict.fromkeys(READINGS, row)


def vxml(*parts: str) -> dict[str, str]:
    end = '<form id="end"><transfer name="t" dest="tel:+12025550100"/></form>'
    return {"ivr.vxml": f'<vxml version="2.1">{"".join(parts)}{end}</vxml>'}


def silence(ms: int, bargein: str = "true") -> str:
    return f'<prompt bargein="{bargein}"><break time="{ms}ms"/></prompt>'


def twiml(**documents: str) -> dict[str, str]:
    made = {f"{name}.xml": f"<Response>{body}</Response>" for name, body in documents.items()}
    return {"to.xml": "<Response><Dial>+12025550100</Dial></Response>", **made}


GIVE_UP = "<noinput><disconnect/></noinput>"
FIVE = '<property name="timeout" value="5s"/>'

IVRS = {
    # Listens from 0 to 3 s of prompt + 5 s. The key is at 150 + 2 x 500.
    "a menu that listens at once": Ivr(
        vxml(f'<menu>{FIVE}{silence(3000)}<choice dtmf="1" next="#end"/>{GIVE_UP}</menu>'),
        "ww1",
        alike([(1150, 1000, 8000 - 1 - 1150)]),
    ),
    # The Hosted Numbers FAQ's own string. The first menu listens from 1.5 to 6.5 s, the others at
    # once and, as they repeat themselves, for longer than is tried.
    "three levels": Ivr(
        vxml(
            f'<menu>{FIVE}{silence(1500, "false")}<choice dtmf="2" next="#b"/>',
            '<noinput count="2"><disconnect/></noinput></menu>',
            f'<menu id="b">{silence(2500)}<choice dtmf="5" next="#c"/></menu>',
            f'<menu id="c">{silence(2500)}<choice dtmf="9" next="#end"/></menu>',
        ),
        "wwww2wwwwww5wwwwww9",
        {
            "A": [(2150, 650, 4349), (5470, 3000, 30_000), (8790, 3000, 30_000)],
            "B": [(2150, 650, 4349), (5400, 2930, 30_000), (8650, 2930, 30_000)],
            "C": [(2150, 650, 4349), (5320, 3000, 30_000), (8490, 3000, 30_000)],
            "D": [(2150, 650, 4349), (5250, 2930, 30_000), (8350, 2930, 30_000)],
        },
    ),
    # Deaf for 4 s, then listens for 3 s.
    "a greeting that nobody can skip": Ivr(
        vxml(
            '<menu><property name="timeout" value="3s"/>',
            f'{silence(4000, "false")}<choice dtmf="5" next="#end"/>{GIVE_UP}</menu>',
        ),
        "WWWW5",
        alike([(4150, 150, 7000 - 1 - 4150)]),
    ),
    # Deaf for 1 s, 5 s for the first digit, 2 s for the second.
    "an entry of two digits": Ivr(
        vxml(
            '<form><field name="n" type="digits?length=2">',
            f'{FIVE}<property name="interdigittimeout" value="2s"/>{silence(1000, "false")}',
            f'<filled><goto next="#end"/></filled>{GIVE_UP}<nomatch><disconnect/></nomatch>',
            "</field></form>",
        ),
        "WW4w2",
        {
            "A": [(2150, 1150, 3849), (2970, 500, 4150 - 1 - 2970)],
            "B": [(2150, 1150, 3849), (2900, 430, 4150 - 1 - 2900)],
            "C": [(2150, 1150, 3849), (2820, 500, 4150 - 1 - 2820)],
            "D": [(2150, 1150, 3849), (2750, 430, 4150 - 1 - 2750)],
        },
    ),
    # A recording of 3 s outside the Gather, then 4 s to press a key.
    "a recording before the Gather": Ivr(
        twiml(index="<Play>a.wav</Play><Gather numDigits='1' timeout='4' action='to'/>"),
        "WWWw7",
        alike([(3650, 650, 7000 - 1 - 3650)]),
    ),
    # A Gather of 2 s and 5 s; behind the key 75 ms of request, 3 s of recording, a Gather of 4 s.
    "two documents": Ivr(
        twiml(
            index="<Gather numDigits='1' action='two'><Pause length='2'/></Gather>",
            two="<Play>a.wav</Play><Gather numDigits='1' timeout='4' action='to'/>",
        ),
        "w1WWWW2",
        {
            "A": [(650, 500, 6349), (4970, 4970 - 3725, 7725 - 1 - 4970)],
            "B": [(650, 500, 6349), (4900, 4900 - 3725, 7725 - 1 - 4900)],
            "C": [(650, 500, 6349), (4820, 4820 - 3725, 7725 - 1 - 4820)],
            "D": [(650, 500, 6349), (4750, 4750 - 3725, 7725 - 1 - 4750)],
        },
    ),
    # 2 and 21 are both choices: after the 2 another key may follow for 1.5 s.
    "a choice that begins another": Ivr(
        vxml(
            f'<menu>{FIVE}<property name="interdigittimeout" value="1500ms"/>{silence(1000)}',
            f'<choice dtmf="2" next="#other"/><choice dtmf="21" next="#end"/>{GIVE_UP}</menu>',
            '<form id="other"><block><disconnect/></block></form>',
        ),
        "ww2w1",
        {
            "A": [(1150, 1000, 4849), (1970, 500, 2650 - 1 - 1970)],
            "B": [(1150, 1000, 4849), (1900, 430, 2650 - 1 - 1900)],
            "C": [(1150, 1000, 4849), (1820, 500, 2650 - 1 - 1820)],
            "D": [(1150, 1000, 4849), (1750, 430, 2650 - 1 - 1750)],
        },
    ),
    # Deaf for 2 s, listens for 1 s, and once again: the key lies in the first second.
    "a prompt that is repeated": Ivr(
        vxml(
            '<menu><property name="timeout" value="1s"/>',
            f'{silence(2000, "false")}<choice dtmf="3" next="#end"/>',
            '<noinput><reprompt/></noinput><noinput count="2"><disconnect/></noinput></menu>',
        ),
        "WWw3",
        alike([(2650, 650, 3000 - 1 - 2650)]),
    ),
    # 3 s of recording, then 3 s for each key; a pound key ends it.
    "an entry that ends with a pound key": Ivr(
        twiml(index="<Play>a.wav</Play><Gather timeout='3' action='to'/>"),
        "WWWw12#",
        {
            "A": [(3650, 650, 2349), (3970, 0, 6650 - 1 - 3970), (4290, 0, 6970 - 1 - 4290)],
            "B": [(3650, 650, 2349), (3970, 0, 6650 - 1 - 3970), (4290, 0, 6970 - 1 - 4290)],
            "C": [(3650, 650, 2349), (3820, 0, 6650 - 1 - 3820), (3990, 0, 6820 - 1 - 3990)],
            "D": [(3650, 650, 2349), (3820, 0, 6650 - 1 - 3820), (3990, 0, 6820 - 1 - 3990)],
        },
    ),
    # A platform's preset: 3 s of silence end it. It rings for 4 s, which moves nothing.
    "a line that rings for long": Ivr(
        vxml(
            '<property name="x.answer.delay" value="4s"/><property name="x.preset" value="plum"/>',
            f'<menu>{silence(1000, "false")}<choice dtmf="9" next="#end"/>{GIVE_UP}</menu>',
        ),
        "ww9",
        alike([(1150, 150, 4000 - 1 - 1150)]),
    ),
}


def test_there_are_ten():
    assert len(IVRS) == 10


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", IVRS)
def test_onsets_and_margins_are_those_worked_out_by_hand(name, reading, tmp_path):
    ivr = IVRS[name]
    for file, text in ivr.documents.items():
        (tmp_path / file).write_text(text)
    model = open_model(tmp_path / "ivr.vxml" if "ivr.vxml" in ivr.documents else tmp_path)
    report = try_extension(model, ivr.extension, READINGS[reading])
    assert report.reached, report.ending
    assert report.answered is not None
    found = [
        (key.at - report.answered, key.margin.earlier, key.margin.later)
        for key in report.keys
        if key.at is not None and key.margin is not None
    ]
    assert found == ivr.expected[reading]
