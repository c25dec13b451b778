"""Which carrier places the probe calls: Twilio by the settings, else an emulator of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import sleep

from twiml import cli
from twiml.emulator import Emulator, Phones, Timing, Virtual
from twiml.emulator.carrier_api import create_carrier_api
from twiml.emulator.serving import bind, listening, url_of
from twiml.lab.learning.calls import Limits, Prober, client_for
from verification.settings import Settings, load

_SID, _TOKEN = "AC" + "0" * 32, "emulated-" * 3  # of an emulator that lives as long as a command


def chosen() -> Settings:
    """Return the settings. Probe calls bring their document along: nobody has to reach us."""
    return load({"PUBLIC_BASE_URL": "http://unasked.invalid"})


def live(settings: Settings, limits: Limits) -> Prober:
    """Return what places calls through Twilio, in real time."""
    sid, secret = settings.twilio_account_sid or "", settings.twilio_auth_token
    user = (sid, secret.get_secret_value() if secret else "")
    if settings.twilio_api_key and settings.twilio_api_secret:
        user = (settings.twilio_api_key, settings.twilio_api_secret.get_secret_value())
    client = client_for(settings.twilio_api_base_url, user, sid)
    return Prober(client, settings.twilio_from_number, limits, sleep)


@contextmanager
def emulated(phones: Phones, timing: Timing, limits: Limits) -> Iterator[Prober]:
    """Give what places calls on an emulator: over HTTP as always, in virtual time."""
    clock = Virtual()
    emulator = Emulator(
        phones,
        clock,
        account_sid=_SID,
        auth_token=_TOKEN,
        owned_numbers={cli.NUMBER},
        calls_per_second=limits.calls_per_second,
        timing=timing,
    )

    def pass_by(seconds: float) -> None:
        emulator.run(until=clock.now() + seconds)

    with closing(bind(0)) as door:
        url = url_of(door)
        with listening(create_carrier_api(emulator), door):
            client = client_for(url, (_SID, _TOKEN), _SID)
            yield Prober(client, cli.NUMBER, limits, pass_by)
