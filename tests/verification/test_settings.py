"""Settings: what is missing or malformed is named in one line."""

import os
import stat

import pytest

from verification import outgoing, settings
from verification.settings import BadSettings

SID, TOKEN = "AC" + "0" * 32, "t" * 32
TWILIO = {
    "TWILIO_ACCOUNT_SID": SID,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "PUBLIC_BASE_URL": "https://example.com",
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("TWILIO_", "LINEPROOF_", "PUBLIC_", "DATABASE_")):
            monkeypatch.delenv(name)


def load(monkeypatch, **environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return settings.load()


def test_with_nothing_set_the_emulator_is_the_carrier(monkeypatch):
    assert not load(monkeypatch).live


def test_the_three_settings_of_twilio_make_it_live(monkeypatch):
    assert load(monkeypatch, **TWILIO).live


@pytest.mark.parametrize("missing", TWILIO)
def test_what_is_missing_for_twilio_is_named(monkeypatch, missing):
    given = {name: value for name, value in TWILIO.items() if name != missing}
    with pytest.raises(BadSettings, match=missing):
        load(monkeypatch, **given)


def test_a_server_whose_calls_are_real_does_not_pretend_to_register(monkeypatch):
    assert load(monkeypatch).registers_by == "emulated"
    assert load(monkeypatch, **TWILIO).registers_by == "manual"
    assert load(monkeypatch, LINEPROOF_REGISTRAR="twilio", **TWILIO).registers_by == "twilio"


def test_twilio_registers_only_with_its_credentials(monkeypatch):
    with pytest.raises(BadSettings, match="LINEPROOF_REGISTRAR: twilio needs"):
        load(monkeypatch, LINEPROOF_REGISTRAR="twilio")
    with pytest.raises(BadSettings, match="emulated, manual, twilio"):
        load(monkeypatch, LINEPROOF_REGISTRAR="nobody")


def test_half_an_api_key_is_named(monkeypatch):
    with pytest.raises(BadSettings, match="TWILIO_API_SECRET"):
        load(monkeypatch, **TWILIO, TWILIO_API_KEY="SK" + "0" * 32)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "AC123"),
        ("TWILIO_ACCOUNT_SID", SID + "\n"),
        ("TWILIO_AUTH_TOKEN", "short"),
        ("TWILIO_AUTH_TOKEN", "with a space in the middle"),
        ("PUBLIC_BASE_URL", "example.com"),
        ("PUBLIC_BASE_URL", "ftp://example.com"),
        ("PUBLIC_BASE_URL", "https://user:pw@example.com"),
        ("PUBLIC_BASE_URL", "https://example.com/path"),
        ("PUBLIC_BASE_URL", "https://example.com:notaport"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "postgresql://host"),
        ("DATABASE_URL", "postgresql://host:port/name"),
        ("DATABASE_URL", "postgresql://user:hush@hush@host/name"),
        ("DATABASE_URL", "postgresql://user:hush/hush@host/name"),
        ("DATABASE_URL", "sqlite:///."),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("PUBLIC_BASE_URL", "http://x y"),
        ("PUBLIC_BASE_URL", "http://münchen.example"),
        ("LINEPROOF_SPEED", "-1"),
        ("LINEPROOF_SPEED", "fast"),
        ("LINEPROOF_SPEED", "nan"),
        ("LINEPROOF_PHONES", "/no/such/phones.toml"),
        ("LINEPROOF_CALLS_PER_SECOND", "0"),
        ("LINEPROOF_CONSENT_DIGITS", "9"),
        ("TWILIO_FROM_NUMBER", "5551234"),
        ("LINEPROOF_CALLBACK_ALLOW", "everything"),
        ("LINEPROOF_CALLBACK_ALLOW", "127.0.0.1/8"),
    ],
)
def test_what_is_malformed_is_named(monkeypatch, name, value):
    with pytest.raises(BadSettings, match=f"{name}: ") as error:
        load(monkeypatch, **{**TWILIO, name: value})
    assert "\n" not in str(error.value)


def test_a_wrong_secret_is_not_repeated_in_the_message(monkeypatch):
    with pytest.raises(BadSettings) as error:
        load(monkeypatch, **{**TWILIO, "TWILIO_AUTH_TOKEN": "hush hush"})
    assert "hush" not in str(error.value)


def test_secrets_are_not_shown_in_the_settings(monkeypatch):
    database = "postgresql://lineproof:hush-hush@db.example.com/lineproof"
    given = {**TWILIO, "DATABASE_URL": database, "LINEPROOF_SECRET_KEYS": "k" * 32}
    shown = repr(load(monkeypatch, **given))
    assert TOKEN not in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://host/name",
        "postgres://user:p%40ss@host:5432/name?sslmode=require",
        "postgresql:///name?host=/run/postgresql",
        "postgresql://one:5432,two:5432/name",
    ],
)
def test_a_postgresql_database_needs_its_keys_from_the_settings(monkeypatch, url):
    with pytest.raises(BadSettings, match="LINEPROOF_SECRET_KEYS: must be set"):
        load(monkeypatch, DATABASE_URL=url)
    chosen = load(monkeypatch, DATABASE_URL=url, LINEPROOF_SECRET_KEYS="k" * 32)
    assert chosen.database_path is None
    assert settings.key_file(chosen) is None


def test_a_password_in_a_malformed_url_is_not_repeated(monkeypatch):
    with pytest.raises(BadSettings) as error:
        load(monkeypatch, DATABASE_URL="postgresql://user:hush@hush@host/name")
    assert "hush" not in str(error.value)


def test_the_secret_key_is_made_once_beside_the_database_for_its_owner_alone(monkeypatch, tmp_path):
    chosen = load(monkeypatch, DATABASE_URL=f"sqlite:///{tmp_path}/deep/x.db")
    sealed = settings.keyring(chosen).seal("x", "c")
    assert settings.keyring(chosen).open(sealed, "c") == "x"
    key = tmp_path / "deep" / "x.db.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert list(key.parent.iterdir()) == [key]


def test_secret_keys_can_be_given_and_rotated(monkeypatch, tmp_path):
    database = f"sqlite:///{tmp_path}/x.db"
    old = load(monkeypatch, DATABASE_URL=database, LINEPROOF_SECRET_KEYS="o" * 32)
    sealed = settings.keyring(old).seal("x", "c")
    both = load(monkeypatch, LINEPROOF_SECRET_KEYS=f"{'o' * 32},{'n' * 32}")
    assert settings.keyring(both).open(sealed, "c") == "x"
    assert not list(tmp_path.iterdir())


def test_a_short_secret_key_is_refused(monkeypatch):
    with pytest.raises(BadSettings, match="LINEPROOF_SECRET_KEYS"):
        settings.keyring(load(monkeypatch, LINEPROOF_SECRET_KEYS="short"))


def test_a_key_file_that_is_empty_is_named(monkeypatch, tmp_path):
    (tmp_path / "x.db.key").write_text("")
    with pytest.raises(BadSettings, match=r"x\.db\.key: "):
        settings.keyring(load(monkeypatch, DATABASE_URL=f"sqlite:///{tmp_path}/x.db"))


def test_callbacks_reach_this_machine_only_while_the_emulator_is_the_carrier(monkeypatch):
    assert load(monkeypatch).callback_networks == outgoing.LOOPBACK
    assert load(monkeypatch, **TWILIO).callback_networks == ()


@pytest.mark.parametrize(
    ("value", "allowed"), [("none", ()), ("10.0.0.0/8", outgoing.networks("10.0.0.0/8"))]
)
def test_an_operator_names_the_private_networks_of_callbacks(monkeypatch, value, allowed):
    given = {"LINEPROOF_CALLBACK_ALLOW": value}
    assert load(monkeypatch, **given).callback_networks == allowed
    assert load(monkeypatch, **TWILIO).callback_networks == allowed
