"""The settings of a server, read from the environment; each wrong one is named in one line."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from verification import codes, gate, outgoing, retention
from verification.dialling import Limits

_MOST_CALLS_PER_SECOND = 100.0
REGISTRARS = ("emulated", "manual", "twilio")
NO_NETWORKS = "none"
_SQLITE = "sqlite:///"
# One or more hosts, or none: then it is a socket. What else a URL may say is libpq's to judge; but
# a password with a bare @, : or / in it would be taken for something that error messages may name.
_POSTGRES = re.compile(
    r"postgres(ql)?://([^@:/?#]*(:[^@:/?#]*)?@)?"
    r"([^@:/?#]*(:[0-9]+)?(,[^@:/?#]*(:[0-9]+)?)*)?/[^@/?#]+(\?[^#]*)?"
)


_Limit = Annotated[int | None, Field(ge=1, le=1_000_000)]
# Three calls to a number are one order's; the rest is far above what a business asks for.
_OF_REAL_CALLS = Limits(per_hour=600, per_day=3_000, number_day=3, account_day=1_000)

# Above what one client can do that sends its requests one after the other.
_REQUESTS_PER_MINUTE = 6_000
_ORDERS_PER_MONTH = 10


class BadSettings(ValueError):
    """Settings are missing or malformed; the message names all of them in one line."""


class Settings(BaseSettings):
    """What an operator can set. The names in the environment are those of the fields in capitals;
    those of Lineproof's own begin with LINEPROOF_.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: SecretStr = SecretStr("sqlite:///lineproof.db")
    public_base_url: str | None = None
    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_api_key: str | None = None
    twilio_api_secret: SecretStr | None = None
    twilio_api_base_url: str | None = None
    twilio_from_number: str | None = None
    phones: Annotated[Path | None, Field(alias="LINEPROOF_PHONES")] = None
    speed: Annotated[float, Field(alias="LINEPROOF_SPEED", ge=0, le=1000)] = 1.0
    words_per_minute: Annotated[int, Field(alias="LINEPROOF_WORDS_PER_MINUTE", ge=60, le=400)] = 165
    secret_keys: Annotated[SecretStr | None, Field(alias="LINEPROOF_SECRET_KEYS")] = None
    calls_per_second: Annotated[
        float, Field(alias="LINEPROOF_CALLS_PER_SECOND", gt=0, le=_MOST_CALLS_PER_SECOND)
    ] = 1.0
    accept_voip: Annotated[bool, Field(alias="LINEPROOF_ACCEPT_VOIP")] = True
    consent_digits: Annotated[int, Field(alias="LINEPROOF_CONSENT_DIGITS", ge=0, le=4)] = 1
    registrar: Annotated[str | None, Field(alias="LINEPROOF_REGISTRAR")] = None
    machine_detection: Annotated[bool, Field(alias="LINEPROOF_MACHINE_DETECTION")] = False
    callback_allow: Annotated[str | None, Field(alias="LINEPROOF_CALLBACK_ALLOW")] = None
    calls_per_hour: Annotated[_Limit, Field(alias="LINEPROOF_CALLS_PER_HOUR")] = None
    calls_per_day: Annotated[_Limit, Field(alias="LINEPROOF_CALLS_PER_DAY")] = None
    number_calls_per_day: Annotated[_Limit, Field(alias="LINEPROOF_NUMBER_CALLS_PER_DAY")] = None
    account_calls_per_day: Annotated[_Limit, Field(alias="LINEPROOF_ACCOUNT_CALLS_PER_DAY")] = None
    spend_per_day: Annotated[float | None, Field(alias="LINEPROOF_SPEND_PER_DAY", gt=0)] = None
    price_per_minute: Annotated[float, Field(alias="LINEPROOF_PRICE_PER_MINUTE", ge=0)] = 0.02
    account_requests: Annotated[_Limit, Field(alias="LINEPROOF_ACCOUNT_REQUESTS_PER_MINUTE")] = None
    address_requests: Annotated[_Limit, Field(alias="LINEPROOF_ADDRESS_REQUESTS_PER_MINUTE")] = None
    wrong_sign_ins: Annotated[int, Field(alias="LINEPROOF_WRONG_SIGN_INS", ge=1, le=1000)] = 20
    number_orders: Annotated[_Limit, Field(alias="LINEPROOF_NUMBER_ORDERS_PER_MONTH")] = None
    smtp_url: Annotated[SecretStr | None, Field(alias="LINEPROOF_SMTP_URL")] = None
    mail_from: Annotated[str | None, Field(alias="LINEPROOF_MAIL_FROM")] = None
    mail_folder: Annotated[Path | None, Field(alias="LINEPROOF_MAIL_FOLDER")] = None

    keep_days: Annotated[
        int, Field(alias="LINEPROOF_KEEP_DAYS", ge=1, le=retention.DATABASE_DAYS)
    ] = retention.DATABASE_DAYS
    backup_folder: Annotated[Path | None, Field(alias="LINEPROOF_BACKUP_FOLDER")] = None
    trusted_proxies: Annotated[int, Field(alias="LINEPROOF_TRUSTED_PROXIES", ge=0, le=5)] = 0
    metrics_token: Annotated[SecretStr | None, Field(alias="LINEPROOF_METRICS_TOKEN")] = None

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr) -> SecretStr:
        check_database_url(value.get_secret_value())
        return value

    @field_validator("public_base_url", "twilio_api_base_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = value.rstrip("/")
        try:
            parts = urlsplit(value)
            bare = f"{parts.scheme}://{parts.netloc}" == value and parts.port != 0
            bare = bare and re.fullmatch(r"[!-~]+", value, re.ASCII) is not None
        except ValueError:
            bare = False
        if not bare or parts.scheme not in {"http", "https"} or not parts.hostname or "@" in value:
            raise ValueError("must be http(s)://HOST or http(s)://HOST:PORT, without path or user")
        return value

    @field_validator("twilio_account_sid", "twilio_api_key")
    @classmethod
    def _check_sid(cls, value: str | None, info: ValidationInfo) -> str | None:
        kind = "AC" if info.field_name == "twilio_account_sid" else "SK"
        if value is not None and not re.fullmatch(f"{kind}[0-9a-fA-F]{{32}}", value, re.ASCII):
            raise ValueError(f"must be {kind} and 32 hexadecimal digits")
        return value

    @field_validator("twilio_auth_token", "twilio_api_secret", "metrics_token")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[!-~]{16,}", value.get_secret_value()):
            raise ValueError("must have at least 16 printable characters and no spaces")
        return value

    @field_validator("registrar")
    @classmethod
    def _check_registrar(cls, value: str | None) -> str | None:
        if value is not None and value not in REGISTRARS:
            raise ValueError(f"must be one of {', '.join(REGISTRARS)}")
        return value

    @field_validator("twilio_from_number")
    @classmethod
    def _check_number(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\+[1-9][0-9]{6,14}", value, re.ASCII):
            raise ValueError("must be an E.164 number such as +19025550123")
        return value

    @field_validator("phones")
    @classmethod
    def _check_phones(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"names no file: {value}")
        return value

    @field_validator("backup_folder")
    @classmethod
    def _check_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"names no folder: {value}")
        return value

    @field_validator("callback_allow")
    @classmethod
    def _check_networks(cls, value: str | None) -> str | None:
        try:
            outgoing.networks("" if value == NO_NETWORKS else value or "")
        except ValueError:
            raise ValueError("must be none, or networks such as 127.0.0.1/32,fd00::/8") from None
        return value

    @field_validator("mail_from")
    @classmethod
    def _check_mail_from(cls, value: str | None) -> str | None:
        try:
            return value and validate_email(value, check_deliverability=False).normalized
        except EmailNotValidError:
            raise ValueError("must be an email address such as letters@example.com") from None

    @property
    def limits(self) -> Limits:
        """How many calls may be made. The emulator's cost nothing, so there only what is said."""
        usual = _OF_REAL_CALLS if self.live else Limits()
        return Limits(
            self.calls_per_hour or usual.per_hour,
            self.calls_per_day or usual.per_day,
            self.spend_per_day or usual.spend_per_day,
            self.price_per_minute,
            self.number_calls_per_day or usual.number_day,
            self.account_calls_per_day or usual.account_day,
        )

    @property
    def rates(self) -> gate.Rates:
        """How often somebody may come; like the limits of calls."""
        usual = _REQUESTS_PER_MINUTE if self.live else None
        return gate.of_numbers(
            self.account_requests or usual, self.address_requests or usual, self.wrong_sign_ins
        )

    @property
    def orders_per_number(self) -> int | None:
        """How often a number may be ordered in a month, by all accounts together."""
        return self.number_orders or (_ORDERS_PER_MONTH if self.live else None)

    @property
    def callback_networks(self) -> tuple[outgoing.Network, ...]:
        """What callbacks may reach beside the public internet: this machine, while the emulator
        is the carrier and nothing is said.
        """
        if self.callback_allow is None:
            return () if self.live else outgoing.LOOPBACK
        return () if self.callback_allow == NO_NETWORKS else outgoing.networks(self.callback_allow)

    @property
    def keep_seconds(self) -> float:
        """How long personal data is kept after its purpose has ended."""
        return self.keep_days * retention.DAY

    @property
    def live(self) -> bool:
        """Whether calls are placed through Twilio (or whatever answers at its base URL)."""
        return self.twilio_account_sid is not None

    @property
    def registers_by(self) -> str:
        """Which registrar it is; a server whose calls are real does not pretend by default."""
        return self.registrar or ("manual" if self.live else "emulated")

    @property
    def database_path(self) -> Path | None:
        """The SQLite file; None: the database is PostgreSQL's."""
        url = self.database_url.get_secret_value()
        return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def check_given_url(url: str) -> None:
    """Look at a database URL that was typed and not set. Raises BadSettings."""
    try:
        check_database_url(url)
    except ValueError as error:
        raise BadSettings(f"a database URL {error}") from None


def check_database_url(url: str) -> None:
    """Raise ValueError for what is no URL of a database; the message repeats nothing of it."""
    name = Path(url.removeprefix(_SQLITE)).name
    if url.startswith(_SQLITE) and name and not name.startswith(":"):
        return
    if not _POSTGRES.fullmatch(url):
        raise ValueError(
            "must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME, "
            "with what is special in a password percent-encoded"
        )


class _Alone(Settings):
    """Settings that are given, and none of the environment."""

    @classmethod
    def settings_customise_sources(  # pydantic-settings' own names
        cls, settings_cls: Any, init_settings: Any, *_: Any, **__: Any
    ) -> tuple[Any, ...]:
        """Read what is given only."""
        del settings_cls
        return (init_settings,)


def load(overrides: Mapping[str, Any] | None = None, kind: type[Settings] = Settings) -> Settings:
    """The settings of the environment, with ``overrides`` by their names there.

    Raises BadSettings, which names each missing or malformed setting.
    """
    fields = Settings.model_fields
    given = {n.lower() if n.lower() in fields else n: v for n, v in (overrides or {}).items()}
    try:
        settings = kind(**given, _secrets_dir=_secrets_folder())
    except ValidationError as error:
        raise BadSettings("; ".join(_line(one) for one in error.errors())) from None
    if settings.database_path is None and settings.secret_keys is None:
        raise BadSettings(
            "LINEPROOF_SECRET_KEYS: must be set with PostgreSQL, alike on all machines: there is "
            "no file beside the database to keep a key in"
        )
    if settings.smtp_url and not settings.mail_from:
        raise BadSettings("to send mail by SMTP, set also LINEPROOF_MAIL_FROM")
    if settings.registrar == "twilio" and not settings.live:
        raise BadSettings(
            "LINEPROOF_REGISTRAR: twilio needs Twilio's credentials; without them it is "
            "emulated or manual"
        )
    missing = _missing(settings)
    if missing:
        raise BadSettings(f"to call through Twilio, set also {', '.join(missing)}")
    return settings


def for_demo(database: Path, speed: float) -> Settings:
    """The settings of a demo: nothing of the environment but its LINEPROOF_SPEED.

    Raises BadSettings.
    """
    speed_wished = os.environ.get("LINEPROOF_SPEED") or str(speed)
    given = {"DATABASE_URL": f"sqlite:///{database}", "LINEPROOF_SPEED": speed_wished}
    return load(given, _Alone)


def keyring(settings: Settings) -> codes.Keyring:
    """The secret keys: from LINEPROOF_SECRET_KEYS, else from a file beside the database.

    The file is made at the first start, readable only by its owner. Raises BadSettings.
    """
    path = key_file(settings)
    try:
        if path is not None:
            texts = _key_file(path).split(",")
        else:
            given = settings.secret_keys or SecretStr("")
            texts = given.get_secret_value().split(",")
        return codes.Keyring([text.strip().encode() for text in texts])
    except ValueError as error:
        raise BadSettings(f"{path or 'LINEPROOF_SECRET_KEYS'}: {error}") from None


def key_file(settings: Settings) -> Path | None:
    """Where the secret key is kept: beside the database, unless LINEPROOF_SECRET_KEYS is set."""
    path = settings.database_path
    if settings.secret_keys is not None or path is None:
        return None
    return path.with_name(f"{path.name}.key")


def mail_folder(settings: Settings) -> Path:
    """Where mails are written if no server takes them: beside the database, unless it is set.

    With PostgreSQL: in the folder that the program is started in.
    """
    path = settings.database_path or Path("lineproof")
    return settings.mail_folder or path.with_name(f"{path.name}.mails")


def _key_file(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        # Written aside and linked into place: of two first starts at once, one key wins.
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(codes.ROOT_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def _secrets_folder() -> Path | None:
    """Where settings lie as files, each named for its setting: systemd's credentials, for one.

    Raises BadSettings. What the environment says goes before.
    """
    named = os.environ.get("LINEPROOF_SECRETS_DIR")
    if named and not Path(named).is_dir():
        raise BadSettings(f"LINEPROOF_SECRETS_DIR: names no folder: {named}")
    return Path(named) if named else None


def _missing(settings: Settings) -> list[str]:
    of_twilio = {
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
    }
    key = (settings.twilio_api_key, settings.twilio_api_secret)
    if not any([*of_twilio.values(), *key, settings.twilio_api_base_url]):
        return []
    of_twilio["PUBLIC_BASE_URL"] = settings.public_base_url
    missing = [name for name, value in of_twilio.items() if value is None]
    if any(key):
        pair = zip(("TWILIO_API_KEY", "TWILIO_API_SECRET"), key, strict=True)
        missing += [name for name, value in pair if value is None]
    return missing


def _line(error: Any) -> str:
    name = str(error["loc"][0])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name.upper()}: {message}"
