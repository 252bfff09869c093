"""The log of requests, for one slot. What a line looks like is logformat.py's and logjson.py's.

Lines wait until the slot does, for the next request: under load one write then carries several.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from tsuwsgi import log
from tsuwsgi.wsgi import Exchange

# So many lines wait at most.
BATCH = 16

# The line, without its end, of: a finished request, the "this worker's/all workers'" number of it, the microseconds that it took, and the
# seconds since 1970 at its end. Texts are latin-1, one character for each byte, until the line is written.
Line = Callable[[Exchange, str, int, float], str]
# Takes from an environ, before the application has it, what a line tells of it.
Notes = Callable[[Mapping[str, Any]], Dict[str, str]]


class LogPlace(NamedTuple):
    """Which slot it is that a line tells of."""

    pid: int
    worker: int
    core: int


class LineForm(NamedTuple):
    """What a line looks like; `notes` is None where nothing has to be taken from the environ."""

    line: Line
    notes: Optional[Notes]


class RequestLog:
    def __init__(self, form: LineForm) -> None:
        self._line, self.notes = form
        self._lines: List[str] = []
        self._second = 0

    def add(self, exchange: Exchange, count: str, spent_us: int) -> None:
        now = time.time()
        if int(now) != self._second:
            # A line does not wait longer than its second, even while the slot never rests.
            self.flush()
            self._second = int(now)
        self._lines.append(self._line(exchange, count, spent_us, now) + "\n")
        if len(self._lines) >= BATCH:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            # The bytes that the client sent, as they came; an application cannot put others in.
            log.write("".join(lines).encode("latin-1", "backslashreplace"))
