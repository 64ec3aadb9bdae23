"""Receipt numbers: short enough to be read out on the telephone, not to be guessed from another one."""

from collections.abc import Callable
from typing import Final

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which are heard and read as 1 and 0."""
SPACE: Final = len(LETTERS) ** 2 * 10**8
"""57,600,000,000 of them: with a million given, one guess in 57,600 is one of somebody's."""


def new_receipt(random_bytes: Callable[[int], bytes]) -> str:
    """Two letters and eight digits, such as KX48210593. 16 bytes make the modulus fair to 1 in 10^27."""
    rest, number = divmod(int.from_bytes(random_bytes(16), "big") % SPACE, 10**8)
    first, second = divmod(rest, len(LETTERS))
    return f"{LETTERS[first]}{LETTERS[second]}{number:08d}"
