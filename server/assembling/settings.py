"""From the configuration to the settings of the hub and of the codes."""

from server.actions.codes import CodePolicy
from server.config import Config
from server.hub.settings import HubSettings
from server.opening import sqlite_file


def hub_settings(config: Config) -> HubSettings:
    """What the hub is told of the configuration."""
    limits = config.limits
    shared_store_alone = sqlite_file(config) is None and config.bus.kind == "memory"
    return HubSettings(
        outbox_bytes=limits.outbox_bytes,
        confirmed_phones_only=config.phone_confirmation == "before",
        tick_min_ms=limits.chat_tick_min_ms,
        tick_max_ms=limits.chat_tick_max_ms,
        poll_heads_s=0.25 if shared_store_alone else 1.0,
    )


def code_policy(config: Config, origin: str, *, shown: bool) -> CodePolicy:
    """`shown`: the page shows the code itself (demonstrations)."""
    return CodePolicy(
        sign=config.province.title,
        origin=origin,
        confirmation=config.phone_confirmation,
        per_hour=config.sender.codes_per_hour,
        shown=shown,
        aloud=config.sender.kind == "console",
    )
