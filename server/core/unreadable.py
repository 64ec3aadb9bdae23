"""What decoding somebody else's bytes may raise: bytes from the net, from another hub, from another province."""

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""To be caught together, always. msgspec lets two more out than its own errors: `UnicodeDecodeError` (a ValueError) for
a string that is not UTF-8, and `RecursionError` for deep nesting, also in fields it passes over."""
