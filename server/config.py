"""`config.yaml` as typed, frozen values: every key, its default, and the refusal of everything else by its path.

What is secret stands in `server/secrets_file.py`. Meaning, unit and reason of every key: `config.yaml`; a test holds
the two together.
"""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
import yaml
from msgspec import Meta

from server.core.consent_texts import CONSENTS

Port = Annotated[int, Meta(ge=0, le=65535)]


class ConfigError(Exception):
    """The configuration cannot be used; the message is one sentence for the person who wrote it."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the groups of keys."""


class Server(Section, frozen=True, kw_only=True):
    """Where the hub listens and what the world calls it."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""
    origins: tuple[str, ...] = ()
    tls_cert: str = ""
    tls_key: str = ""
    behind_proxy: bool = False
    var_dir: str = "var"


class StoreSection(Section, frozen=True, kw_only=True):
    """The database."""

    url: str = ""


class BusSection(Section, frozen=True, kw_only=True):
    """What lies between hubs."""

    kind: Literal["memory", "redis"] = "memory"
    url: str = ""


class Province(Section, frozen=True, kw_only=True):
    """The branch of the region tree this hub is at home in."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$")] = "220000"
    title: Annotated[str, Meta(min_length=1, max_length=40)] = "直播带岗"


class Consent(Section, frozen=True, kw_only=True):
    """The text a person agrees to before applying."""

    version: Annotated[str, Meta(min_length=1, max_length=32)] = "2026-11"


class Licence(Section, frozen=True, kw_only=True):
    """人力资源服务许可证 and ICP filing, shown at the foot of the pages."""

    name: str = ""
    number: str = ""
    icp: str = ""


class SenderSection(Section, frozen=True, kw_only=True):
    """Who delivers messages to phones."""

    kind: Literal["console", "http"] = "console"
    url: str = ""
    headers: dict[str, str] = {}
    templates: dict[Literal["code", "step", "invitation"], str] = {}
    timeout_s: Annotated[float, Meta(ge=0.5, le=30)] = 5.0
    codes_per_hour: Annotated[int, Meta(ge=1, le=1_000_000)] = 1000


class Tokens(Section, frozen=True, kw_only=True):
    """How long a token is good."""

    guest_days: Annotated[int, Meta(ge=1, le=90)] = 7
    staff_hours: Annotated[int, Meta(ge=1, le=24)] = 12


class Limits(Section, frozen=True, kw_only=True):
    """What one connection, room or stranger may use up."""

    outbox_bytes: Annotated[int, Meta(ge=64 * 1024, le=16 * 1024 * 1024)] = 256 * 1024
    sndbuf_bytes: Annotated[int, Meta(ge=4 * 1024, le=4 * 1024 * 1024)] = 32 * 1024
    chat_tick_min_ms: Annotated[int, Meta(ge=20, le=2000)] = 100
    chat_tick_max_ms: Annotated[int, Meta(ge=20, le=5000)] = 500
    request_s: Annotated[float, Meta(ge=0.1, le=60)] = 10.0
    guests_per_s: Annotated[float, Meta(gt=0, le=10_000)] = 50.0
    guests_burst: Annotated[int, Meta(ge=1, le=1_000_000)] = 2000
    video_egress_mbps: Annotated[int, Meta(ge=0, le=100_000)] = 300
    sign_in_tries: Annotated[int, Meta(ge=1, le=100)] = 5


class Retention(Section, frozen=True, kw_only=True):
    """How long what is kept stays, by class (`server/core/channels.py` names the class of each kind of channel).
    The least of each is law, so less is refused."""

    session_days: Annotated[int, Meta(ge=60)] = 60
    chat_days: Annotated[int, Meta(ge=60)] = 60
    application_days: Annotated[int, Meta(ge=1095)] = 1095
    audit_days: Annotated[int, Meta(ge=180)] = 1095


class Config(Section, frozen=True, kw_only=True):
    """All of `config.yaml`."""

    server: Server = Server()
    store: StoreSection = StoreSection()
    bus: BusSection = BusSection()
    province: Province = Province()
    consent: Consent = Consent()
    licence: Licence = Licence()
    phone_confirmation: Literal["after", "before", "off"] = "after"
    sender: SenderSection = SenderSection()
    tokens: Tokens = Tokens()
    limits: Limits = Limits()
    retention: Retention = Retention()


DEFAULT_PATH = "config.yaml"
FROM_ENVIRONMENT: dict[str, tuple[str, str]] = {
    "DAIGANG_PORT": ("server", "port"),
    "DAIGANG_VAR": ("server", "var_dir"),
    "DAIGANG_STORE_URL": ("store", "url"),
    "DAIGANG_REDIS_URL": ("bus", "url"),
}
"""Environment variables that stand above the file. `DAIGANG_CONFIG` names the file itself; a Redis address also
chooses `bus.kind: redis`."""


def load(path: str | None, environ: Mapping[str, str]) -> Config:
    """The configuration of that file (else `DAIGANG_CONFIG`, else `config.yaml` if it is there, else the defaults),
    with the environment above it. Relative paths in it are as seen from the working directory.

    Raises `ConfigError`.
    """
    named = path or environ.get("DAIGANG_CONFIG")
    file = Path(named or DEFAULT_PATH)
    plain: dict[str, Any] = {}
    if named or file.exists():
        plain = _read(file)
    plain = _with_environment(plain, environ)
    config = _convert(plain)
    _check(config)
    return config


class _NoDuplicates(yaml.SafeLoader):
    """YAML lets a second `port:` silently win; a person who wrote two wants to know."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise ConfigError(f"line {key_node.start_mark.line + 1}: {key} is written twice")
            seen.add(key if isinstance(key, str) else id(key_node))
        return super().construct_mapping(node, deep)


def _read(file: Path) -> dict[str, Any]:
    try:
        plain = yaml.load(file.read_text("utf-8"), _NoDuplicates)
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read ({error})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{file}: not YAML{where} ({getattr(error, 'problem', None) or error})") from None
    except ConfigError as error:
        raise ConfigError(f"{file}, {error}") from None
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise ConfigError(f"{file}: wants keys and values at the top")
    return plain


def _with_environment(plain: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in plain.items()}
    for name, (section, key) in FROM_ENVIRONMENT.items():
        text = environ.get(name)
        if not text:
            continue
        value: str | int = text
        if key == "port":
            if not text.isdecimal() or int(text) > 65535:
                raise ConfigError(f"{name}: wants a port number from 0 to 65535, got {text!r}")
            value = int(text)
        _put(merged, section, key, value)
        if name == "DAIGANG_REDIS_URL":
            _put(merged, section, "kind", "redis")
    return merged


def _put(plain: dict[str, Any], section: str, key: str, value: str | int) -> None:
    group = plain.setdefault(section, {})
    if group is None:
        group = plain[section] = {}
    if isinstance(group, dict):
        group[key] = value


def _convert(plain: dict[str, Any]) -> Config:
    # `server:` with every key commented out is the same as no `server:`.
    plain = {key: value for key, value in plain.items() if value is not None or key not in Config.__struct_fields__}
    if plain.get("phone_confirmation") is False:
        plain["phone_confirmation"] = "off"  # YAML reads an `off` without quotes as false
    _refuse_unknown(plain, Config, "")
    try:
        return msgspec.convert(plain, Config)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        path = where.rstrip("`") or "config"
        quotes = " (put it in quotes)" if what.startswith("Expected `str`, got `int`") else ""
        raise ConfigError(f"{path}: {what[:1].lower()}{what[1:].replace('`', '')}{quotes}") from None


def _refuse_unknown(plain: Mapping[Any, Any], kind: type[Section], prefix: str) -> None:
    known = kind.__struct_fields__
    hints = get_type_hints(kind)
    for key, value in plain.items():
        path = f"{prefix}{key}"
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known here: {', '.join(known)}"
            raise ConfigError(f"{path}: unknown key{hint}")
        inner = hints[key]
        if isinstance(inner, type) and issubclass(inner, Section):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{path}: expected a group of keys, got {type(value).__name__}")
            _refuse_unknown(value, inner, f"{path}.")


def _check(config: Config) -> None:
    """What one key alone cannot tell."""
    if config.consent.version not in CONSENTS:
        raise ConfigError(f"consent.version: no text of that version; known here: {', '.join(CONSENTS)}")
    server = config.server
    if bool(server.tls_cert) != bool(server.tls_key):
        raise ConfigError("server.tls_cert and server.tls_key: wants both or neither")
    for where, url in (("server.public_url", server.public_url), *(("server.origins", o) for o in server.origins)):
        if url:
            origin_of(url, where)
    if config.bus.kind == "redis" and not re.match(r"^(rediss?|unix)://", config.bus.url):
        raise ConfigError("bus.url: wants redis://HOST:PORT/0 (or DAIGANG_REDIS_URL) when bus.kind is redis")
    if config.limits.chat_tick_min_ms > config.limits.chat_tick_max_ms:
        raise ConfigError("limits.chat_tick_min_ms: wants no more than limits.chat_tick_max_ms")
    url = config.store.url
    if url and not re.match(r"^(sqlite|postgresql)(\+\w+)?://", url):
        raise ConfigError("store.url: wants sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")


def origin_of(url: str, where: str) -> str:
    """The origin (RFC 6454: scheme, host, port unless it is the scheme's own) of an address, in lower case.

    Raises `ConfigError` naming `where` for anything but a plain http or https address without a path.
    """
    wants = ConfigError(f"{where}: wants https://HOST or https://HOST:PORT without a path, got {url!r}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wants from None
    host = parts.hostname
    odd = parts.query or parts.fragment or parts.username or parts.path not in ("", "/")
    if parts.scheme not in ("http", "https") or not host or odd:
        raise wants
    shown = f"[{host}]" if ":" in host else host
    own = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, own) else "")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine and nobody else's: 127.0.0.0/8, ::1, localhost."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
