"""The hub's own numbers, with the reason of each default; `config.yaml` overrides some."""

import msgspec

from server.core.limits import HELLO_WITHIN_S, PING_EVERY_S, PONG_WITHIN_S, STUCK_AFTER_S


class HubSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a hub can be told. Times in seconds unless the name says otherwise."""

    outbox_bytes: int = 256 * 1024
    """Bytes that may wait in the transport for one viewer before it has to leave."""
    tick_min_ms: int = 100
    """Batched lane at ease: a chat line waits at most this long."""
    tick_max_ms: int = 500
    """Batched lane under load: cost grows with viewers x ticks, so ticks stretch."""
    sends_per_s: int = 45_000
    """What one core can send (DESIGN 5); ticks stretch as the last second's sends approach it."""
    yield_every: int = 2_000
    """Viewers written to before the loop may do something else (about 20 ms)."""
    room_grace_s: float = 60.0
    """How long a room without members stays open, so that a lone viewer's reconnect finds it warm."""
    hello_within_s: float = HELLO_WITHIN_S
    ping_every_s: float = PING_EVERY_S
    pong_within_s: float = PONG_WITHIN_S
    stuck_after_s: float = STUCK_AFTER_S
    poll_heads_s: float = 1.0
    """How often the store is asked for the heads of the live channels. It finds what nobody announced: an import by
    another process, a commit whose hub died before telling. 0.25 s where hubs share a store without Redis."""
    poll_silent_s: float = 0.25
    """The same while Redis is silent (DESIGN 7)."""
    pulse_min_s: float = 1.0
    pulse_max_s: float = 5.0
    """Numbers reach a small room every second, one of 1,000 viewers and more every 5 s."""
    confirmed_phones_only: bool = False
    """Applications need a number that was confirmed by a code (`phone_confirmation: before`)."""
    strangers: int = 4_000
    """Connections that have not said hello; more are turned away (a reconnect storm is 20,000 in about 10 s)."""
    commands_waiting: int = 10_000
    """Commands under way in the whole hub; more are refused TOO_MANY."""
