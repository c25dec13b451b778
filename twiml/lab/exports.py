"""The report for other programs: labels for Audacity, JUnit for CI."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from twiml.lab.report import Report
from twiml.lab.text import margin_words, verdict_words


def labels(report: Report) -> str:
    """Return the timeline as Audacity's label track: start, end (seconds of the WAV), text."""
    found = [(ring.start, ring.end, f"{ring.who} rings") for ring in report.ringing]
    found += [(one.start, one.end, f"{one.who}: {one.text}") for one in report.spoken]
    found += [(one.start, one.end, f"{one.who} listens") for one in report.listening]
    found += [
        (key.at, key.at + key.ms, f"key {key.key}: {key.verdict}")
        for key in report.keys
        if key.at is not None
    ]
    return "".join(
        f"{start / 1000:.3f}\t{end / 1000:.3f}\t{' '.join(text.split())}\n"
        for start, end, text in sorted(found)
    )


def junit(report: Report) -> str:
    """Return the report as JUnit XML: a test case for the whole, and one for each key."""
    suite = f"{report.model} {report.extension}"
    cases = [_case(suite, "the wanted person is reached", "" if report.reached else report.why)]
    for key in report.keys:
        name = f"key {key.key} at position {key.position} is heard"
        problem = "" if key.verdict.good else f"{verdict_words(key)}. {key.why}"
        earlier, later = margin_words(key)
        told = f"{earlier} earlier, {later} later" if earlier else ""
        cases.append(_case(suite, name, problem, told))
    failures = sum("<failure" in case for case in cases)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        (
            f'<testsuite name={quoteattr(suite)} tests="{len(cases)}" failures="{failures}"'
            f' errors="0" skipped="0" time="{report.length / 1000:.3f}">'
        ),
        *cases,
        f"  <system-out>{escape(report.unknowns.describe())}</system-out>",
        "</testsuite>",
    ]
    return "\n".join(lines) + "\n"


def _case(suite: str, name: str, problem: str, told: str = "") -> str:
    start = f"  <testcase classname={quoteattr(suite)} name={quoteattr(name)}"
    if problem:
        return f"{start}>\n    <failure message={quoteattr(problem)}/>\n  </testcase>"
    if told:
        return f"{start}>\n    <system-out>{escape(told)}</system-out>\n  </testcase>"
    return f"{start}/>"
