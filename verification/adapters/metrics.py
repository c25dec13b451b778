"""Figures for Prometheus: the requests of all processes of one server, and how the work stands.

No label holds anything of a customer: routes are those of this program, not the paths asked for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from flask import Flask, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from verification import codes, retention
from verification.retention import Keeping
from verification.standing import Standing

PATH = "/metrics"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SHARED = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's own: where processes share their figures


class Store(Protocol):
    """The database, as far as it is counted."""

    def read(self) -> AbstractContextManager[Any]: ...


class _Work(Collector):
    """What the store says at the moment it is asked: the same from every process."""

    def __init__(self, standing: Standing, keeping: Keeping) -> None:
        self._standing = standing
        self._keeping = keeping

    def collect(self) -> Iterator[Metric]:
        """The figures of the store."""
        due = GaugeMetricFamily("lineproof_due_rows", "Rows that are due.", labels=["queue"])
        oldest = GaugeMetricFamily(
            "lineproof_due_oldest_seconds", "How long the oldest has been due.", labels=["queue"]
        )
        for queue in self._standing.queues:
            due.add_metric([queue.name], queue.due)
            oldest.add_metric([queue.name], queue.oldest_seconds)
        calls = GaugeMetricFamily(
            "lineproof_calls", "Finished calls that are kept, by outcome.", labels=["outcome"]
        )
        for outcome, count in self._standing.calls.items():
            calls.add_metric([outcome], count)
        callbacks = GaugeMetricFamily(
            "lineproof_callbacks", "Callbacks that are kept, by state.", labels=["state"]
        )
        for state, count in self._standing.callbacks.items():
            callbacks.add_metric([state], count)
        overdue = GaugeMetricFamily(
            "lineproof_retention_overdue_rows",
            "Rows that are kept though they should have been erased.",
            labels=["kind"],
        )
        for kind, count in self._keeping.overdue.items():
            overdue.add_metric([kind], count)
        purged = GaugeMetricFamily(
            "lineproof_retention_purged_timestamp_seconds",
            "When everything due was last erased.",
            self._keeping.purged_at,
        )
        return iter((due, oldest, calls, callbacks, overdue, purged))


def install(
    flask: Flask, store: Store, token: str | None, keep: float, now: Callable[[], float]
) -> None:
    """Count the requests, and show the figures to whoever has the token; None: to nobody.

    ``keep``: for how many seconds what is personal is kept after its end.
    """
    if token is None:
        return
    own = CollectorRegistry()
    seconds = Histogram(
        "lineproof_http_request_duration_seconds",
        "Requests by route, method and status.",
        ["route", "method", "status"],
        registry=own,
    )

    def begin() -> None:
        g.begun = time.perf_counter()

    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        taken = time.perf_counter() - g.begun
        seconds.labels(route, method, str(response.status_code)).observe(taken)
        return response

    def page() -> Response:
        if not codes.same(request.headers.get("Authorization", ""), f"Bearer {token}"):
            abort(404)
        with store.read() as tx:
            standing = tx.work.standing(now())
            keeping = retention.keeping(tx, keep, now(), trusting=True)
        registry = CollectorRegistry() if os.environ.get(_SHARED) else own
        if registry is not own:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        work = CollectorRegistry()
        work.register(_Work(standing, keeping))
        text = generate_latest(registry) + generate_latest(work)
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    flask.before_request(begin)
    flask.after_request(count)
    flask.get(PATH)(page)
