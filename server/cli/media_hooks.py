"""`daigang hooks`: what a media engine's configuration needs to know of this house."""

import argparse

from server.cli import Mistake, configured
from server.opening import secrets_of
from server.web.engine_door import PATH


def run(arguments: argparse.Namespace) -> int:
    """Print the address on one line."""
    config = configured(arguments)
    if config.video.engine == "embedded":
        raise Mistake("video.engine is embedded: no engine asks anything")
    host = "127.0.0.1" if config.server.host in ("0.0.0.0", "::") else config.server.host
    shown = f"[{host}]" if ":" in host else host
    print(f"http://{shown}:{config.server.port}{PATH}?s={secrets_of(config).hook_secret()}")
    return 0
