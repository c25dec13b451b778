"""The lab as a pytest plugin: ``-p twiml.lab.pytest_plugin``, or installed with this package.

An IVR's own repository tests with it that its extensions still lead where they did; docs/lab.md
has a whole example.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from twiml.lab.report import Report
from twiml.lab.text import timeline
from twiml.lab.trying import try_extension

REPORTS = pytest.StashKey[list[Report]]()


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Callable[..., Report]:
    """Tries an extension, as :func:`twiml.lab.try_extension` does.

    When the test fails, the timeline of each report that it made stands in its output.
    """
    reports: list[Report] = []
    request.node.stash[REPORTS] = reports

    def tried(*given: object, **named: object) -> Report:
        report = try_extension(*given, **named)  # type: ignore[arg-type]
        reports.append(report)
        return report

    return tried


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the timelines to the report of a failed test."""
    found = yield
    if call.when == "call" and found.failed:
        for report in item.stash.get(REPORTS, []):
            found.sections.append((f"lab: {report.extension}", timeline(report)))
    return found
