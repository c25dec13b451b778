"""Debian's Chromium, driven by Playwright, and the check of a page for what keeps people out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "build" / "screenshots"
AXE = ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PATIENCE_MS = 20_000


@contextmanager
def browsing(width: int, language: str, **wishes: Any) -> Iterator[Page]:
    """A page of a browser of this width whose reader asks for this language."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        size: Any = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, locale=language, **wishes)
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context.new_page()
        finally:
            browser.close()


def look(page: Page, name: str) -> None:
    """Keep a picture of the page; fail for what axe-core finds wrong, or what is too wide."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
    page.evaluate(AXE.read_text())  # past the page's policy, which forbids it to everybody else
    found = page.evaluate("axe.run()")
    told = [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]
    assert not told, f"{name}: " + "\n".join(told)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, f"{name} is wider than the screen"
