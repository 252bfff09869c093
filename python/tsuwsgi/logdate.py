"""Dates in log lines. The moments of a request are those of time.monotonic_ns(): when that was by the clock on the wall is looked up once a second,
and a date is made once a second, whatever they cost.
"""

from __future__ import annotations

import time
from typing import Callable

SECOND_NS = 1_000_000_000


class Clock:
    """The clock on the wall, for moments of time.monotonic_ns()."""

    def __init__(self) -> None:
        # Nanoseconds since 1970 at moment 0.
        self.offset_ns = 0
        self.tune()

    def tune(self) -> None:
        """Looks again: somebody may have set it."""
        self.offset_ns = time.time_ns() - time.monotonic_ns()

    def second(self, moment_ns: int) -> int:
        """The second since 1970 that this moment is in."""
        return (moment_ns + self.offset_ns) // SECOND_NS

    def moment(self, second: int) -> int:
        """When this second begins."""
        return second * SECOND_NS - self.offset_ns


# That of this process.
clock = Clock()


class DateOfSecond:
    """What `show` makes of a second since 1970, for each moment in it. The last one is remembered: who asks often looks first, without a call, whether
    the moment is from `begins` on and before `ends`; then it is `text`.
    """

    def __init__(self, show: Callable[[int], str]) -> None:
        self._show = show
        self.begins = self.ends = 0
        self.text = ""

    def __call__(self, moment_ns: int) -> str:
        second = clock.second(moment_ns)
        self.begins = clock.moment(second)
        self.ends = self.begins + SECOND_NS
        self.text = self._show(second)
        return self.text


def iso_date(second: int) -> str:
    """In UTC, by ISO 8601; a fraction and the `Z` may follow."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
