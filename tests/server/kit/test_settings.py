from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from server.kit.settings import LEAST_SECRET_LENGTH, Settings, folder_secret, setting_table

SECRET = "s" * LEAST_SECRET_LENGTH


@pytest.mark.req("S0-02")
def test_every_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "PORT": "9001",
        "DATA_DIR": "/srv/sound",
        "PUBLIC_HOSTS": "Sound.example, other.example:8443",
        "TRUSTED_PROXIES": "10.0.0.0/8,::1/128",
        "FREE_LISTENING_S": "60",
        "WORKERS": "",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings()

    assert settings.port == 9001
    assert settings.data_dir == Path("/srv/sound")
    assert settings.hosts == ("sound.example", "other.example:8443")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1/128")
    assert settings.free_listening_s == 60
    assert settings.workers == 1, "an empty variable is no value"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "70000"), ("TRUSTED_PROXIES", "10.0.0.0/99"), ("LOG_FORMAT", "xml"), ("SECRET_KEY", "short")],
)
def test_a_wrong_value_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_production_refuses_to_start_without_its_own_secret_and_host() -> None:
    with pytest.raises(ValidationError, match="SECRET_KEY must be set"):
        Settings(environment="production", public_hosts=("sound.example",))
    with pytest.raises(ValidationError, match="PUBLIC_HOSTS"):
        Settings(environment="production", secret_key=SecretStr(SECRET))
    settings = Settings(
        environment="production", secret_key=SecretStr(SECRET), public_hosts=("sound.example",)
    )
    assert settings.secret == SECRET.encode()
    assert settings.origins == {"https://sound.example"}


def test_the_secret_is_not_shown_when_settings_are_printed() -> None:
    assert SECRET not in repr(Settings(secret_key=SecretStr(SECRET)))


def test_outside_production_each_data_folder_has_its_own_lasting_secret(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path / "a").secret
    again = Settings(data_dir=tmp_path / "a").secret
    other = Settings(data_dir=tmp_path / "b").secret

    assert first == again
    assert first != other
    assert len(first) >= LEAST_SECRET_LENGTH
    assert stat.S_IMODE((tmp_path / "a" / "secret.key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: Settings(data_dir=tmp_path).secret, range(64)))

    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_secret_that_another_process_makes_meanwhile_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.key").write_text(SECRET)
    monkeypatch.setattr(Path, "exists", lambda _: False)

    assert Settings(data_dir=tmp_path).secret == SECRET.encode()


def test_the_local_names_are_answered_on_the_port() -> None:
    settings = Settings(host="::1", port=8001, allowed_origins=("https://friend.example",))

    assert {"localhost:8001", "127.0.0.1:8001", "[::1]:8001"} <= set(settings.hosts)
    assert {"http://localhost:8001", "https://friend.example"} <= settings.origins
    assert "https://localhost:8001" in Settings(port=8001, tls=True).origins


def test_the_default_folder_is_one_that_the_database_user_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert Settings().data_dir == Path("/var/lib/soundwell")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/ada/.share")
    assert Settings().data_dir == Path("/home/ada/.share/soundwell")


def test_the_table_explains_every_setting() -> None:
    rows = setting_table()

    assert [row.name for row in rows] == [name.upper() for name in Settings.model_fields]
    assert {row.group for row in rows} == {
        "Server",
        "Services",
        "Trust",
        "Mail",
        "Limits",
        "Payments",
        "Operation",
    }
    assert all(row.help.endswith(".") for row in rows)
    shown = {row.name: row.default for row in rows}
    assert shown["PORT"] == "8000"
    assert shown["TLS"] == "false"
    assert shown["SECRET_KEY"] == ""
    assert shown["DATA_DIR"] == "~/.local/share/soundwell"


@pytest.mark.req("S2-42", "S2-43")
def test_mail_is_chosen_with_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().mail == "folder"
    assert Settings().smtp_port == 587
    with pytest.raises(ValidationError, match="MAIL=smtp needs SMTP_HOST"):
        Settings(mail="smtp")
    with pytest.raises(ValidationError, match="MAIL=mailgun needs MAILGUN_DOMAIN"):
        Settings(mail="mailgun", mailgun_domain="sound.example")
    with pytest.raises(ValidationError, match="from_email"):
        Settings(from_email="Soundwell <a@sound.example>\r\nBcc: eve@example.org")
    monkeypatch.setenv("MAIL", "smtp")
    monkeypatch.setenv("SMTP_HOST", "mail.example")
    assert Settings().smtp_host == "mail.example"


@pytest.mark.req("S2-43")
def test_links_lead_to_the_page_that_people_use() -> None:
    assert Settings(port=8123).public_url == "http://localhost:8123"
    assert (
        Settings(public_hosts=("sound.example", "b.example"), tls=True).public_url == "https://sound.example"
    )
    away = Settings(public_hosts=("sound.example",), frontend_url="https://listen.example:3000")
    assert away.public_url == "https://listen.example:3000"
    for url in ("listen.example", "https://listen.example/", "javascript:alert(1)"):
        with pytest.raises(ValidationError, match="frontend_url"):
            Settings(frontend_url=url)


SAFE: dict[str, Any] = {
    "environment": "production",
    "secret_key": SecretStr("x" * 40),
    "public_hosts": ("sound.example",),
}


STRIPE: dict[str, Any] = {name: SecretStr("x") for name in ("stripe_secret", "stripe_webhook_secret")}
SQUEEZY: dict[str, Any] = {
    "lemonsqueezy_api_key": SecretStr("x"),
    "lemonsqueezy_webhook_secret": SecretStr("x"),
    "lemonsqueezy_store_id": "1",
}


@pytest.mark.parametrize(
    ("given", "provider"),
    [
        ({}, "local"),
        ({"payments": "off"}, "off"),
        ({"payments": "stripe", **STRIPE}, "stripe"),
        (SAFE, "off"),
        ({**SAFE, "payments": "lemonsqueezy", **SQUEEZY}, "lemonsqueezy"),
        ({**SAFE, "payments": "local", "allow_local_payments": "yes"}, "local"),
    ],
)
def test_who_takes_payments_is_local_at_home_and_nobody_in_production(
    given: dict[str, Any], provider: str
) -> None:
    assert Settings(**given).payment_provider == provider


def test_production_refuses_to_give_plans_away() -> None:
    with pytest.raises(ValueError, match="ALLOW_LOCAL_PAYMENTS=yes"):
        Settings(**SAFE, payments="local")


def test_a_folder_has_a_secret_of_its_own_for_each_purpose(tmp_path: Path) -> None:
    one, other = folder_secret(tmp_path), folder_secret(tmp_path, "payments")
    assert folder_secret(tmp_path, "payments") == other != one
    assert (tmp_path / "payments.key").stat().st_mode & 0o777 == 0o600
