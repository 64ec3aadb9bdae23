"""`config.yaml` as typed, frozen values: every key, its default, and what keys must say together.

`server/config_file.py` reads the file. What is secret stands in `server/secrets_file.py`. Meaning, unit and reason of
every key: `config.yaml`; a test holds the two together.
"""

import ipaddress
import re
from functools import lru_cache
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from server.core.consent_texts import CONSENTS

Port = Annotated[int, Meta(ge=0, le=65535)]


_HOST = r"(\[[0-9a-fA-F:]+\]|[^@/,:\[\]]+)(:\d{1,5})?"
_REDIS_URL = re.compile(
    rf"unix://|rediss?://([^/]*@)?({_HOST})?(/\d*)?(\?.*)?$|"
    rf"rediss?\+sentinel://([^/]*@)?{_HOST}(,{_HOST})*/[^/?]+(/\d*)?(\?.*)?$"
)
"""An address `server.bus` can use."""


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


class OtherProvince(Section, frozen=True, kw_only=True):
    """A province whose sessions are watched here, and whose people may apply here."""

    title: Annotated[str, Meta(min_length=1, max_length=40)]
    url: str
    key: str
    redis: str = ""


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


class VideoSection(Section, frozen=True, kw_only=True):
    """Who takes the streams of encoders, and where pictures go beside the hub."""

    engine: Literal["embedded", "nginx_rtmp", "mediamtx", "srs", "cdn"] = "embedded"
    publish_url: str = ""
    source_url: str = "rtmp://127.0.0.1:1935/live"
    control_url: str = "http://127.0.0.1:1936/control"
    play_url: str = ""
    hooks_from: tuple[str, ...] = ("127.0.0.1/32", "::1/128")
    private_targets: tuple[str, ...] = ()
    converted_rooms: Annotated[int, Meta(ge=0, le=64)] = 1


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


class RecordingSection(Section, frozen=True, kw_only=True):
    """What recordings of pictures may take of the disk, in GiB."""

    room_gb: Annotated[float, Meta(gt=0, le=10_000)] = 20.0
    low_water_gb: Annotated[float, Meta(ge=0, le=10_000)] = 2.0


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
    provinces: dict[Annotated[str, Meta(pattern=r"^[0-9]{6}$")], OtherProvince] = {}
    consent: Consent = Consent()
    licence: Licence = Licence()
    phone_confirmation: Literal["after", "before", "off"] = "after"
    sender: SenderSection = SenderSection()
    tokens: Tokens = Tokens()
    video: VideoSection = VideoSection()
    limits: Limits = Limits()
    recording: RecordingSection = RecordingSection()
    retention: Retention = Retention()


def check(config: Config) -> None:
    """What one key alone cannot tell.

    Raises `ConfigError`.
    """
    if config.consent.version not in CONSENTS:
        raise ConfigError(f"consent.version: no text of that version; known here: {', '.join(CONSENTS)}")
    server = config.server
    if bool(server.tls_cert) != bool(server.tls_key):
        raise ConfigError("server.tls_cert and server.tls_key: wants both or neither")
    for where, url in (("server.public_url", server.public_url), *(("server.origins", o) for o in server.origins)):
        if url:
            origin_of(url, where)
    if config.bus.kind == "redis" and not _REDIS_URL.match(config.bus.url):
        raise ConfigError(
            "bus.url: wants redis://HOST:PORT/0, or redis+sentinel://HOST:PORT,HOST:PORT/NAME/0 (or DAIGANG_REDIS_URL) "
            "when bus.kind is redis"
        )
    _check_provinces(config)
    if config.limits.chat_tick_min_ms > config.limits.chat_tick_max_ms:
        raise ConfigError("limits.chat_tick_min_ms: wants no more than limits.chat_tick_max_ms")
    _check_video(config.video)
    url = config.store.url
    if url and not re.match(r"^(sqlite|postgresql)(\+\w+)?://(.*@)?(\[[^]]*\]|[^:/]*)(:\d+)?(/|$)", url):
        raise ConfigError("store.url: wants sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME")


def _check_provinces(config: Config) -> None:
    if not config.provinces:
        return
    if config.province.code in config.provinces:
        raise ConfigError(f"provinces.{config.province.code}: is this province itself (province.code)")
    if config.bus.kind != "redis":
        raise ConfigError("provinces: far hubs read this province's Redis, so bus.kind must be redis")
    for code, other in config.provinces.items():
        origin_of(other.url, f"provinces.{code}.url")
        if not _REDIS_URL.match(other.redis):
            name = f"DAIGANG_REDIS_URL_{code}"
            raise ConfigError(
                f"provinces.{code}.redis: wants rediss://far-{config.province.code}:PASSWORD@HOST:PORT/0 (or {name})"
            )


def _check_video(video: VideoSection) -> None:
    for name in ("hooks_from", "private_targets"):
        for network in getattr(video, name):
            try:
                ipaddress.ip_network(network)
            except ValueError:
                raise ConfigError(f"video.{name}: wants networks such as 10.0.0.0/8, got {network!r}") from None
    for name, schemes in (("publish_url", "rtmps?"), ("source_url", "rtmp"), ("control_url", "https?")):
        url = getattr(video, name)
        if url and not re.match(rf"^{schemes}://[^/\s]+", url):
            raise ConfigError(f"video.{name}: wants {schemes.rstrip('?')}://HOST/…, got {url!r}")
    if video.play_url and not re.match(r"^https?://[^/\s]+/.*\{stream\}", video.play_url):
        raise ConfigError("video.play_url: wants https://HOST/… with {stream} in it")
    if video.engine == "cdn" and not (video.play_url and video.publish_url):
        raise ConfigError("video.publish_url and video.play_url: a cdn wants both")


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


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine and nobody else's: 127.0.0.0/8, ::1, localhost."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
