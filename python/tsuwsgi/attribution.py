"""Which worker and which request a line of the application's belongs to (`log-attribution`).

    print() ─▶ sys.stdout ─▶ AttributedOutput: joins lines, of each thread for itself ─▶ label ─▶ descriptor 1

Where it is not asked for, the streams are Python's own and nothing of this is there. What is written to the descriptors themselves (by C libraries,
by programs that the application starts) passes by.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from itertools import count
from threading import get_ident
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from tsuwsgi import log, running
from tsuwsgi.harmless import decoded, harmless
from tsuwsgi.logdate import iso_date

if TYPE_CHECKING:
    from tsuwsgi.wsgi import Environ, Exchange

# What has no line end by then is written without.
_LINE_LIMIT = 65536
# Characters of a URI in front of a line; an object has all of it.
_URI_LIMIT = 256

_STREAMS = {"stdout": 1, "stderr": 2}


class Author(NamedTuple):
    """Whose line it is: a request's, or, without an exchange, that of a worker outside of requests; the spawner has no number."""

    worker: Optional[int]
    core: Optional[int] = None
    exchange: Optional[Exchange] = None


# Lines that were written at once, without the last one's end, become what goes out.
_Label = Callable[[Author, str, bytes], bytes]

_numbers = count(1)
_outputs: List[AttributedOutput] = []


def install(form: str) -> None:
    """From now on what goes to sys.stdout and sys.stderr is attributed, as `text` or `json`: before the application is imported, which may keep them."""
    label = _FORMS[form]
    for name, fd in _STREAMS.items():
        before = getattr(sys, name)
        output = AttributedOutput(fd, name, label)
        # Nothing waits in the text layer, where threads share a buffer.
        stream = io.TextIOWrapper(output, before.encoding, before.errors, newline="\n", write_through=True)
        setattr(sys, name, stream)
        _outputs.append(output)

    def attributed(stream: str, text: str) -> bytes:
        finish_lines(get_ident())
        return label(_author(), stream, text.rstrip("\n").encode("utf-8", "backslashreplace"))

    log.attributed, log.finish_lines = attributed, finish_lines


def enter(worker: int) -> None:
    """This process is that worker."""
    AttributedOutput.worker = worker


def attribute(serve: Callable[[Exchange, Environ], None]) -> Callable[[Exchange, Environ], None]:
    """Requests have numbers, and leave no line behind that is not ended."""

    def serve_attributed(exchange: Exchange, environ: Environ) -> None:
        exchange.number = next(_numbers)
        serve(exchange, environ)
        finish_lines(get_ident())

    return serve_attributed


def finish_lines(thread: Optional[int] = None) -> None:
    """Writes what has no line end yet, of a thread or of all."""
    for output in _outputs:
        output.finish(thread)


def _author() -> Author:
    slot, worker = running.own_slot(), AttributedOutput.worker
    if slot is None or slot.running is None:
        return Author(worker)
    return Author(worker, slot.core, slot.running[0])


class AttributedOutput(io.RawIOBase):
    """What a text stream writes to in place of a descriptor."""

    # Of this process; None in the spawner.
    worker: Optional[int] = None

    def __init__(self, fd: int, name: str, label: _Label) -> None:
        self.name = f"<{name}>"
        self._fd = fd
        self._stream = name
        self._label = label
        # Lines that have begun: by thread, with who began them.
        self._begun: Dict[int, Tuple[Author, bytes]] = {}

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return os.isatty(self._fd)

    def write(self, data: Any) -> int:
        data = bytes(data)
        # Harakiri may come while the application is in here.
        running.shield(self._take, data)
        return len(data)

    def finish(self, thread: Optional[int] = None) -> None:
        for ident in list(self._begun) if thread is None else [thread]:
            begun = self._begun.pop(ident, None)
            if begun is not None:
                self._emit(*begun)

    def _take(self, data: bytes) -> None:
        thread, author = get_ident(), _author()
        # Taken out first: a signal handler that prints finds nothing half done.
        before, begun = self._begun.pop(thread, (author, b""))
        if before != author:
            # Another request's, or of a thread that has ended and whose number this one has.
            self._emit(before, begun)
            begun = b""
        text = begun + data
        lines, end, rest = text.rpartition(b"\n")
        if len(rest) > _LINE_LIMIT:
            lines, end, rest = text, b"\n", b""
        if rest:
            self._begun[thread] = author, rest
        if end:
            self._emit(author, lines)

    def _emit(self, author: Author, lines: bytes) -> None:
        log.write_to(self._fd, self._label(author, self._stream, lines))


def _as_text(author: Author, stream: str, text: bytes) -> bytes:
    """Each line with its label; what is written before there are workers has none."""
    label = _text_label(author)
    return b"".join([f"{label}{_without_controls(line)}\n".encode("latin-1", "replace") for line in text.split(b"\n")])


def _text_label(author: Author) -> str:
    worker, core, exchange = author
    if exchange is None:
        return "" if worker is None else f"[worker {worker}] "
    method, uri = (harmless(said).replace(" ", "\\u0020") for said in (exchange.method, exchange.uri[:_URI_LIMIT]))
    # A warm-up before the fork is no worker's.
    who = f"worker {worker} core {core}" if worker is not None else "spawner"
    return f"[{who} {method} {uri} #{exchange.number}] "


def _without_controls(line: bytes) -> str:
    """Tabs do no harm inside a line."""
    return "\t".join([harmless(piece) for piece in _without_return(line).decode("latin-1").split("\t")])


def _without_return(line: bytes) -> bytes:
    return line[:-1] if line.endswith(b"\r") else line


def _as_json(author: Author, stream: str, text: bytes) -> bytes:
    """One object, whatever the number of lines: a traceback stays together."""
    now = time.time()
    fields: Dict[str, Any] = {
        "time": f"{iso_date(int(now))}.{int(now * 1000) % 1000:03}Z",
        "pid": os.getpid(),
        "worker": author.worker,
        "core": author.core,
        "stream": stream,
        "request": None,
        "method": None,
        "uri": None,
        "message": decoded(_without_return(text).replace(b"\r\n", b"\n").decode("latin-1")),
    }
    if author.exchange is not None:
        exchange = author.exchange
        fields.update(request=exchange.number, method=decoded(exchange.method), uri=decoded(exchange.uri))
    # ASCII alone, so that nothing in it can act on whoever reads it.
    return json.dumps(fields, separators=(",", ":")).replace("\x7f", "\\u007f").encode() + b"\n"


_FORMS: Dict[str, _Label] = {"text": _as_text, "json": _as_json}
