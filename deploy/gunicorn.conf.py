"""gunicorn's settings for Lineproof behind nginx: ``gunicorn -c gunicorn.conf.py app:app``.

Threads wait for the database, not for clients: nginx takes the request in whole before it passes
it on. Without such a proxy 16 slow clients stop this server.
"""

import gc
import os
import tempfile
from typing import Any

bind = os.environ.get("LINEPROOF_BIND", "unix:/run/lineproof/lineproof.sock")
workers = int(os.environ.get("LINEPROOF_WEB_WORKERS", "2"))
worker_class = "gthread"
threads = 8
timeout = 30
graceful_timeout = 20  # longer than any webhook may take (15 seconds), so that none is cut off
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
limit_request_line = 4094
limit_request_fields = 50
forwarded_allow_ips = "127.0.0.1"
control_socket_disable = True
# Paths of webhooks are keys to their calls: no access log.
accesslog = None
errorlog = "-"
loglevel = "warning"

# All workers' figures, summed when /metrics is asked. A new folder for each start;
# prometheus-client looks for it once, when it is imported.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="lineproof-metrics-"))


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's own arguments
    """Forget the gauges of a worker that has gone; its counts stay."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - see above

    multiprocess.mark_process_dead(worker.pid)


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - gunicorn's own argument
    """What the loaded application holds, it holds for good: the collector passes it over.

    A request leaves few cycles behind, so looking for them can be rarer; but what waits for the
    collector is memory, and ten thousand objects are a megabyte.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
