"""Numbers as uWSGI's C code has them: of 64 bits, with a sign."""

from __future__ import annotations

from operator import index
from typing import Any

_LARGEST = (1 << 63) - 1


def number_of(value: Any) -> int:
    """An argument. TypeError for what is no whole number, OverflowError for what has no place in 64 bits."""
    number = index(value)
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise OverflowError("Python int too large to convert to C long")
    return number


def divide(number: int, by: int) -> int:
    """Towards 0; by 0 it is 0."""
    if by == 0:
        return 0
    quotient = abs(number) // abs(by)
    return quotient if (number < 0) == (by < 0) else -quotient
