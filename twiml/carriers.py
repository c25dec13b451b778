"""The carriers of one server: Twilio or the emulator, and whose requests are taken for theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from twilio.rest import Client

from twiml import cli, fictional_phones
from twiml.carrier import HttpClient, TwilioCarrier
from twiml.emulator import Call, Emulator, Event, clock_for
from twiml.emulator.serving import serving
from twiml.fictional_phones import Listed, Routed
from twiml.registrar import Papers, TwilioRegistrar
from twiml.webhooks import Links
from verification import registrars
from verification.codes import Keyring
from verification.hosting import Registrar
from verification.ordering import Directory
from verification.registrars import Emulated, Manual
from verification.settings import Settings

OnEvent = Callable[[Call, Event], None]


@dataclass(frozen=True, slots=True)
class Carriers:
    """What carries the calls of a server. ``base_url``: where a carrier reaches it."""

    settings: Settings
    keyring: Keyring
    base_url: str

    @property
    def links(self) -> Links:
        """The URLs that a carrier is given."""
        return Links(self.keyring, self.base_url)

    @property
    def signers(self) -> Mapping[str, Sequence[str]]:
        """The accounts whose requests are taken, and the tokens that each may sign with.

        The emulator signs with a token that only this server's keys give: nobody else can.
        """
        return {sid: (token,) for sid, token in (self._emulated, self._live or self._emulated)}

    def live(self) -> TwilioCarrier | None:
        """Twilio through its SDK, or what answers at its base URL; None without credentials."""
        if self._live is None:
            return None
        chosen, client = self.settings, self._client(*self._live)
        detect = chosen.machine_detection
        directory = self._client(*self._live, kept=True)
        return TwilioCarrier(client, self.links, chosen.twilio_from_number, detect, directory)

    def directory(self) -> Directory:
        """Who knows lines: Twilio, or the emulator's phones where its calls are emulated.

        Raises BadSettings for a phones.toml that cannot be read.
        """
        return self.live() or Listed(fictional_phones.install(cli.phones(self.settings)))

    def registrar(self, papers: Papers) -> Registrar:
        """Who registers the numbers of signed orders. ``papers``: the signed letter of one."""
        emulated = Emulated(self.settings.speed)
        real: Registrar = emulated
        if self.settings.registers_by == "manual":
            real = Manual()
        elif self.settings.registers_by == "twilio" and self._live:
            real = TwilioRegistrar(self._client(*self._live), papers)
        return registrars.Routed(real, emulated)

    @contextmanager
    def routed(
        self, code_of: Callable[[str], str | None], on_event: OnEvent | None = None
    ) -> Iterator[Routed]:
        """The carrier, and an emulator that runs as long as it is needed.

        With Twilio's credentials only the calls to fictional numbers are emulated. ``code_of``:
        what a modelled person reads on the customer's screen, by the number that was called.
        """
        chosen, (account_sid, auth_token) = self.settings, self._emulated
        number = chosen.twilio_from_number or cli.NUMBER
        emulator = Emulator(
            fictional_phones.install(cli.phones(chosen)),
            clock_for(chosen.speed),
            account_sid=account_sid,
            auth_token=auth_token,
            owned_numbers={number},
            calls_per_second=max(1.0, chosen.calls_per_second),
            timing=cli.timing(chosen),
            code_of=code_of,
            on_event=on_event,
        )
        with serving(emulator) as url:
            client = Client(account_sid, auth_token, http_client=HttpClient(url))
            directory = Client(account_sid, auth_token, http_client=HttpClient(url, kept=True))
            detect = chosen.machine_detection
            emulated = TwilioCarrier(client, self.links, number, detect, directory)
            yield Routed(self.live() or emulated, emulated)

    def _client(self, account_sid: str, token: str, kept: bool = False) -> Client:
        chosen, user = self.settings, (account_sid, token)
        if chosen.twilio_api_key and chosen.twilio_api_secret:
            user = (chosen.twilio_api_key, chosen.twilio_api_secret.get_secret_value())
        return Client(*user, account_sid, http_client=HttpClient(chosen.twilio_api_base_url, kept))

    @property
    def _live(self) -> tuple[str, str] | None:
        sid, token = self.settings.twilio_account_sid, self.settings.twilio_auth_token
        return (sid, token.get_secret_value()) if sid and token else None

    @property
    def _emulated(self) -> tuple[str, str]:
        """The emulator's account and its token: all processes of one server derive them."""
        sid = self.keyring.derived("emulator account.v1")[:32]
        return f"AC{sid}", self.keyring.derived("emulator token.v1")[:32]
