"""Dates in log lines: made once a second, whatever they cost."""

from __future__ import annotations

import time
from typing import Callable


class DateOfSecond:
    """What `show` makes of a second since 1970. The last one is remembered: who asks often looks at `second` and `text` first, without a call."""

    def __init__(self, show: Callable[[int], str]) -> None:
        self._show = show
        self.second = -1
        self.text = ""

    def __call__(self, second: int) -> str:
        if second != self.second:
            self.text = self._show(second)
            self.second = second
        return self.text


def iso_date(second: int) -> str:
    """In UTC, by ISO 8601; a fraction and the `Z` may follow."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
