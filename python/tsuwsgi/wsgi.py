"""PEP 3333: one request given to the application and its answer given to a door. Both doors run through here.

    application(environ, start_response) ──▶ iterable ──▶ chunks ──▶ sink ──▶ client
                             └──▶ write ──────────────────────────────┘

A sink is what a door offers for its running request: `send_head`, `send_body`, `send_file`, `hand_over`, `abort`. The head leaves with the
first byte of the body, or at the end, so that an application may change its mind until then (PEP 3333, "The start_response() Callable").
"""

from __future__ import annotations

import io
from functools import lru_cache
from time import monotonic_ns
from typing import Any, Callable, Dict, Iterable, Optional, Tuple

from tsuwsgi import log, running
from tsuwsgi.errorpages import error_page
from tsuwsgi.exceptions import ExceptionRules, exception_page
from tsuwsgi.fileregion import FileRegion, FileWrapper, file_region
from tsuwsgi.interruption import HarakiriTimeout, Interruption
from tsuwsgi.reports import Reports
from tsuwsgi.responsehead import HeaderChanges, Headers, format_head, header_line, status_code

Environ = Dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

ERROR_STATUS = "500 Internal Server Error"
ERROR_PAGE = b"Internal Server Error"

_TIMEOUT_STATUS = "504 Gateway Timeout"
_TIMEOUT_PAGE = b"Gateway Timeout"
_TIMEOUT_HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(_TIMEOUT_PAGE)))]

# A list of small chunks is already all there: one write instead of many delays nothing. Above this, copying costs more than it saves.
_JOIN_LIMIT = 65536
# From this size on the gateway is asked to send a file itself. Smaller ones leave the slot at once, whatever the client does, and asking costs
# as much as sending (2,100 requests/s of 256 KiB either way; of 1 MiB 1,200 instead of 850).
HAND_OVER_SIZE = 262144
# What no iterable of an application yields.
_END: Any = object()


class ClientGone(OSError):
    """The client left or keeps us waiting too long; what the application sees when it reads or writes on."""


class Exchange:
    """One request and its answer: all that the doors, the scoreboard and the log need to know of it.

    What rarely changes is a class attribute, because each assignment in __init__ costs on every request.
    """

    # The number of the application that it is for.
    app = 0
    status = 0
    head: Optional[bytes] = None
    # Bytes of the head that has left, as a client has it: protocol and blank before the status, an empty line at the end.
    head_size = 0
    header_count = 0
    content_length = -1
    # Bytes that the application may still send; None where it declared no Content-Length.
    left: Optional[int] = None
    body_size = 0
    switches = 0
    via = " "
    is_head_sent = False
    # The sink knows that nothing follows.
    is_complete = False
    # The request is over: a late write() of the application must not reach the next client.
    is_over = False
    has_failed = False
    has_lost_client = False
    # The request's body was here from the start: the answer may be ended early, since nobody waits for more of the body.
    has_whole_body = True
    # Set when the application raised SystemExit.
    exit_status: Optional[int] = None
    # The request has a line in the log, where requests have.
    is_logged = True
    # uwsgi.log_this_request: also where they have none.
    is_log_wanted = False
    # What happens to the headers of every response; None where nothing does.
    header_changes: Optional[HeaderChanges] = None
    # What goes out in place of the application's body: the file that it named in X-Sendfile.
    sent_file: Optional[io.FileIO] = None
    # The how-manyth of its worker it is, counted only with `log-attribution`.
    number = 0
    # Of the environ as it came, what the log tells.
    logged: Tuple[str, ...] = ()
    # Of the uwsgi packet.
    modifiers = (0, 0)
    # uwsgi.set_logvar
    log_variables: Optional[Dict[bytes, bytes]] = None
    # What follows when the application fails.
    exception_rules = ExceptionRules()
    # Who tells the master; a worker puts its own here.
    reports = Reports(lambda message: False, {})
    # The slot puts its own here; this one never interrupts anybody.
    interruption = Interruption()

    def __init__(self, sink: Any, environ: Environ, pairs: int, packet_size: int) -> None:
        get = environ.get
        self.sink = sink
        self.pairs = pairs
        self.packet_size = packet_size
        # Read now: the application may change its environ, and the log tells what the client sent.
        self.method = get("REQUEST_METHOD", "")
        self.uri = get("REQUEST_URI", "")
        self.protocol = get("SERVER_PROTOCOL", "")
        self.address = get("REMOTE_ADDR", "")
        self.user = get("REMOTE_USER", "")
        self.request_id = 0
        self.started_ns = 0

    @property
    def age_ms(self) -> int:
        """For how long the request has run."""
        return (monotonic_ns() - self.started_ns) // 1_000_000

    def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info is not None:
            try:
                if self.is_head_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # breaks the cycle traceback → frame → exc_info (PEP 3333)
        elif self.head is not None:
            raise AssertionError("start_response() was called twice; only a call with exc_info may replace the headers")
        self._set_head(status, headers)
        return self.write

    def _set_head(self, status: str, headers: Headers) -> None:
        code = status_code(status)
        if self.header_changes is not None:
            headers = self.header_changes.apply(headers)
        head, length = format_head(status, headers)
        if self.sink.sent_files is not None:
            self._drop_sent_file()
            self.sent_file, headers = self.sink.sent_files.take(headers)
            head, length = format_head(status, headers)
        if code == 204 and length >= 0:
            # RFC 9110, 8.6: a 204 has no Content-Length; some frameworks set it all the same.
            headers = [header for header in headers if header[0].lower() != "content-length"]
            head, length = format_head(status, headers)
        self.status, self.head, self.content_length, self.header_count = code, head, length, len(headers)
        self.left = length if length >= 0 else None

    def early_hints(self, headers: Headers) -> None:
        """`wsgi.early_hints`, which the application calls: tells the client what it will need while the answer is made (103, RFC 8297)."""
        if self.is_head_sent or self.is_over:
            return
        fields = "".join(header_line(header).text for header in headers).encode("latin-1")
        if fields:
            self.interruption.shield(self.sink.send_hints, self, fields)

    def write(self, data: bytes) -> None:
        """PEP 3333's write(), which the application calls."""
        self.interruption.shield(self.send_piece, data)

    def send_piece(self, data: bytes) -> None:
        """Sends a piece of the body at once."""
        if type(data) is not bytes:
            data = as_bytes(data)
        if data:
            self._send(data, False)

    def finish(self, data: bytes = b"") -> None:
        """Sends the last piece of the body, and the head if it has not left yet."""
        if not self.is_complete:
            self._send(data, True)

    def send_file(self, region: FileRegion) -> None:
        """Sends the rest of the body, which is a piece of a file."""
        if self.sent_file is not None:
            self._send(b"", True)
        if not self._hand_over(region):
            self.send_region(region)
        self.finish()

    def _hand_over(self, region: FileRegion) -> bool:
        """Leaves a large file to whoever writes to the client, where that is somebody else, so that this slot is free at once."""
        size = region.size if self.left is None else min(region.size, self.left)
        if size < HAND_OVER_SIZE or self.is_complete:
            return False
        if not self.is_head_sent:
            self._send(b"", False)
        if not self.sink.hand_over(self, FileRegion(region.fd, region.position, size)):
            return False
        self.via = " via offload() "
        self.count_sent(size)
        self.is_complete = True
        return True

    def send_region(self, region: FileRegion) -> None:
        """Sends a piece of a file; more of the body may follow."""
        if self.sent_file is not None:
            self._send(b"", True)
        if self.is_complete:
            return
        size = region.size if self.left is None else min(region.size, self.left)
        if size > 0 and not self.is_head_sent:
            self._send(b"", False)
        if size > 0:
            self.via = " via sendfile() "
            self.sink.send_file(self, FileRegion(region.fd, region.position, size))

    def disconnect(self) -> None:
        """The client has all that it gets. The application goes on; what it still sends goes nowhere."""
        try:
            if not self.is_complete and self.head is None:
                self.sink.abort(self)
                self.is_complete = True
            elif not self.is_head_sent:
                self._send(b"", False)
            self.sink.part(self)
        except ClientGone as gone:
            self.lose_client(gone)
        self.is_head_sent = self.is_complete = True

    def count_sent(self, size: int) -> None:
        """A sink has sent so much of a file."""
        self.body_size += size
        if self.left is not None:
            self.left -= size

    def _send(self, data: bytes, is_last: bool) -> None:
        if self.is_over:
            raise ClientGone("this request has ended; its write() cannot be used any more")
        if self.sent_file is not None:
            file, self.sent_file = self.sent_file, None
            self._send_named(file)
            return
        if self.left is not None:
            if len(data) > self.left:
                data = self._cut(data, self.left)
            self.left -= len(data)
            # All that was declared is here: the client need not wait until the application has noticed.
            is_last = is_last or (self.left == 0 and self.has_whole_body)
        if self.is_head_sent:
            if self.is_complete:
                return
            self.sink.send_body(self, data, is_last)
        else:
            if self.head is None:
                raise AssertionError("the application sent a body, or returned, without calling start_response()")
            # Before the bytes leave: when sending fails half-way, a second head would be worse than none.
            self.is_head_sent = True
            self.head_size = len(self.protocol or "HTTP/1.0") + 1 + len(self.head) + 2
            self.sink.send_head(self, data, is_last)
        self.body_size += len(data)
        self.is_complete = is_last

    def _send_named(self, file: io.FileIO) -> None:
        try:
            if self.method == "HEAD":
                self._send(b"", True)
            else:
                self.send_file(FileRegion(file.fileno(), 0, self.content_length))
            # What the application still sends is not too long: none of it goes out.
            self.left = None
        finally:
            file.close()

    def _drop_sent_file(self) -> None:
        if self.sent_file is not None:
            self.sent_file.close()
            self.sent_file = None

    def _cut(self, data: bytes, left: int) -> bytes:
        log.say(f"{self.method} {self.uri}: the body is longer than its Content-Length of {self.content_length}; the rest is not sent")
        # Once is enough: what follows is dropped without a line.
        self._cut = _first
        return data[:left]

    def fail(self, error: BaseException) -> None:
        """Logs what the application raised, and ends the answer as well as is still possible."""
        self.has_failed = True
        if isinstance(error, SystemExit):
            self.exit_status = exit_status(error)
            log.say(f"{self.method} {self.uri}: the application called sys.exit({error.code!r}); this worker leaves after the answer")
        elif isinstance(error, HarakiriTimeout):
            # It may have come in the middle of closing, which is then left to us.
            self.interruption.close()
            log.say(f"{self.method} {self.uri}: ended by harakiri; its worker serves on")
        else:
            self.reports.failed(self, error, log.show(error))
            if self.exception_rules.ends_worker(error):
                self.exit_status = 0
                log.say(f"{self.method} {self.uri}: {type(error).__name__} was raised (reload-on-exception); this worker leaves after the answer")
        shown = self._page_about(error) if self.exception_rules.are_shown and not self.is_head_sent else None
        # The frames hold all that the application had in its hands: after a MemoryError that must be free before we answer.
        error.__traceback__ = None
        if self.is_complete:
            return
        try:
            if self.is_head_sent:
                self.sink.abort(self)
            elif isinstance(error, HarakiriTimeout):
                self._answer(_TIMEOUT_STATUS, _TIMEOUT_HEADERS, _TIMEOUT_PAGE)
            else:
                self._answer(ERROR_STATUS, *(shown or error_page("500", ERROR_PAGE)))
        except ClientGone as gone:
            self.lose_client(gone)

    def _page_about(self, error: BaseException) -> Tuple[Headers, bytes]:
        now = running.request_of_this_thread()
        page = exception_page(error, now[1] if now is not None else {})
        return [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(page)))], page

    def _answer(self, status: str, headers: Headers, page: bytes) -> None:
        self._set_head(status, headers)
        self.finish(page)

    def lose_client(self, gone: ClientGone) -> None:
        self.has_lost_client = True
        log.say(f"{self.address} {self.method} {self.uri}: {gone}; {self.body_size} bytes of the body were sent")
        if not self.is_complete:
            self.sink.abort(self)


def run(application: Application, environ: Environ, exchange: Exchange) -> None:
    """One request in three sentences: call the application, send what it gives, close it. Never raises."""
    interruption = exchange.interruption
    result = None
    try:
        try:
            # interruption.run(application, …), spelled out since every request pays for it.
            interruption.is_open = True
            result = application(environ, exchange.start_response)
        finally:
            interruption.close()
        _send_result(result, exchange)
    except ClientGone as gone:
        exchange.lose_client(gone)
    except BaseException as error:
        exchange.fail(error)
    # Lists and bytes, which most frameworks' hot paths return, have nothing to close.
    if type(result) is not list and hasattr(result, "close"):
        _close(result, exchange)
    if exchange.sent_file is not None:
        exchange.sent_file.close()
    exchange.is_over = True


def _close(result: Any, exchange: Exchange) -> None:
    try:
        exchange.interruption.run(result.close)
    except BaseException as error:
        exchange.is_complete = True  # the answer has left or was aborted: only the log is told
        exchange.fail(error)


def _send_result(result: Any, exchange: Exchange) -> None:
    kind = type(result)
    if kind is list and len(result) == 1:
        # What most answers are.
        exchange.switches = 1
        exchange.finish(as_bytes(result[0]))
    elif kind is list or kind is tuple:
        _send_sequence(result, exchange)
    elif kind is bytes or kind is str:
        # As uWSGI does: a bare string is sent whole and not character by character.
        exchange.switches = 1
        exchange.finish(as_bytes(result))
    elif isinstance(result, FileWrapper):
        _send_wrapped_file(result, exchange)
    else:
        _send_chunks(result, exchange)


def _send_sequence(chunks: Any, exchange: Exchange) -> None:
    pieces = [as_bytes(chunk) for chunk in chunks]
    if sum(map(len, pieces)) > _JOIN_LIMIT:
        _send_chunks(pieces, exchange)
        return
    exchange.switches = len(pieces)
    exchange.finish(b"".join(pieces))


def _send_chunks(chunks: Iterable[bytes], exchange: Exchange) -> None:
    run_theirs, send = exchange.interruption.run, exchange.send_piece
    iterator = run_theirs(iter, chunks)
    while True:
        chunk = run_theirs(next, iterator, _END)
        if chunk is _END:
            break
        exchange.switches += 1
        send(chunk)
    exchange.finish()


def _send_wrapped_file(wrapper: FileWrapper, exchange: Exchange) -> None:
    region = file_region(wrapper.filelike)
    if region is None:
        _send_chunks(wrapper, exchange)
    else:
        exchange.switches = 1
        exchange.send_file(region)


def as_bytes(chunk: Any) -> bytes:
    if type(chunk) is bytes:
        return chunk
    if isinstance(chunk, str):
        _warn_about_text()
        return chunk.encode("utf-8")
    if isinstance(chunk, bytes):
        return bytes(chunk)
    raise TypeError(f"a WSGI body consists of bytes, and the application gave {type(chunk).__name__}: {chunk!r:.60}")


@lru_cache(maxsize=None)
def _warn_about_text() -> None:
    """One line a process, hence the cache."""
    log.say("the application's body is str, which is sent as UTF-8; WSGI wants bytes: return [text.encode()], or b'...' for a constant")


def _first(data: bytes, left: int) -> bytes:
    return data[:left]


def exit_status(error: SystemExit) -> int:
    """What the interpreter would exit with."""
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1


def url_scheme(environ: Environ) -> str:
    """uWSGI's rule (core/utils.c): what a proxy in front says, and only if it can be true."""
    get = environ.get
    told = get("UWSGI_SCHEME") or get("HTTP_X_FORWARDED_PROTO")
    if told in ("http", "https"):
        return told
    secure = get("HTTPS") or get("HTTP_X_FORWARDED_SSL")
    if secure and (secure[0] == "1" or secure.lower() == "on"):
        return "https"
    return "http"
