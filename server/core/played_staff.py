"""The staff of a day that is played, as `daigang simulate prepare` writes it and the simulator reads it."""

import msgspec


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
