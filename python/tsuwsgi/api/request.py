"""What the module does with the request that the calling thread runs. Where none runs, there is nothing to do."""

from __future__ import annotations

import errno
import os
from functools import partial
from operator import index
from typing import Any, Callable, Optional, Sequence

from tsuwsgi import running
from tsuwsgi.api.sockets import send_to
from tsuwsgi.body import read_piece
from tsuwsgi.config import Config
from tsuwsgi.fileregion import FileRegion
from tsuwsgi.peer import has_peer
from tsuwsgi.texts import Text, encoded
from tsuwsgi.wsgi import Exchange

_NO_REQUEST = "no request runs in this thread"
# As large as a piece of a body on its way.
_CHUNK = 131072


def functions(config: Config) -> Sequence[Callable[..., Any]]:
    def set_user_harakiri(seconds: int) -> None:
        limit_request(seconds, config.harakiri_ms)

    return (
        *(set_logvar, get_logvar, log_this_request, set_user_harakiri, start_response, cl),
        *(connection_fd, is_connected, disconnect, close, chunked_read, chunked_read_nb, send, sendfile, offload),
    )


def set_logvar(name: Text, value: Text) -> None:
    """A variable of the request's log line."""
    name, value = encoded(name), encoded(value)
    exchange = _exchange()
    if exchange is not None:
        if exchange.log_variables is None:
            exchange.log_variables = {}
        exchange.log_variables[name] = value


def get_logvar(name: Text) -> Optional[bytes]:
    name, exchange = encoded(name), _exchange()
    if exchange is None or exchange.log_variables is None:
        return None
    return exchange.log_variables.get(name)


def log_this_request() -> None:
    """The request has a line in the log, also with disable-logging."""
    exchange = _exchange()
    if exchange is not None:
        exchange.is_log_wanted = True


def limit_request(seconds: int, harakiri_ms: int) -> None:
    """The request must end within so many seconds from now; 0 takes that away. `harakiri` holds all the same: the earlier of the two counts."""
    if seconds < 0:
        raise ValueError(f"set_user_harakiri() takes seconds from now on, or 0, not {seconds}")
    slot, exchange = running.slot_of_this_thread(), _exchange()
    if slot is None or exchange is None:
        return
    deadline_ms = max(1, exchange.age_ms + int(seconds * 1000)) if seconds else 0
    # What does not come before harakiri changes nothing: the gateway has told its client by then.
    slot.record.limit(0 if 0 < harakiri_ms <= deadline_ms else deadline_ms)


def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
    """The one that the application was given."""
    return _required().start_response(status, headers, exc_info)


def cl() -> int:
    """The request's Content-Length."""
    now = running.request_of_this_thread()
    length = now[1].get("CONTENT_LENGTH", "") if now is not None else ""
    return int(length) if length.isdigit() else 0


def connection_fd() -> int:
    """The descriptor on which the request came, or -1: over HTTP the client's connection is the gateway's."""
    exchange = _exchange()
    return exchange.sink.connection_fd() if exchange is not None else -1


def is_connected(fd: int) -> bool:
    """Whether somebody is at the other end: of the request where it is connection_fd(), else of any socket."""
    exchange = _exchange()
    if exchange is not None and fd == exchange.sink.connection_fd():
        return not exchange.is_complete and exchange.interruption.shield(exchange.sink.has_client, exchange)
    return has_peer(fd)


def disconnect() -> None:
    """The client has all that it gets; the application goes on without it."""
    exchange = _exchange()
    if exchange is not None:
        exchange.interruption.shield(exchange.disconnect)


def close(fd: int) -> None:
    """Closes a descriptor. The request's own is left in order: the same as disconnect()."""
    exchange = _exchange()
    if exchange is not None and fd >= 0 and fd == exchange.sink.connection_fd():
        return disconnect()
    try:
        os.close(fd)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise


def chunked_read(timeout: int = 0) -> bytes:
    """The next piece of the request's body, waited for; empty at the end. OSError where it takes longer than so many seconds, or than the server allows."""
    piece = _read_piece(float(index(timeout)) or None)
    if piece is None:
        raise OSError(f"unable to receive chunked part: the client has sent nothing for {timeout} seconds")
    return piece


def chunked_read_nb() -> Optional[bytes]:
    """The next piece if it is there; None where it is not, empty at the end."""
    return _read_piece(0.0)


def _read_piece(seconds: Optional[float]) -> Optional[bytes]:
    now = running.request_of_this_thread()
    if now is None:
        raise OSError(_NO_REQUEST)
    return read_piece(now[1]["wsgi.input"], _CHUNK, seconds)


def send(first: Any, data: Optional[bytes] = None) -> Optional[bool]:
    """send(data): a piece of the response's body, as PEP 3333's write() does it. send(fd, data): to a connection of the application's own."""
    if data is None:
        first, data = connection_fd(), first
    if not isinstance(data, bytes):
        raise TypeError(f"send() takes bytes, not {type(data).__name__}")
    fd = index(first)
    if fd != connection_fd():
        return send_to(fd, data)
    exchange = _required()
    if exchange.head is None:
        raise RuntimeError("uwsgi.send(): a response begins with start_response(); the bytes of its head cannot be sent")
    exchange.write(data)
    return True


def sendfile(what: Any, chunk: int = 0, position: int = 0, size: int = 0) -> bool:
    """Sends a file, by its path, its descriptor or as a file object: all of it from the position on, or so many bytes."""
    exchange = _required()
    send = partial(_send_file, exchange, position, size)
    if isinstance(what, (str, bytes)):
        with open(what, "rb", buffering=0) as file:
            send(file.fileno())
    else:
        send(index(what.fileno() if hasattr(what, "fileno") else what))
    return True


def offload(path: Text, size: int = 0) -> bytes:
    """Sends a file: what there is to gain by not waiting for the client, the gateway has gained already."""
    sendfile(path, size=size)
    return b""


def _send_file(exchange: Exchange, position: int, size: int, fd: int) -> None:
    region = FileRegion(fd, position, size or max(0, os.fstat(fd).st_size - position))
    exchange.interruption.shield(exchange.send_region, region)


def _exchange() -> Optional[Exchange]:
    now = running.request_of_this_thread()
    return None if now is None else now[0]


def _required() -> Exchange:
    exchange = _exchange()
    if exchange is None or exchange.is_over:
        raise OSError(_NO_REQUEST)
    return exchange
