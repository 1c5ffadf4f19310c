"""Every setting of the server: read from the environment once, passed on as a value."""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LEAST_SECRET_LENGTH = 32
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")

Environment = Literal["development", "production", "test"]
Mail = Literal["folder", "smtp", "mailgun"]


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        ipaddress.ip_network(value, strict=False)
    return values


def _default_data_dir() -> Path:
    """As root a place that the unprivileged database user can reach; root's own home is closed to it."""
    if os.geteuid() == 0:
        return Path("/var/lib/soundwell")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "soundwell"


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
NetworkList = Annotated[CommaList, AfterValidator(_networks)]


def _group(name: str) -> dict[str, Any]:
    return {"group": name}


_SERVER, _SERVICES, _TRUST = _group("Server"), _group("Services"), _group("Trust")
_MAIL, _LIMITS, _WATCH = _group("Mail"), _group("Limits"), _group("Operation")
_MONEY = _group("Payments")


class Settings(BaseSettings):
    """One field per environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    environment: Environment = Field(
        default="development",
        description="`production` refuses defaults that are only safe at home.",
        json_schema_extra=_SERVER,
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.", json_schema_extra=_SERVER)
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="Port to listen on; 0 takes a free one.",
        json_schema_extra=_SERVER,
    )
    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Folder of the embedded database, the bus and the files.",
        json_schema_extra=_SERVER,
    )
    workers: int = Field(
        default=1, ge=1, le=64, description="Web processes that share the port.", json_schema_extra=_SERVER
    )
    tls: bool = Field(
        default=False,
        description="Serve HTTPS with a certificate made in the data folder.",
        json_schema_extra=_SERVER,
    )
    reload: bool = Field(
        default=False,
        description="Start the web process again when a file changes.",
        json_schema_extra=_SERVER,
    )

    database_url: str = Field(
        default="", description="Postgres to use instead of the embedded one.", json_schema_extra=_SERVICES
    )
    database_connections: int = Field(
        default=10,
        ge=1,
        le=200,
        description="Most database connections per process.",
        json_schema_extra=_SERVICES,
    )
    redis_url: str = Field(
        default="",
        description="Redis or Valkey to use instead of the embedded one.",
        json_schema_extra=_SERVICES,
    )

    payments: Literal["", "off", "local", "stripe", "lemonsqueezy"] = Field(
        default="",
        description="Who takes payments: `off`, `local` (a stand-in that takes no money), `stripe` or "
        "`lemonsqueezy`. Left out: `local`, and `off` in production.",
        json_schema_extra=_MONEY,
    )
    stripe_secret: SecretStr = Field(
        default=SecretStr(""), description="Stripe's secret key.", json_schema_extra=_MONEY
    )
    stripe_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs what Stripe sends to `/api/webhooks/stripe`.",
        json_schema_extra=_MONEY,
    )
    stripe_url: str = Field(
        default="", description="Another address than Stripe's own, for tests.", json_schema_extra=_MONEY
    )
    lemonsqueezy_api_key: SecretStr = Field(
        default=SecretStr(""), description="Lemon Squeezy's API key.", json_schema_extra=_MONEY
    )
    lemonsqueezy_store_id: str = Field(
        default="", description="The store that sells.", json_schema_extra=_MONEY
    )
    lemonsqueezy_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs what Lemon Squeezy sends to `/api/webhooks/lemonsqueezy`.",
        json_schema_extra=_MONEY,
    )
    lemonsqueezy_variant_once: str = Field(
        default="",
        description="The variant under which Lemon Squeezy sells what is bought once.",
        json_schema_extra=_MONEY,
    )
    price_pro_monthly: str = Field(
        default="",
        description="The vendor's own id of that price: a price at Stripe, a variant at Lemon Squeezy.",
        json_schema_extra=_MONEY,
    )
    price_pro_yearly: str = Field(default="", description="The same, by the year.", json_schema_extra=_MONEY)
    price_studio_monthly: str = Field(
        default="", description="The same of the studio plan.", json_schema_extra=_MONEY
    )
    price_studio_yearly: str = Field(
        default="", description="The same, by the year.", json_schema_extra=_MONEY
    )
    allow_local_payments: Literal["", "yes"] = Field(
        default="",
        description="`yes` lets `PAYMENTS=local` start in production: then anybody can have any plan.",
        json_schema_extra=_MONEY,
    )

    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs cookies and tickets, at least 32 characters. Outside production it may be left "
        "out: then one is made in the data folder.",
        json_schema_extra=_TRUST,
    )
    public_hosts: CommaList = Field(
        default=(),
        description="Host names by which people reach the server, separated by commas; with the port unless "
        "it is the usual one. Outside production: the local names.",
        json_schema_extra=_TRUST,
    )
    allowed_origins: CommaList = Field(
        default=(), description="Further web origins that may call the API.", json_schema_extra=_TRUST
    )
    trusted_proxies: NetworkList = Field(
        default=(), description="Networks (CIDR) whose `X-Forwarded-For` counts.", json_schema_extra=_TRUST
    )
    files_origin: str = Field(
        default="", description="Origin that serves images and audio, if another.", json_schema_extra=_TRUST
    )

    frontend_url: str = Field(
        default="",
        pattern=r"^(https?://[^/\s]+)?$",
        description="Where links in mails lead, such as `https://listen.example.org`. If left out: the first "
        "of `PUBLIC_HOSTS`.",
        json_schema_extra=_MAIL,
    )
    mail: Mail = Field(
        default="folder",
        description="How letters leave: `smtp`, `mailgun`, or not at all: `folder` keeps them as files in "
        "the data folder.",
        json_schema_extra=_MAIL,
    )
    from_email: str = Field(
        default="Soundwell <soundwell@localhost.localdomain>",
        pattern=r"^[^\x00-\x1f]*@[^\x00-\x1f]+$",
        description="Who writes, with or without a name.",
        json_schema_extra=_MAIL,
    )
    smtp_host: str = Field(default="", description="The mail server.", json_schema_extra=_MAIL)
    smtp_port: int = Field(
        default=587,
        ge=1,
        le=65535,
        description="Its port. 465 speaks TLS from the first byte; elsewhere STARTTLS is required, except on "
        "this machine.",
        json_schema_extra=_MAIL,
    )
    smtp_username: str = Field(
        default="", description="Signs in at the mail server, if given.", json_schema_extra=_MAIL
    )
    smtp_password: SecretStr = Field(
        default=SecretStr(""), description="With that name.", json_schema_extra=_MAIL
    )
    mailgun_api_key: SecretStr = Field(
        default=SecretStr(""), description="Key of a Mailgun domain.", json_schema_extra=_MAIL
    )
    mailgun_domain: str = Field(default="", description="The domain that sends.", json_schema_extra=_MAIL)
    mailgun_url: str = Field(
        default="https://api.mailgun.net",
        description="Its region's address; in Europe `https://api.eu.mailgun.net`.",
        json_schema_extra=_MAIL,
    )

    free_listening_s: int = Field(
        default=1800,
        ge=0,
        description="Seconds of sound a day for guests and the free plan.",
        json_schema_extra=_LIMITS,
    )
    capacity: float = Field(
        default=1400.0,
        gt=0,
        description="Listeners of ordinary cost that one web process takes before it refuses more.",
        json_schema_extra=_LIMITS,
    )
    guests_per_hour: int = Field(
        default=60, ge=1, description="New guests per address and hour.", json_schema_extra=_LIMITS
    )
    requests_per_minute: int = Field(
        default=600,
        ge=1,
        description="API requests per principal or address and minute.",
        json_schema_extra=_LIMITS,
    )
    max_body_bytes: int = Field(
        default=65536,
        ge=1024,
        description="Largest request body of an ordinary route.",
        json_schema_extra=_LIMITS,
    )
    events_keep_days: int = Field(
        default=30, ge=1, description="Days that an event stays readable.", json_schema_extra=_LIMITS
    )
    events_keep_rows: int = Field(
        default=10000,
        ge=100,
        description="Events that stay readable per principal.",
        json_schema_extra=_LIMITS,
    )

    audit_keep_days: int = Field(
        default=400, ge=1, description="Days that a line of the audit log stays.", json_schema_extra=_LIMITS
    )

    log_format: Literal["console", "json"] = Field(
        default="console", description="How log lines look.", json_schema_extra=_WATCH
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severity that is logged.", json_schema_extra=_WATCH
    )

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        secret = self.secret_key.get_secret_value()
        if secret and len(secret) < LEAST_SECRET_LENGTH:
            raise ValueError(f"SECRET_KEY needs at least {LEAST_SECRET_LENGTH} characters.")
        if self.environment == "production":
            if not secret:
                raise ValueError("In production SECRET_KEY must be set.")
            if not self.public_hosts:
                raise ValueError("In production PUBLIC_HOSTS must name the host that people use.")
            if self.payments == "local" and not self.allow_local_payments:
                raise ValueError(
                    "In production PAYMENTS=local gives plans away; "
                    "set ALLOW_LOCAL_PAYMENTS=yes if that is meant."
                )
        return self

    @model_validator(mode="after")
    def _refuse_payments_without_keys(self) -> Self:
        if self.payments == "stripe" and not (self.stripe_secret and self.stripe_webhook_secret):
            raise ValueError("PAYMENTS=stripe needs STRIPE_SECRET and STRIPE_WEBHOOK_SECRET.")
        needed = (
            self.lemonsqueezy_api_key,
            self.lemonsqueezy_webhook_secret,
            self.lemonsqueezy_store_id,
        )
        if self.payments == "lemonsqueezy" and not all(needed):
            raise ValueError(
                "PAYMENTS=lemonsqueezy needs LEMONSQUEEZY_API_KEY, LEMONSQUEEZY_STORE_ID and "
                "LEMONSQUEEZY_WEBHOOK_SECRET."
            )
        return self

    @model_validator(mode="after")
    def _refuse_mail_without_a_way(self) -> Self:
        if self.mail == "smtp" and not self.smtp_host:
            raise ValueError("MAIL=smtp needs SMTP_HOST.")
        if self.mail == "mailgun" and not (self.mailgun_domain and self.mailgun_api_key.get_secret_value()):
            raise ValueError("MAIL=mailgun needs MAILGUN_DOMAIN and MAILGUN_API_KEY.")
        return self

    @cached_property
    def secret(self) -> bytes:
        """The signing secret; outside production made once per data folder."""
        given = self.secret_key.get_secret_value()
        return given.encode() if given else folder_secret(self.data_dir)

    @property
    def payment_provider(self) -> Literal["off", "local", "stripe", "lemonsqueezy"]:
        """Who takes payments, by setting or by default."""
        return self.payments or ("off" if self.is_production else "local")

    @property
    def vendor_prices(self) -> dict[str, str]:
        """By the id of a price of ours: what the vendor calls it. Only what is sold there."""
        known = {
            "pro-month": self.price_pro_monthly,
            "pro-year": self.price_pro_yearly,
            "studio-month": self.price_studio_monthly,
            "studio-year": self.price_studio_yearly,
        }
        return {ours: theirs for ours, theirs in known.items() if theirs}

    @property
    def admin_token(self) -> Path:
        """Where the token lies that makes the first administrator, while there is none."""
        return self.data_dir / "admin.token"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def scheme(self) -> str:
        """What people type: behind a proxy in production that is always https."""
        return "https" if self.tls or self.is_production else "http"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every `Host` that is answered, lower case, with its port where that is not the usual one."""
        if self.public_hosts:
            return tuple(host.lower() for host in self.public_hosts)
        names = {*LOOPBACK_HOSTS, _bracketed(self.host.lower())}
        return tuple(sorted(names | {f"{name}:{self.port}" for name in names}))

    @property
    def public_url(self) -> str:
        """What a link in a mail begins with."""
        host = self.public_hosts[0] if self.public_hosts else f"localhost:{self.port}"
        return self.frontend_url or f"{self.scheme}://{host}"

    @property
    def origins(self) -> frozenset[str]:
        """Every web origin that may open a socket or call with credentials."""
        return frozenset(f"{self.scheme}://{host}" for host in self.hosts) | frozenset(self.allowed_origins)


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the table of settings in the documentation."""

    group: str
    name: str
    default: str
    help: str


def setting_table() -> tuple[SettingRow, ...]:
    """Every setting in the order of the class."""
    return tuple(
        SettingRow(
            group=str((field.json_schema_extra or {})["group"])
            if not callable(field.json_schema_extra)
            else "",
            name=name.upper(),
            default=_shown(name, field.default),
            help=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    )


def _shown(name: str, default: object) -> str:
    if name == "data_dir":
        return "~/.local/share/soundwell"
    if isinstance(default, SecretStr):
        return ""
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def folder_secret(folder: Path, name: str = "secret") -> bytes:
    """Read a secret of the folder, made by whichever process comes first."""
    path = folder / f"{name}.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
