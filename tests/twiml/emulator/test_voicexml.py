"""VoiceXML as an IVR: the subset, its timers, barge-in, and errors with their lines."""

from __future__ import annotations

import wave

import pytest

from tests.twiml.emulator.world import EXACT, THEM, World, happened, moments, twiml
from twiml.emulator import BadPhones, Call, Phones
from twiml.emulator.voicexml.elements import DEEPEST, BadVoiceXml
from twiml.emulator.voicexml.reading import read

DESK = '<form id="desk"><transfer name="t" dest="tel:+19025550111"/></form>'
LOST = '<form id="lost"><block><prompt>Lost.</prompt><disconnect/></block></form>'
MENU = (
    '<menu id="main"><prompt {0}><break time="2s"/></prompt>'
    '<choice dtmf="2" next="#desk"/><choice dtmf="204" next="#lost"/>{1}</menu>'
)


def vxml(*parts: str) -> str:
    return f'<vxml version="2.1">{"".join(parts)}</vxml>'


def called(tmp_path, document: str, digits: str, **given: str) -> Call:
    """The trace of a call that sends digits to a document, without any latency."""
    (tmp_path / "menu.vxml").write_text(document)
    toml = tmp_path / "phones.toml"
    toml.write_text(f'["{THEM}"]\nanswers = "menu.vxml"\nanswer_after = "1s"\n')
    voice = twiml(f"<Play digits='{digits}'/>", "<Pause length='30'/>")
    world = World({"/voice": voice}, timing=EXACT)
    world.emulator.phones = Phones.load(toml)
    return world.call(**given)


def documents(call: Call) -> list[str]:
    return [event.text.partition("#")[2] for event in happened(call, "document", "ivr")]


def test_a_voicexml_document_answers_a_number_of_the_phones_toml(tmp_path):
    call = called(tmp_path, vxml(MENU.format("", ""), DESK, LOST), "ww2")
    assert documents(call) == ["main", "desk"]
    assert happened(call, "answers", "person")


def test_a_key_into_a_prompt_without_barge_in_is_lost(tmp_path):
    document = vxml(MENU.format('bargein="false"', ""), DESK, LOST)
    assert [e.text[0] for e in happened(called(tmp_path, document, "www2"), "lost")] == ["2"]
    assert not happened(called(tmp_path, document, "wwww2"), "lost")


@pytest.mark.parametrize(
    ("digits", "timers", "went"),
    [
        ("2", "", ["main", "desk"]),  # 2 is complete, but 04 may follow: after interdigittimeout
        ("204", "", ["main", "lost"]),
        ("2#", "", ["main", "desk"]),
        ("2wwwwwwww04", "", ["main", "desk"]),
        ("2WW04", '<property name="interdigittimeout" value="2500ms"/>', ["main", "lost"]),
        ("2WW04", '<property name="interdigittimeout" value="2s"/>', ["main", "desk"]),
        ("7", "", ["main"]),
    ],
)
def test_the_timer_between_digits_decides_what_was_keyed(tmp_path, digits, timers, went):
    assert documents(called(tmp_path, vxml(MENU.format("", timers), DESK, LOST), digits)) == went


def test_an_entry_of_fixed_length_is_taken_at_once_unless_termtimeout_waits_for_the_termchar(
    tmp_path,
):
    field = (
        '<form id="ask"><field name="n" type="digits?length=2">{}<prompt>Number?</prompt>'
        '<filled><goto next="#lost"/></filled></field></form>'
    )
    at_once = called(tmp_path, vxml(field.format(""), LOST), "12")
    assert moments(at_once, "document", "ivr", "#lost") == [320]
    term = '<property name="termtimeout" value="1500ms"/>'
    waits = called(tmp_path, vxml(field.format(term), LOST), "12")
    assert moments(waits, "document", "ivr", "#lost") == [1820]
    ends = called(tmp_path, vxml(field.format(term), LOST), "12#")
    assert moments(ends, "document", "ivr", "#lost") == [640]


def test_an_entry_that_is_too_short_times_out_and_is_no_match(tmp_path):
    field = (
        '<form id="ask"><field name="n" type="digits?length=4"><prompt>Number?</prompt>'
        '<nomatch><goto next="#lost"/></nomatch></field></form>'
    )
    call = called(tmp_path, vxml(field, LOST), "12")
    assert [event.text for event in happened(call, "times out", "ivr")] == ["12"]
    assert documents(call) == ["ask", "lost"]


def test_the_second_silence_is_handled_by_the_handler_that_counts_two(tmp_path):
    again = "<noinput><prompt>What?</prompt><reprompt/></noinput>"
    end = '<noinput count="2"><prompt>Bye.</prompt><disconnect/></noinput>'
    call = called(tmp_path, vxml(MENU.format("", again + end), DESK, LOST), "")
    assert [event.text for event in happened(call, "says", "ivr")] == ["What?", "Bye."]
    assert len(happened(call, "waits", "ivr")) == 2
    assert happened(call, "hangs up", "ivr")


def test_what_is_said_last_is_said_before_the_line_hangs_up(tmp_path):
    call = called(tmp_path, vxml("<form><block>We are closed.</block></form>"), "")
    assert [event.text for event in happened(call, "says", "ivr")] == ["We are closed."]
    (said,) = happened(call, "says", "ivr")
    assert [event.at_ms for event in happened(call, "hangs up", "ivr")] == [said.at_ms + said.ms]


def test_a_platform_preset_sets_the_timers(tmp_path):
    plum = '<property name="x.preset" value="plum"/>'
    end = "<noinput><disconnect/></noinput>"
    call = called(tmp_path, vxml(plum, MENU.format("", end), DESK, LOST), "")
    assert moments(call, "hangs up", "ivr") == [5000]  # 2 s of prompt, 3 s of silence


def test_the_length_of_a_recording_is_that_of_its_file(tmp_path):
    with wave.open(str(tmp_path / "hello.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 3))
    block = '<form><block><audio src="hello.wav">Hello</audio></block>{}</form>'
    transfer = '<transfer name="t" dest="tel:+19025550111"/>'
    call = called(tmp_path, vxml(block.format(transfer)), "")
    (played,) = happened(call, "plays", "ivr")
    assert (played.text, played.ms) == ("Hello", 3000)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("<vxml version='2.1'>\n<menu>\n<script/></menu></vxml>", "Line 3: <script> is not allow"),
        (
            "<vxml version='2.1'>\n<form><block expr='1'/></form></vxml>",
            'Line 2: the attribute "ex',
        ),
        ("<vxml version='2.1'>\n<form/></vxml>", "Line 2: the <form> is empty"),
        ("<vxml version='2.1'/>", "Line 1: the document has neither"),
        ("<vxml version='3'/>", 'needs version="2.1"'),
        ("<Response/>", "Line 1: <Response> is not allowed as the root: it may have <vxml>"),
        ("<!DOCTYPE vxml [<!ENTITY a 'b'>]>\n<vxml version='2.1'>&a;</vxml>", "Line 1: a DTD"),
        ("<vxml version='2.1'>\n&a;</vxml>", "Line 2: the document is not XML"),
        ("<vxml", "Line 1: the document is not XML"),
        ("", "the document is not XML"),
        (vxml("\n<form><block>", "<p>" * DEEPEST), "Line 2: elements are nested deeper"),
        (vxml('\n<property name="timout" value="1s"/>', DESK), 'Line 2: the property "timout"'),
        (vxml('\n<property name="timeout" value="soon"/>', DESK), 'Line 2: "soon" is no time'),
        (vxml('\n<property name="timeout" value="1ms"/>', DESK), "below 100 ms"),
        (vxml('<menu>\n<choice dtmf="x" next="#desk"/></menu>', DESK), 'Line 2: dtmf="x"'),
        (
            vxml('<menu>\n<choice dtmf="1" next="#no"/></menu>', DESK),
            'Line 2: next="#no" is no dialog here: use #desk',
        ),
        (
            vxml('<menu>\n<choice dtmf="1" next="#line 1"/></menu>'),
            'Line 2: next="#line 1": no <form> and no <menu> here has an id',
        ),
        (vxml('<menu>\n<choice dtmf="1" next="http://a"/></menu>', DESK), "is no dialog here"),
        (vxml(DESK, "\n", DESK), 'Line 2: the id "desk" is there twice'),
        (vxml('<form>\n<transfer dest="tel:12"/></form>'), "Line 2: dest must be"),
        (vxml('<form><block>\n<audio src="a.wav"/></block></form>'), "Line 2: the recording"),
        (vxml('<form>\n<field type="digits?length=x"/></form>'), 'Line 2: "x" is no whole number'),
        (vxml("<form>\nwords</form>"), "Line 2: text is not allowed in <form>"),
    ],
)
def test_what_is_not_of_the_subset_is_an_error_with_its_line(document, said):
    with pytest.raises(BadVoiceXml) as error:
        read(document.encode())
    assert said in str(error.value)


def test_an_error_in_a_document_is_told_with_the_table_that_names_it(tmp_path):
    with pytest.raises(BadPhones, match=r'\["\+19025550100"\] answers: menu.vxml: Line 1: the'):
        called(tmp_path, "<vxml version='2.1'/>", "")


def test_dialogs_that_lead_to_one_another_end_the_call(tmp_path):
    circle = (
        '<form id="a"><block><goto next="#b"/></block></form>',
        '\n<form id="b"><block><goto next="#a"/></block></form>',
    )
    call = called(tmp_path, vxml(*circle), "")
    (error,) = happened(call, "error", "ivr")
    assert error.text.startswith("menu.vxml: Line 1: 1000 dialogs in a row made no sound")
    assert happened(call, "hangs up", "ivr")
