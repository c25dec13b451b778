"""The watch over the logs can fail: secrets are told in every way, and each is found."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LEAKS = '''
import subprocess
import sys
from pathlib import Path

import structlog

from verification.codes import Keyring

RING = Keyring([b"made-up-root-key-of-the-canaries"])
CODE, TOKEN = "408215", "made-up-token-of-an-account"
log = structlog.get_logger()


def test_a_code_in_a_structured_line():
    RING.seal(CODE, "HR1")
    log.info("dialled", note=f"the code is {CODE}")


def test_a_token_in_a_structured_line():
    RING.seal(TOKEN, "AC1")
    log.info("asked", auth=TOKEN)


def test_a_key_on_the_standard_error_stream():
    sys.stderr.write("key made-up-root-key-of-the-canaries\\n")


def test_a_sealed_link_on_the_stream_of_a_process():
    link = RING.link("voice.v1", ["attempt"])
    subprocess.Popen(["sh", "-c", f"echo GET /tw/v1/voice/{link} >&2"]).wait()


def test_a_full_number_in_a_structured_line():
    log.warning("called", to="+19029052034")


def test_a_number_in_a_log_file(tmp_path):
    (tmp_path / "error.log").write_text("GET /lookup/%2B19029052034")


def test_a_secret_of_the_environment_in_the_log_of_a_process(tmp_path):
    given = {"LINEPROOF_METRICS_TOKEN": "made-up-metrics-token"}
    with (tmp_path / "worker.txt").open("w") as file:
        command = [sys.executable, "-c", "import os; print(dict(os.environ))"]
        subprocess.run(command, env=given, stdout=file, stderr=file)


def test_a_password_of_a_url_in_a_captured_log():
    given = {"DATABASE_URL": "postgresql://me:made-up@%2Fpass%20word@h/n", "PATH": "/bin"}
    told = """echo '{"event": "made-up@/pass word"}' >&2"""
    subprocess.run(["sh", "-c", told], env=given, capture_output=True)
'''
CLEAN = """
import structlog

from verification.codes import Keyring

def test_sids_ids_times_and_masked_numbers_are_no_secrets():
    Keyring([b"made-up-root-key-of-the-canaries"]).seal("408215", "HR1")
    structlog.get_logger().info(
        "dialled",
        order="HR408215408215408215408215408215aa",
        number="...2034",
        at="2026-11-28T00:00:00.408215Z",
    )
"""


def test_each_way_to_tell_a_secret_fails_and_what_may_be_told_does_not(tmp_path):
    (tmp_path / "test_leaks.py").write_text(LEAKS)
    (tmp_path / "test_clean.py").write_text(CLEAN)
    told = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "tests.canaries"),
            # In CI pytest would say each error once more in its summary.
            *("-r", "N", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    leaks = LEAKS.count("def test_")
    assert f"{leaks + 1} passed, {leaks} errors" in told.stdout, told.stdout
    assert told.stdout.count("a log tells what it must not:") == leaks
    assert "test_clean.py::" not in told.stdout
