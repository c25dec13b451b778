"""The emulator as a command, and what the settings make of it."""

from __future__ import annotations

import signal
import socket
import sys

import click

from twiml.emulator import BadPhones, Emulator, Phones, Timing, clock_for
from twiml.emulator.serving import HOST, serving
from verification import settings
from verification.settings import BadSettings, Settings

NUMBER = "+15005550006"  # Twilio's magic number: valid to call from


def timing(chosen: Settings) -> Timing:
    """How the emulator's speech and tones last."""
    return Timing(words_per_minute=chosen.words_per_minute)


def phones(chosen: Settings) -> Phones:
    """Who answers. Raises BadSettings for a file that cannot be read."""
    try:
        return Phones.load(chosen.phones) if chosen.phones else Phones.built_in()
    except BadPhones as error:
        raise BadSettings(f"LINEPROOF_PHONES: {error}") from None


def wait_for_signal() -> None:
    """Wait until the process is asked to stop.

    A signal writes a byte. Waiting on a lock would miss one that comes just before the waiting
    begins: Python runs handlers between steps of the main thread, and a wait for a lock is one.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        reader.recv(1)
        signal.set_wakeup_fd(before)


@click.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--calls-per-second", default=1.0, type=click.FloatRange(0.01, 10_000))
def emulator(port: int, calls_per_second: float) -> None:
    """Run the emulator alone: Twilio on loopback, for any program that uses Twilio.

    It takes TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN as its own account.
    """
    chosen = settings.load({"PUBLIC_BASE_URL": f"http://{HOST}"})
    if not chosen.twilio_account_sid or not chosen.twilio_auth_token:
        raise BadSettings("set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN for the emulator's account")
    twilio = Emulator(
        phones(chosen),
        clock_for(chosen.speed),
        account_sid=chosen.twilio_account_sid,
        auth_token=chosen.twilio_auth_token.get_secret_value(),
        owned_numbers={chosen.twilio_from_number or NUMBER},
        timing=timing(chosen),
        calls_per_second=calls_per_second,
    )
    try:
        with serving(twilio, port) as url:
            click.echo(url)
            sys.stdout.flush()
            wait_for_signal()
    except OSError as error:
        raise BadSettings(f"--port {port} cannot be used: {error.strerror}") from None


COMMANDS: list[click.Command] = [emulator]
