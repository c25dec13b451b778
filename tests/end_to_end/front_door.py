"""The site of ``deploy/`` as a whole configuration of nginx, on a loopback port and without TLS."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


def site(folder: Path, listen: str, servers: Sequence[str] = ()) -> list[str]:
    """The command that runs it in ``folder``.

    ``servers``: the addresses that stand in the place of the shipped socket, as the site's own
    comment says for many machines; none: a socket in ``folder``.
    """
    text = (DEPLOY / "nginx.conf").read_text()
    lines = [line for line in text.splitlines() if "ssl_certificate" not in line]
    text = "\n".join(lines).replace("443 ssl", listen)
    text = text.replace("/etc/nginx/lineproof-proxy.conf", str(DEPLOY / "nginx-proxy.conf"))
    if servers:
        (shipped,) = re.findall(r"^ +# (server 10\.0\.0\.1:8000 .*;)$", text, re.MULTILINE)
        upstream = [shipped.replace("10.0.0.1:8000", server) for server in servers]
        text = re.sub(r"^ +server unix:.*;$", "\n".join(upstream), text, flags=re.MULTILINE)
    text = text.replace("/run/lineproof/lineproof.sock", f"{folder}/web.sock")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\n{temporary}{text}\n}}\n"
    )
    return [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(conf)]
