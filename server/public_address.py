"""The address people reach a hub by, and the addresses a hub must not be reached by."""

from urllib.parse import urlsplit

from server.config import Config, ConfigError, is_loopback, origin_of


def public_origin(config: Config, port: int) -> str:
    """The origin people reach the hub by: `server.public_url`, else what it listens on (`port` as bound)."""
    if config.server.public_url:
        return origin_of(config.server.public_url, "server.public_url")
    scheme = "https" if config.server.tls_cert else "http"
    host = config.server.host
    return origin_of(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}", "server.host")


def refuse_bare_http(config: Config) -> None:
    """Raises `ConfigError` when strangers on the way could read tokens and phone numbers: an http address that is not
    this machine's own."""
    origin = public_origin(config, config.server.port)
    if origin.startswith("http://") and not is_loopback(urlsplit(origin).hostname or ""):
        raise ConfigError(
            f"server.public_url: {origin} would carry tokens and phone numbers in the clear; wants https://… "
            "(server.tls_cert, or nginx in front), or run with --dev for a trial"
        )


def refuse_open_demo(host: str) -> None:
    """Raises `ConfigError` unless the demonstration stays on this machine."""
    if not is_loopback(host):
        raise ConfigError(
            f"server.host: the demonstration lets anybody be host, HR or operator, so it listens on loopback only "
            f"(127.0.0.1 or ::1), not on {host}"
        )
