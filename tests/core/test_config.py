"""config.yaml and its Structs say the same; every mistake is named by its path; secrets stay secret."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.config import (
    Config,
    ConfigError,
    Section,
    is_loopback,
    origin_of,
)
from server.config_file import load
from server.opening import sender_of
from server.public_address import public_origin, refuse_bare_http, refuse_open_demo
from server.secrets_file import FILE_NAME, NEEDED, load_secrets

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "config.yaml"


REDIS = "bus: {kind: redis, url: 'redis://h'}\n"
OTHER = "{title: 辽宁, url: 'https://l.example', key: 'x', redis: 'redis://f@h'}"


def keys_of(kind: type[Section], prefix: str = "") -> Iterator[str]:
    for name, value in zip(kind.__struct_fields__, kind.__struct_defaults__, strict=True):
        if isinstance(value, Section):
            yield from keys_of(type(value), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def documented() -> dict[str, str]:
    """Key to the comment above it, as config.yaml has them."""
    found: dict[str, str] = {}
    section = ""
    comment: list[str] = []
    for line in FILE.read_text("utf-8").splitlines():
        if match := re.match(r"^(\w+):$", line):
            section, comment = match[1], []
        elif match := re.match(r"^(\w+): \S+$", line):
            found[match[1]] = " ".join(comment)
            comment = []
        elif match := re.match(r"^(?:  )?# ?(.*)$", line):
            comment.append(match[1])
        elif match := re.match(r"^  (\w+): .+$", line):
            found[f"{section}.{match[1]}"] = " ".join(comment)
            comment = []
    return found


def test_every_key_is_explained_and_every_explained_key_exists() -> None:
    found = documented()
    assert set(found) == set(keys_of(Config))
    assert [key for key, comment in found.items() if len(comment) < 20] == []


def test_there_are_fifty_keys_at_most() -> None:
    assert len(list(keys_of(Config))) <= 50


def test_the_file_says_the_defaults() -> None:
    assert load(str(FILE), {}) == Config()


def config_from(tmp_path: Path, text: str, **environ: str) -> Config:
    file = tmp_path / "c.yaml"
    file.write_text(text, "utf-8")
    return load(str(file), environ)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("limits:\n  outbox_byte: 3", "limits.outbox_byte: unknown key; did you mean outbox_bytes?"),
        ("limit:\n  outbox_bytes: 3", "limit: unknown key; did you mean limits?"),
        ("limits:\n  zzz: 3", "limits.zzz: unknown key; known here: outbox_bytes, "),
        ("limits:\n  outbox_bytes: many", "limits.outbox_bytes: expected int, got str"),
        ("limits:\n  outbox_bytes: 3", "limits.outbox_bytes: expected int >= 65536"),
        ("limits:\n  outbox_bytes: 3.5", "limits.outbox_bytes: expected int, got float"),
        ("limits:\n  chat_tick_min_ms: 900", "limits.chat_tick_min_ms: wants no more than"),
        ("server: 8080", "server: expected a group of keys, got int"),
        ("server:\n  port: 99999", "server.port: expected int <= 65535"),
        ("server:\n  port: yes", "server.port: expected int, got bool"),
        ("server:\n  origins: https://a.cn", "server.origins: expected array, got str"),
        ("server:\n  origins: [a.cn]", "server.origins: wants https://HOST"),
        ("server:\n  public_url: https://a.cn/fair", "server.public_url: wants https://HOST"),
        ("server:\n  public_url: https://a.cn:x", "server.public_url: wants https://HOST"),
        ("server:\n  tls_cert: a.pem", "server.tls_cert and server.tls_key: wants both or neither"),
        ("server:\n  port: 1\n  port: 2", "line 3: port is written twice"),
        ("province:\n  code: 220000", "province.code: expected str, got int (put it in quotes)"),
        ("province:\n  code: '22'", "province.code: expected str matching regex"),
        ("bus:\n  kind: kafka", "bus.kind: invalid enum value 'kafka'"),
        ("bus:\n  kind: redis", "bus.url: wants redis://HOST:PORT/0"),
        ("bus:\n  kind: redis\n  url: redis://a:b/0", "bus.url: wants redis://HOST:PORT/0"),
        ("bus:\n  kind: redis\n  url: redis+sentinel://a:26379", "bus.url: wants redis://HOST:PORT/0, or redis+sent"),
        ("bus:\n  kind: redis\n  url: redis+sentinel://a:b/name/0", "bus.url: wants redis://HOST:PORT/0"),
        ("video:\n  engine: wowza", "video.engine: invalid enum value 'wowza'"),
        ("video:\n  engine: cdn", "video.publish_url and video.play_url: a cdn wants both"),
        ("video:\n  publish_url: https://a.cn", "video.publish_url: wants rtmps://HOST"),
        ("video:\n  play_url: https://a.cn/x.m3u8", "video.play_url: wants https://HOST"),
        ("video:\n  private_targets: [10.0.0.1/8]", "video.private_targets: wants networks such as"),
        ("video:\n  hooks_from: [everywhere]", "video.hooks_from: wants networks such as"),
        ("store:\n  url: mysql://a/b", "store.url: wants sqlite:///PATH or postgresql://"),
        ("retention:\n  chat_days: 7", "retention.chat_days: expected int >= 60"),
        ("retention:\n  application_days: 365", "retention.application_days: expected int >= 1095"),
        (f"provinces: {{'210000': {OTHER}}}", "provinces: far hubs read this province's Redis"),
        (f"{REDIS}provinces: {{'220000': {OTHER}}}", "provinces.220000: is this province itself"),
        (f"{REDIS}provinces: {{'210000': {OTHER.replace('redis:', 'title:')}}}", "title is written twice"),
        (f"{REDIS}provinces: {{'210000': {OTHER.replace('https://', '')}}}", "provinces.210000.url: wants"),
        (f"{REDIS}provinces: {{'210000': {OTHER.replace('redis://', '')}}}", "provinces.210000.redis: wants"),
        ("- a", "wants keys and values at the top"),
        ("server: [", "not YAML at line 1"),
        ("server: !!python/object:os.system {}", "not YAML at line 1"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config_from(tmp_path, text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    for environ, path in (({}, str(tmp_path / "no.yaml")), ({"DAIGANG_CONFIG": str(tmp_path / "no.yaml")}, None)):
        with pytest.raises(ConfigError, match="there is no such file"):
            load(path, environ)


def test_empty_sections_are_defaults(tmp_path: Path) -> None:
    assert config_from(tmp_path, "server:\nlimits:\n") == Config()
    assert config_from(tmp_path, "") == Config()


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    config = config_from(
        tmp_path,
        "server:\n  port: 1\n",
        DAIGANG_PORT="8081",
        DAIGANG_VAR="/srv/daigang",
        DAIGANG_STORE_URL="postgresql://u:p@h/d",
        DAIGANG_REDIS_URL="redis://h:6379/0",
    )
    assert (config.server.port, config.server.var_dir) == (8081, "/srv/daigang")
    assert config.store.url == "postgresql://u:p@h/d"
    assert (config.bus.kind, config.bus.url) == ("redis", "redis://h:6379/0")
    with pytest.raises(ConfigError, match="DAIGANG_PORT: wants a port number"):
        config_from(tmp_path, "", DAIGANG_PORT="http")


def test_every_environment_variable_is_in_the_file() -> None:
    text = FILE.read_text("utf-8")
    for name in ("DAIGANG_PORT", "DAIGANG_VAR", "DAIGANG_STORE_URL", "DAIGANG_REDIS_URL", "DAIGANG_CONFIG"):
        assert name in text


def test_origins_are_canonical() -> None:
    assert origin_of("HTTPS://Fair.Example.CN:443/", "x") == "https://fair.example.cn"
    assert origin_of("http://[::1]:8080", "x") == "http://[::1]:8080"
    for bad in ("fair.cn", "ftp://a", "https://", "https://u:p@a", "https://a?b", "https://a#b", "https://a:99999"):
        with pytest.raises(ConfigError):
            origin_of(bad, "x")


def test_what_is_this_machine() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST")))
    assert not any(
        map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "localhost.example.cn", "127.0.0.1.example.cn", "", "1"))
    )


def test_http_is_refused_where_strangers_could_listen(tmp_path: Path) -> None:
    for text in (
        "server:\n  public_url: http://fair.example.cn",
        "server:\n  host: 0.0.0.0",
        "server:\n  public_url: http://10.0.0.1:8080",
    ):
        with pytest.raises(ConfigError, match="in the clear"):
            refuse_bare_http(config_from(tmp_path, text))
    for text in (
        "",
        "server:\n  public_url: https://fair.example.cn\n  host: 0.0.0.0",
        "server:\n  public_url: http://localhost:8080",
        "server:\n  host: 0.0.0.0\n  tls_cert: a\n  tls_key: b",
    ):
        refuse_bare_http(config_from(tmp_path, text))


def test_the_public_origin_follows_what_is_listened_on(tmp_path: Path) -> None:
    assert public_origin(config_from(tmp_path, ""), 8123) == "http://127.0.0.1:8123"
    assert public_origin(config_from(tmp_path, "server:\n  host: '::1'"), 80) == "http://[::1]"
    assert public_origin(config_from(tmp_path, "server:\n  public_url: https://a.cn"), 8080) == "https://a.cn"


def test_the_demonstration_stays_on_this_machine() -> None:
    for host in ("127.0.0.1", "127.0.0.2", "::1", "localhost"):
        refuse_open_demo(host)
    for host in ("0.0.0.0", "::", "192.168.1.5", "fair.example.cn"):
        with pytest.raises(ConfigError, match="loopback only"):
            refuse_open_demo(host)


# ---- secrets ---------------------------------------------------------------------------------------------------------


def test_secrets_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)  # the mode must not depend on it
    try:
        first = load_secrets(tmp_path / "var", {}, store_exists=False)
    finally:
        os.umask(before)
    file = tmp_path / "var" / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = load_secrets(tmp_path / "var", {}, store_exists=True)
    assert (first.signing_seed, first.phone_keys, first.phone_hmac_key) == (
        second.signing_seed,
        second.phone_keys,
        second.phone_hmac_key,
    )
    assert len({first.signing_seed, first.phone_keys[0][1], first.phone_hmac_key}) == 3
    assert first.metrics_token
    assert repr(first) == "Secrets(…)"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_secrets_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    load_secrets(tmp_path, {}, store_exists=False)
    (tmp_path / FILE_NAME).chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_secrets(tmp_path, {}, store_exists=True)


def test_secrets_are_never_made_anew_beside_a_database(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="put back the copy"):
        load_secrets(tmp_path, {}, store_exists=True)
    assert not (tmp_path / FILE_NAME).exists()


def test_secrets_by_environment_need_no_file(tmp_path: Path) -> None:
    made = load_secrets(tmp_path / "a", {}, store_exists=False)
    lines = (tmp_path / "a" / FILE_NAME).read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    given = load_secrets(tmp_path / "b", values, store_exists=True)
    assert given.phone_keys == made.phone_keys
    assert not (tmp_path / "b").exists()
    # One alone by environment stands above the file.
    one = load_secrets(tmp_path / "a", {"DAIGANG_METRICS_TOKEN": "t"}, store_exists=True)
    assert (one.metrics_token, one.signing_seed) == ("t", made.signing_seed)


def test_several_phone_keys_can_be_held(tmp_path: Path) -> None:
    load_secrets(tmp_path, {}, store_exists=False)
    text = (tmp_path / FILE_NAME).read_text()
    old = re.search(r"k1:(\S+)", text)
    assert old is not None
    new = "A" * 43 + "="
    (tmp_path / FILE_NAME).write_text(text.replace(old[0], f"k2:{new},{old[0]}"))
    assert [name for name, _ in load_secrets(tmp_path, {}, store_exists=True).phone_keys] == ["k2", "k1"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DAIGANG_SIGNING_SEED", "short", "DAIGANG_SIGNING_SEED: "),
        ("DAIGANG_SIGNING_SEED", "QUJD", "wants 32 bytes in base64, got 3"),
        ("DAIGANG_PHONE_KEYS", "QUJD", "wants ID:KEY"),
        ("DAIGANG_PHONE_HMAC_KEY", "!!!!", "not base64"),
    ],
)
def test_broken_secrets_are_named_and_never_quoted(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    load_secrets(tmp_path, {}, store_exists=False)
    with pytest.raises(ConfigError) as caught:
        load_secrets(tmp_path, {name: value}, store_exists=True)
    assert sentence in str(caught.value)
    assert value not in str(caught.value)


def test_a_secrets_file_must_hold_them_all(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.touch(mode=0o600)
    with pytest.raises(ConfigError, match=f"{NEEDED[0]}, {NEEDED[1]}, {NEEDED[2]} missing"):
        load_secrets(tmp_path, {}, store_exists=False)
    file.write_text("nonsense\n")
    with pytest.raises(ConfigError, match="line 1: wants NAME=VALUE"):
        load_secrets(tmp_path, {}, store_exists=False)


def test_off_means_off_also_without_quotes(tmp_path: Path) -> None:
    """YAML 1.1 reads it as false."""
    for text in ("phone_confirmation: off", 'phone_confirmation: "off"', "phone_confirmation: no"):
        assert config_from(tmp_path, text).phone_confirmation == "off"
    with pytest.raises(ConfigError, match="phone_confirmation"):
        config_from(tmp_path, "phone_confirmation: sometimes")


@pytest.mark.parametrize("url", ["", "http://sms.example.cn/send", "ftp://127.0.0.1/", "sms.example.cn"])
def test_numbers_never_travel_to_a_gateway_in_the_clear(tmp_path: Path, url: str) -> None:
    config = config_from(tmp_path, f"sender:\n  kind: http\n  url: '{url}'")
    secrets = load_secrets(tmp_path / "var", {}, store_exists=False)
    with pytest.raises(ConfigError, match=r"sender\.url"):
        sender_of(config, secrets, demo=False)
