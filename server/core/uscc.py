"""The unified social credit code (统一社会信用代码, GB 32100-2015): its check digit, and codes that cannot exist.

Eighteen characters: registering department, kind of organisation, six digits of the registering authority's region,
nine characters of the organisation code (GB 11714, with a check character of its own), one check character.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100 leaves out I, O, S, V and Z."""
LENGTH: Final = 18
IMPOSSIBLE_AUTHORITY: Final = "990000"
"""No region has this code (GB/T 2260), so a code registered there names no real enterprise: it marks made-up ones."""

_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(body: str) -> str:
    """The eighteenth character of these seventeen (mod 31). Raises `ValueError` for anything else."""
    if len(body) != LENGTH - 1:
        raise ValueError(f"{len(body)} characters, not {LENGTH - 1}")
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check_character(body: str) -> str:
    """The ninth character of an organisation code's eight (GB 11714, mod 11; ten is written X)."""
    if len(body) != len(_ORGANISATION_WEIGHTS):
        raise ValueError(f"{len(body)} characters, not {len(_ORGANISATION_WEIGHTS)}")
    pairs = zip(body, _ORGANISATION_WEIGHTS, strict=True)
    check = -sum(_ORGANISATION_ALPHABET.index(character) * weight for character, weight in pairs) % 11
    return "X" if check == 10 else str(check)


def is_valid(code: str) -> bool:
    """Whether the form and the check character are right. Says nothing about the enterprise being real."""
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        return False
    return code[2:8].isdigit() and check_character(code[:-1]) == code[-1]


def is_synthetic(code: str) -> bool:
    """Whether the code can belong to no enterprise, because no authority registers there."""
    return code[2:8] == IMPOSSIBLE_AUTHORITY


def synthetic_code(serial: int) -> str:
    """A well-formed code that no enterprise can have, one for each `serial` from 0 to 999,999."""
    if not 0 <= serial <= 999_999:
        raise ValueError(f"serial {serial} is not within 0..999999")
    organisation = f"MB{serial:06d}"
    body = "91" + IMPOSSIBLE_AUTHORITY + organisation + organisation_check_character(organisation)
    return body + check_character(body)
