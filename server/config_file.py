"""Reads `config.yaml`: the file, the environment above it, and the refusal of everything unknown by its path."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import yaml

from server.config import Config, ConfigError, Section, check

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
    check(config)
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
    others = merged.get("provinces")
    for code, other in others.items() if isinstance(others, dict) else ():
        url = environ.get(f"DAIGANG_REDIS_URL_{code}")  # it holds a password
        if url and isinstance(other, dict):
            merged["provinces"] = {**merged["provinces"], code: {**other, "redis": url}}
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
