"""The log of requests, for one slot. What a line looks like is logformat.py's and logjson.py's.

A line is written when the slot has nothing else to do, at once where the one before is a while ago. Under load they wait for each other: one
write then carries many, and that is half of what a line would cost. What still waits when no more come, or behind a request that takes long,
the control thread writes (logwatch.py). They wait where they outlive the worker (linebuffers.py); killed between the write and the note of it, a
worker leaves lines that are written twice, but none is lost.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, Mapping, NamedTuple, Optional, Tuple

from tsuwsgi import log
from tsuwsgi.linebuffers import LineBuffer
from tsuwsgi.logdate import clock
from tsuwsgi.wsgi import Exchange

# A slot that has nothing to do writes its lines so often at most.
PAUSE_NS = 10_000_000
# What the other workers have completed is counted so often at most: it takes half a microsecond, and their memory.
COUNTING_NS = 500_000

# The line, with its end, of: a finished request, the how-manyth of its worker it is, how many the other workers have completed, and the microseconds
# that it took. Texts are latin-1, one character for each byte, until the line is written.
Line = Callable[[Exchange, int, int, int], str]
# Takes from an environ, before the application has it, what a line tells of it.
Notes = Callable[[Mapping[str, Any]], Tuple[str, ...]]


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
    def __init__(self, form: LineForm, buffer: LineBuffer, completed: Callable[[], int], watch: Callable[[], None]) -> None:
        """`completed` says how many requests the whole server has completed; `watch` is told that there are lines to look after."""
        self._line, self.notes = form
        self._buffer = buffer
        self._put = buffer.put
        self._completed = completed
        self._watch = watch
        # What the other workers have completed, and from when on that is to be counted anew.
        self._others = self._counts_at = 0
        # The slot's own thread and the control thread write. It is not held while a line is put in: that would be paid by every request.
        self._lock = threading.Lock()
        # Moments of time.monotonic_ns(): when the second of the lines that wait is over, when the last line came, and which was the last one when
        # lines were written.
        self._second_ends = self.last = self._written = 0

    def add(self, exchange: Exchange, number: int, spent_us: int, ended_ns: int) -> None:
        begins_second = ended_ns >= self._second_ends
        if begins_second:
            # A line does not wait longer than its second, even while the slot never rests.
            self.flush()
            clock.tune()
        if ended_ns >= self._counts_at:
            self._others, self._counts_at = self._completed() - number, ended_ns + COUNTING_NS
        # The bytes that the client sent, as they came; an application cannot put others in.
        line = self._line(exchange, number, self._others, spent_us).encode("latin-1", "backslashreplace")
        if not self._put(line):
            self.flush()
            if not self._put(line):
                log.write_requests(line)
        self.last = ended_ns
        if begins_second:
            self._second_ends = clock.moment(clock.second(ended_ns) + 1)
            self._watch()

    def rest(self) -> None:
        """To be called when the slot has nothing to do."""
        if self.last - self._written >= PAUSE_NS:
            self.flush()

    def flush(self) -> None:
        """Writes the lines that wait; for the slot's own thread."""
        self._written = self.last
        with self._lock:
            self._write()
            self._buffer.clear()

    def flush_beside(self) -> None:
        """The same for other threads, while the slot may put more lines in."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        lines = self._buffer.lines
        if lines:
            log.write_requests(lines)
            self._buffer.note_written(len(lines))
