"""Stopping: the signal that asks for it is never missed."""

import subprocess
import sys

import pytest

# Another thread is interrupted, not the one that waits: as if the signal came just before it waits.
PROGRAM = """
import signal, threading, time
from twiml.cli import wait_for_signal

def interrupt():
    while signal.getsignal(signal.{name}) is before:
        time.sleep(0.001)
    signal.pthread_kill(threading.get_ident(), signal.{name})

before = signal.getsignal(signal.{name})
threading.Thread(target=interrupt).start()
wait_for_signal()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_that_comes_as_the_waiting_begins_is_not_missed(name):
    command = [sys.executable, "-c", PROGRAM.format(name=name)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
