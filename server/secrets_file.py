"""The keys of the house: from the environment, else from `VAR/secrets.env` (mode 0600), written at the first start.

Losing them means: every token is void, and no stored phone number can be read again. So they are never made anew
beside a database that is already there.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.config import ConfigError

FILE_NAME = "secrets.env"
SIGNING_SEED = "DAIGANG_SIGNING_SEED"
PHONE_KEYS = "DAIGANG_PHONE_KEYS"
PHONE_HMAC_KEY = "DAIGANG_PHONE_HMAC_KEY"
METRICS_TOKEN = "DAIGANG_METRICS_TOKEN"
SENDER_SECRET = "DAIGANG_SENDER_SECRET"
CDN_KEYS = "DAIGANG_CDN_KEYS"
NEEDED = (SIGNING_SEED, PHONE_KEYS, PHONE_HMAC_KEY)
KEY_BYTES = 32

_HEADER = """\
# The keys of this daigang. Keep a copy where the database's copies are not, and show it to nobody.
# DAIGANG_SIGNING_SEED    Ed25519 seed that signs tokens (base64, 32 bytes). A new one signs everybody out.
# DAIGANG_PHONE_KEYS      ID:KEY[,ID:KEY...] that encrypt phone numbers (base64, 32 bytes); the first one encrypts.
# DAIGANG_PHONE_HMAC_KEY  finds a phone number without decrypting (base64, 32 bytes). Must never change.
# DAIGANG_METRICS_TOKEN   lets a monitor read /metrics from elsewhere.
# DAIGANG_SENDER_SECRET   the bearer token of the message gateway (sender.url), if there is one.
# DAIGANG_CDN_KEYS        STYLE:PUSH:PLAY, the signing keys of a CDN (video.engine: cdn); STYLE is tencent or aliyun.
"""


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """The keys as bytes. `phone_keys` is (id, key), the first one is the one that encrypts. Never printed."""

    signing_seed: bytes
    phone_keys: tuple[tuple[str, bytes], ...]
    phone_hmac_key: bytes
    metrics_token: str = ""
    sender_secret: str = ""
    cdn_keys: str = ""
    fresh: bool = False
    """This very process has made them, just now."""

    def __repr__(self) -> str:
        return "Secrets(…)"

    def hook_secret(self) -> str:
        """What a media engine proves itself by; made from the seed, so that there is nothing more to keep."""
        return hmac.digest(self.signing_seed, b"media engine", hashlib.sha256)[:20].hex()


def load_secrets(var: Path, environ: Mapping[str, str], *, store_exists: bool) -> Secrets:
    """The secrets of this house; makes them when nothing is there yet and no store either.

    Raises `ConfigError` when the file is readable by others, holds no keys, or is missing beside a store.
    """
    file = var / FILE_NAME
    values = {name: environ[name] for name in (*NEEDED, METRICS_TOKEN, SENDER_SECRET, CDN_KEYS) if environ.get(name)}
    fresh = False
    if not all(name in values for name in NEEDED):
        if not file.exists():
            if store_exists:
                raise ConfigError(
                    f"{file} is missing but its database is there: put back the copy of the file, "
                    "or nobody can read the phone numbers in it"
                )
            fresh = write_new(file)
        values = _read(file) | values
    missing = [name for name in NEEDED if not values.get(name)]
    if missing:
        raise ConfigError(f"{file}: {', '.join(missing)} missing")
    return Secrets(
        signing_seed=_key(values[SIGNING_SEED], SIGNING_SEED),
        phone_keys=_phone_keys(values[PHONE_KEYS]),
        phone_hmac_key=_key(values[PHONE_HMAC_KEY], PHONE_HMAC_KEY),
        metrics_token=values.get(METRICS_TOKEN, ""),
        sender_secret=values.get(SENDER_SECRET, ""),
        cdn_keys=values.get(CDN_KEYS, ""),
        fresh=fresh,
    )


def write_new(file: Path) -> bool:
    """Fresh secrets into a file, readable by its owner alone from the first byte on, and whole from the moment it has
    its name. False: another hub that starts beside this one was first, and its secrets are there."""
    lines = [
        f"{SIGNING_SEED}={_fresh()}",
        f"{PHONE_KEYS}=k1:{_fresh()}",
        f"{PHONE_HMAC_KEY}={_fresh()}",
        f"{METRICS_TOKEN}={secrets.token_urlsafe(24)}",
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(_HEADER + "\n".join(lines) + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def refuse_readable_by_others(file: Path) -> None:
    """Raises `ConfigError` when group or others have any right to the file."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(f"{file} may be read by others (mode {mode:04o}): chmod 600 {file}")


def _read(file: Path) -> dict[str, str]:
    refuse_readable_by_others(file)
    values: dict[str, str] = {}
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise ConfigError(f"{file}, line {number}: wants NAME=VALUE")
        values[name] = value.strip()
    return values


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def _key(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(f"{name}: not base64") from None
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{name}: wants {KEY_BYTES} bytes in base64, got {len(key)}")
    return key


def _phone_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    keys = []
    for part in text.split(","):
        name, colon, key = part.strip().partition(":")
        if not colon or not name:
            raise ConfigError(f"{PHONE_KEYS}: wants ID:KEY[,ID:KEY...]")
        keys.append((name, _key(key, f"{PHONE_KEYS} {name}")))
    return tuple(keys)
