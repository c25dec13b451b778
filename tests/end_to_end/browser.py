"""Debian's Chromium, driven by Playwright, and the check of a page for what keeps people out."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "build" / "screenshots"
AXE = ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)  # the machine may be doing something else


@cache
def chromium() -> Browser:
    """The one browser of this process; it starts when it is first asked for."""
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    atexit.register(browser.close)
    return browser


@contextmanager
def browsing(width: int, language: str, **wishes: Any) -> Iterator[Page]:
    """A page of this width, as fresh as a new browser's, whose reader asks for this language."""
    size: Any = {"width": width, "height": 900}
    context = chromium().new_context(viewport=size, locale=language, **wishes)
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


# Only what is wrong comes back, and no style sheet is fetched again: no rule that runs reads one.
AXE_RUN = """async () => {
  const wanted = { resultTypes: ["violations"], preload: { assets: ["media"] } };
  const found = await axe.run(document, wanted);
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
}"""


# A field's or a column's name is one word: it stands on one line.
BROKEN_NAMES = """[...document.querySelectorAll("dt code")]
  .filter((one) => one.getClientRects().length > 1).map((one) => one.textContent)"""


def look(page: Page, name: str) -> None:
    """Keep a picture of the page; fail for what axe-core finds wrong, or does not fit."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.jpg", type="jpeg", quality=90, full_page=True)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())  # past the page's policy, which forbids it to everybody else
    told = page.evaluate(AXE_RUN)
    assert not told, f"{name}: " + "\n".join(told)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, f"{name} is wider than the screen"
    broken = page.evaluate(BROKEN_NAMES)
    assert not broken, f"{name} breaks {broken} into two lines"
