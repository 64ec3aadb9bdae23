"""The staff of a day that is played, as `daigang simulate prepare` writes it and the simulator reads it."""

import re
from typing import Final

import msgspec

HOST: Final = "sim-host-"
"""How the names of hosts' accounts begin; a number follows. DESK likewise, and of operators there is one."""
DESK: Final = "sim-desk-"
OPERATOR: Final = "sim-operator"
_PLAYED: Final = re.compile(rf"(?:{HOST}|{DESK})[0-9]+|{OPERATOR}")


def is_played(name: str) -> bool:
    """Whether an account of that name was made for a played day."""
    return _PLAYED.fullmatch(name) is not None


class Duty(msgspec.Struct, frozen=True):
    """An account and what it is for: the ids of sessions, of enterprises, or of a region."""

    name: str
    scopes: tuple[str, ...]


class StaffFile(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts with the password they share. `left`: enterprises whose people are somebody else's, such as the
    demonstration's."""

    password: str
    hosts: tuple[Duty, ...]
    desks: tuple[Duty, ...]
    operator: Duty
    left: tuple[str, ...] = ()
