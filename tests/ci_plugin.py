"""A pytest plugin for CI: a test that was skipped was not run, so it fails.

`make test` loads it (`-p tests.ci_plugin`) where the variable CI is set. A test that is expected to
fail (xfail) did run and is left as it is.
"""

from collections.abc import Generator

import pytest


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skipped report into a failed one that says where and why it was skipped."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    where = report.longrepr
    if isinstance(where, tuple):
        path, line, reason = where
        where = f"{path}:{line}: {reason}"
    report.outcome = "failed"
    report.longrepr = f"skipped, which CI does not allow: {where}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that is skipped by a mark, a fixture or its own body."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a file that is skipped as a whole, as `pytest.importorskip` does."""
    report = yield
    _fail_if_skipped(report)
    return report
