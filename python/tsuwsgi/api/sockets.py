"""Connections of the application's own, by their descriptors, and what is left of uWSGI's asynchronous mode: a request waits in its thread."""

from __future__ import annotations

import os
import socket
from time import sleep
from typing import Any, Callable, Optional, Sequence, Tuple

from tsuwsgi import log
from tsuwsgi.config import Config

_RECEIVED = 4096


def functions(config: Config) -> Sequence[Callable[..., Any]]:
    def connect(address: str, timeout: int = 0) -> int:
        """The descriptor of a connection to "host:port" or to a Unix socket; -1 where there is none. It waits for socket-timeout, or so many seconds."""
        return _connect("connect", address, float(timeout) or config.socket_timeout_seconds)

    return (connect, async_connect, recv, async_sleep, suspend, green_schedule, ready_fd)


def async_connect(address: str) -> int:
    """The same without waiting: the descriptor can be written to once the connection is there."""
    return _connect("async_connect", address, 0.0)


def _connect(function: str, address: str, seconds: float) -> int:
    if not isinstance(address, str):
        raise TypeError(f"{function}() takes the address as a str, not {type(address).__name__}")
    try:
        family, target = _resolve(address)
        connection = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        return _no_connection(function, address, error)
    try:
        connection.settimeout(seconds)
        connection.connect(target)
    except BlockingIOError:
        pass  # on its way; nobody waits here
    except OSError as error:
        connection.close()
        return _no_connection(function, address, error)
    else:
        connection.setblocking(seconds > 0)
    return connection.detach()


def _resolve(address: str) -> Tuple[int, Any]:
    host, colon, port = address.rpartition(":")
    if not colon:
        return socket.AF_UNIX, "\0" + address[1:] if address.startswith("@") else address
    family, _, _, _, target = socket.getaddrinfo(host.strip("[]") or "127.0.0.1", port, type=socket.SOCK_STREAM)[0]
    return family, target


def _no_connection(function: str, address: str, error: OSError) -> int:
    log.say(f"uwsgi.{function}({address!r}): {error.strerror or error}")
    return -1


def recv(fd: int, size: int = _RECEIVED) -> Optional[bytes]:
    """What has arrived, after waiting for it; None at the end, where nothing is there to wait for, and where it cannot be read."""
    try:
        return os.read(fd, size) or None
    except OSError:
        return None


def send_to(fd: int, data: bytes) -> Optional[bool]:
    """True when all of it has gone; None where it cannot be written."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(fd, rest) :]
    except OSError:
        return None
    return True


def async_sleep(seconds: float) -> bytes:
    """Sleeps: this thread has nothing else to run meanwhile."""
    sleep(max(0.0, seconds))
    return b""


def suspend() -> bool:
    """Lets other threads run."""
    sleep(0)
    return True


def green_schedule() -> bool:
    """The same."""
    return suspend()


def ready_fd() -> int:
    """None: nobody waits for descriptors here."""
    return -1
