"""Phone numbers as people read them."""

from __future__ import annotations

from functools import lru_cache

_TWO_DIGITS = frozenset(
    code
    for row in (
        *("20 27", "30 31 32 33 34 36 39", "40 41 43 44 45 46 47 48 49", "51 52 53 54 55 56 57 58"),
        *("60 61 62 63 64 65 66", "81 82 84 86", "90 91 92 93 94 95 98"),
    )
    for code in row.split()
)
"""ITU-T E.164: country codes of two digits; 1 and 7 stand alone, all others have three."""


@lru_cache(16384)
def phone(number: str, width: int) -> str:
    """Return a number in international form, grouped where it fits: ``+49 152 555 0001``.

    What is not a number of 7 to 15 digits (a WhatsApp id, say) stays as it is.
    """
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        return number
    country = _country(digits)
    grouped = " ".join(["+" + country, *_groups(country, digits[len(country) :])])
    return grouped if len(grouped) <= width else "+" + digits


def _country(digits: str) -> str:
    if digits[0] in "17":
        return digits[0]
    return digits[:2] if digits[:2] in _TWO_DIGITS else digits[:3]


def _groups(country: str, national: str) -> list[str]:
    """Return readable groups; without a claim about area codes, but for the fixed plan of North America."""
    if country == "1" and len(national) == 10:
        return [national[:3], national[3:6], national[6:]]
    groups = []
    while len(national) > 5:
        groups.append(national[:3])
        national = national[3:]
    return [*groups, national]
