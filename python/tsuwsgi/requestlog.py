"""uWSGI's request line (core/logging.c, uwsgi_log_request), for one slot.

    [pid: 12|app: 0|req: 1/9] 127.0.0.1 () {46 vars in 581 bytes} [Fri Nov 20 12:10:11 2026]
    GET /x => generated 11 bytes in 0 msecs (HTTP/1.1 200) 2 headers in 66 bytes (1 switches on core 0)      (one line)

Lines wait until the slot does, for the next request: under load one write then carries several.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from tsuwsgi import log
from tsuwsgi.harmless import harmless
from tsuwsgi.wsgi import Exchange

# So many lines wait at most.
BATCH = 16


class LogPlace(NamedTuple):
    """Which slot it is that a line tells of."""

    pid: int
    worker: int
    core: int


class RequestLog:
    # Takes from an environ, before the application has it, what a line tells of it; None where that is nothing.
    notes: Optional[Callable[[Mapping[str, Any]], Dict[str, str]]] = None

    def __init__(self, place: LogPlace) -> None:
        self._head = f"[pid: {place.pid}|app: "
        self._tail = f" switches on core {place.core})\n"
        self._lines: List[str] = []
        self._second = 0
        self._date = ""

    def add(self, exchange: Exchange, count: str, spent_us: int) -> None:
        """`count` is "this worker's/all workers'" number of the request."""
        second = int(time.time())
        if second != self._second:
            # A line does not wait longer than its second, even while the slot never rests.
            self.flush()
            self._second = second
            self._date = time.ctime(second)
        date = self._date if spent_us < 1_000_000 else time.ctime(second - spent_us // 1_000_000)
        address, user, method, uri, protocol = exchange.address, exchange.user, exchange.method, exchange.uri, exchange.protocol
        line = (
            f"{self._head}{exchange.app}|req: {count}] {address} ({user}) "
            f"{{{2 * exchange.pairs} vars in {exchange.packet_size} bytes}} [{date}] {method} {uri} => "
            f"generated {exchange.body_size} bytes in {spent_us // 1000} msecs{exchange.via}({protocol} {exchange.status or 500}) "
            f"{exchange.header_count} headers in {exchange.head_size} bytes ({exchange.switches}{self._tail}"
        )
        # Whatever else is in the line is ours. One look at a short text: the log is paid for by every request.
        if not f"{uri}{user}{method}{address}{protocol}".isprintable():
            # A user name with a line break in it must not look like a line of ours.
            line = harmless(line[:-1]) + "\n"
        self._lines.append(line)
        if len(self._lines) >= BATCH:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            # The bytes that the client sent, as they came; an application cannot put others in.
            log.write("".join(lines).encode("latin-1", "backslashreplace"))
