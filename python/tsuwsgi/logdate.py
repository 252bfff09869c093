"""Dates in log lines: made once a second, whatever they cost."""

from __future__ import annotations

import time
from typing import Callable


class DateOfSecond:
    """What `show` makes of a second since 1970; the last one is remembered."""

    def __init__(self, show: Callable[[int], str]) -> None:
        self._show = show
        self._second = -1
        self._text = ""

    def __call__(self, second: int) -> str:
        if second != self._second:
            self._text = self._show(second)
            self._second = second
        return self._text


def iso_date(second: int) -> str:
    """In UTC, by ISO 8601; a fraction and the `Z` may follow."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
