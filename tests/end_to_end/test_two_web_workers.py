"""One gunicorn with two worker processes: what ends in one of them has ended in both."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from requests.cookies import RequestsCookieJar

from tests.end_to_end.test_commands import gunicorn, run, started, wait_for

ORDERS = "/console/orders"
AT_ONCE = 8


class Workers:
    """A server of two processes that writes down which of them has answered what."""

    def __init__(self, base_url: str, log: Path) -> None:
        self.base_url = base_url
        self._log = log
        self._asked = 0

    def answers(self, cookies: RequestsCookieJar) -> set[str]:
        """Ask for the orders until both processes have answered; the statuses that they gave."""
        self._asked += 1
        mark, deadline = f"asked={self._asked}", time.monotonic() + 30

        def ask(_: int) -> None:
            requests.get(f"{self.base_url}{ORDERS}?{mark}", cookies=cookies, timeout=20)

        with ThreadPoolExecutor(AT_ONCE) as askers:
            while time.monotonic() < deadline:
                list(askers.map(ask, range(2 * AT_ONCE)))
                found = re.findall(
                    rf"^<(\d+)> (\d+) \?{mark}$", self._log.read_text(), re.MULTILINE
                )
                if len({process for process, _ in found}) == 2:
                    return {status for _, status in found}
        raise AssertionError("one process answered all")


def test_a_session_that_is_ended_in_one_process_is_ended_in_the_other_at_once(tmp_path, free_port):
    url, log = f"http://127.0.0.1:{free_port}", tmp_path / "access.log"
    log.touch()
    told = (
        "--workers",
        "2",
        "--access-logfile",
        str(log),
        "--access-logformat",
        "%(p)s %(s)s ?%(q)s",
    )
    with started(tmp_path, [*gunicorn(free_port), *told], PUBLIC_BASE_URL=url):
        wait_for(url)
        made = run(tmp_path, "operator", "create", "anne", PUBLIC_BASE_URL=url)
        link = re.findall(r"/console/sign-in/\S+", made.stdout)[0]
        workers, browser = Workers(url, log), requests.Session()
        page = browser.get(url + link, timeout=20)
        cookies = browser.cookies.copy()  # the answer to the sign-out takes the browser's away
        assert workers.answers(cookies) == {"200"}
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        browser.post(f"{url}/console/sign-out", data={"csrf_token": token}, timeout=20)
        assert workers.answers(cookies) == {"401"}
