"""The log of requests, for one slot. What a line looks like is logformat.py's and logjson.py's.

Lines wait until the slot does, for the next request: under load one write then carries several. They wait where they outlive the worker
(linebuffers.py); killed between the write and the note of it, a worker leaves lines that are written twice, but none is lost.
"""

from __future__ import annotations

from time import time
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional

from tsuwsgi import log
from tsuwsgi.linebuffers import LineBuffer
from tsuwsgi.wsgi import Exchange

# The line, with its end, of: a finished request, the "this worker's/all workers'" number of it, the microseconds that it took, and the
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
    def __init__(self, form: LineForm, buffer: LineBuffer) -> None:
        self._line, self.notes = form
        self._buffer = buffer
        self._put = buffer.put
        self._second = 0

    def add(self, exchange: Exchange, count: str, spent_us: int) -> None:
        now = time()
        second = int(now)
        if second != self._second:
            # A line does not wait longer than its second, even while the slot never rests.
            self.flush()
            self._second = second
        # The bytes that the client sent, as they came; an application cannot put others in.
        line = self._line(exchange, count, spent_us, now).encode("latin-1", "backslashreplace")
        if not self._put(line):
            self.flush()
            if not self._put(line):
                log.write_requests(line)

    def flush(self) -> None:
        lines = self._buffer.lines
        if lines:
            log.write_requests(lines)
            self._buffer.clear()
