"""Documents of a stranger: every call ends, in bounded work, with an error that says where."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twiml.emulator import Response
from twiml.lab import BadModel, model_of, open_model, planned, simulate, try_extension
from twiml.lab.probe import MOST_EVENTS, MOST_REQUESTS
from twiml.lab.unknowns import Unknowns


def tried(tmp_path, **documents: str):
    for name, text in documents.items():
        (tmp_path / f"{name}.xml").write_text(text)
    return try_extension(str(tmp_path), "ww1w2")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("<Response>\n" + "<Gather>" * 3000, "Line 2: elements are nested deeper"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>\n<Response>&b;</Response>", "Line 1: a DTD"),
        ("<Response>\n\n&b;</Response>", "line 3"),
        ("<Response>" + "<Say>a</Say>" * 9000 + "</Response>", "has 108021 bytes"),
        ("<Response>\n<Play digits='x'/>\n</Response>", "Line 2: "),
        ("<Response>\n\n<Gather timeout='soon'/></Response>", "Line 3: timeout="),
        ("<Response>\n<Dail/></Response>", "Line 2: <Dail>"),
        ("\x00\x01", "not XML"),
    ],
)
def test_a_bad_document_is_told_with_its_name_and_line(document, said, tmp_path):
    report = tried(tmp_path, index=document)
    assert not report.reached
    assert said in report.trouble[0]
    assert "index.xml" in report.trouble[0] or "Line" in report.trouble[0]


@pytest.mark.parametrize(
    "body",
    [
        "<Redirect>other</Redirect>",
        "<Play digits=''/><Redirect>other</Redirect>",
        "<Gather timeout='1' actionOnEmptyResult='true' action='other'/>",
    ],
)
def test_redirects_in_a_circle_end_and_name_document_and_line(body, tmp_path):
    documents = {"index": f"<Response>\n{body}</Response>"}
    documents["other"] = documents["index"].replace("other", "index")
    report = tried(tmp_path, **documents)
    assert report.length <= 75_000
    if "Gather" not in body:
        assert "line 2" in report.trouble[0]
        assert ".invalid/" in report.trouble[0]


def test_a_call_that_does_too_much_is_broken_off(tmp_path):
    class Endless:
        asked = 0

        def fetch(self, request):
            self.asked += 1
            return Response(200, b"<Response><Play digits=''/><Redirect/></Response>"), 0

    endless = Endless()
    trace = simulate(model_of(endless), planned("ww1", Unknowns()), Unknowns())
    assert endless.asked == MOST_REQUESTS
    assert trace.broken_off.startswith(f"{MOST_REQUESTS} documents were asked for, the last by ")
    assert trace.broken_off.endswith("line 1")


def test_a_call_in_which_too_much_happens_at_one_moment_is_broken_off(tmp_path):
    nothing_sent = "<Play digits='' loop='0'/>" * (MOST_EVENTS // 1000 + 1)
    (tmp_path / "index.xml").write_text(f"<Response>{nothing_sent}</Response>")
    trace = simulate(open_model(tmp_path), planned("ww1", Unknowns()), Unknowns())
    assert len(trace.events) == MOST_EVENTS
    assert trace.broken_off.startswith(f"{MOST_EVENTS} things happened, the last in http://")
    assert trace.broken_off.endswith("index.xml line 1")


@pytest.mark.parametrize("name", ["dentist", "queue"])
def test_a_call_that_is_over_leaves_nothing_to_the_garbage_collector(name):
    model = open_model(f"gallery:{name}")
    plan = planned("ww1", Unknowns())
    simulate(model, plan, Unknowns())
    gc.collect()
    gc.disable()
    try:
        simulate(model, plan, Unknowns())
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_an_application_that_sends_no_twiml_is_told_so():
    class Wrong:
        def fetch(self, request):
            return Response(200, b"{}", "application/json"), 5

    report = try_extension(model_of(Wrong()), "ww1")
    assert "12300" in report.trouble[0]
    assert not report.reached


VERBS = st.sampled_from(
    (
        *("Response", "Say", "Play", "Pause", "Gather", "Dial", "Number", "Redirect", "Record"),
        *("Reject", "Hangup", "Nonsense", "vxml", "menu", "choice", "prompt", "form", "goto"),
    )
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["digits", "loop", "timeout", "numDigits", "length", "action", "dtmf", "next"]),
    st.sampled_from(
        ["0", "1", "-1", "9" * 30, "", "index.xml", "#x", "w1", "1.5", "ü", "http://["]
    ),
    max_size=3,
)


@st.composite
def elements(draw, depth=0):
    name = draw(VERBS)
    attributes = " ".join(f'{key}="{value}"' for key, value in draw(ATTRIBUTES).items())
    inside = draw(st.sampled_from(["", "index", "+12025550100", "Hello. ", "http://[x/"]))
    if depth < 3:
        inside += "".join(draw(st.lists(elements(depth=depth + 1), max_size=3)))
    return f"<{name} {attributes}>{inside}</{name}>"


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(elements(), max_size=6))
def test_any_twiml_ends_in_bounded_work(tmp_path, body):
    (tmp_path / "index.xml").write_text(f"<Response>{''.join(body)}</Response>")
    unknowns = Unknowns()
    trace = simulate(open_model(tmp_path), planned("ww1", unknowns, stay=30_000), unknowns)
    assert len(trace.events) <= MOST_EVENTS
    assert trace.length <= 200_000


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(elements(), max_size=6))
def test_any_voicexml_is_refused_with_a_line_or_ends_in_bounded_work(tmp_path, body):
    (tmp_path / "a.vxml").write_text(f'<vxml version="2.1">{"".join(body)}</vxml>')
    model, refused = None, ""
    try:
        model = open_model(tmp_path / "a.vxml")
    except BadModel as error:
        refused = str(error)
    if model is None:
        assert "Line 1: " in refused
        return
    trace = simulate(model, planned("ww1", Unknowns(), stay=30_000), Unknowns())
    assert len(trace.events) <= MOST_EVENTS
