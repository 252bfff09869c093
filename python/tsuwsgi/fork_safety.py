"""What an import, or a warm-up, leaves behind that a fork breaks: threads, of which the workers have none, and connections, which they all share."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import FrozenSet, Iterator, List, Optional

from tsuwsgi import log

_DESCRIPTORS = "/proc/self/fd"
_REMEDY = "open them in each worker (uwsgidecorators.postfork), or set lazy-apps = true"
_REMEDY_AFTER_WARMUP = (
    "close them before the fork (os.register_at_fork(before=...)), open them in each worker (uwsgidecorators.postfork), or set lazy-apps = true"
)
# How a database of SQLite begins (https://sqlite.org/fileformat.html), whose locks a fork takes away (https://sqlite.org/howtocorrupt.html, 2.6).
_SQLITE = b"SQLite format 3\0"


def open_descriptors() -> FrozenSet[int]:
    """Those of this process; none where the system does not tell."""
    try:
        return frozenset(int(name) for name in os.listdir(_DESCRIPTORS))
    except OSError:
        return frozenset()


def warning(descriptors_before: FrozenSet[int], has_warmups: bool = False) -> Optional[str]:
    """One line that names what is there now and was not before the import; None where there is nothing to say."""
    parts = []
    threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if threads:
        parts.append(f"{_count(threads, 'thread')}, which no worker has")
    new = open_descriptors() - descriptors_before
    peers, databases = list(_peers(new)), list(_databases(new))
    if peers:
        parts.append(f"{_count(peers, 'connection')}, which all workers would share")
    if databases:
        parts.append(f"{_count(databases, 'open SQLite database')}, which no process may take from another")
    if not parts:
        return None
    what, remedy = ("the application and its warm-up", _REMEDY_AFTER_WARMUP) if has_warmups else ("the application", _REMEDY)
    return f"fork safety: importing {what} left {' and '.join(parts)}: {remedy}"


def close_kept_connections() -> None:
    """Django keeps a connection for the next request of its thread (CONN_MAX_AGE), and the workers must not get it all at once."""
    database = sys.modules.get("django.db")
    if database is None:
        return
    try:
        database.connections.close_all()
    except Exception as error:
        log.show(error)


def _count(names: List[str], what: str) -> str:
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({', '.join(names)})"


def _peers(descriptors: FrozenSet[int]) -> Iterator[str]:
    for descriptor in sorted(descriptors):
        try:
            with socket.socket(fileno=os.dup(descriptor)) as connection:
                peer = connection.getpeername()
                is_stream = connection.type == socket.SOCK_STREAM
        except OSError:
            continue  # no socket, or one without a peer
        name = _name_of(peer)
        # Datagrams never mix (syslog), and a nameless peer is the other end of a pair within this process.
        if is_stream and name:
            yield name


def _name_of(peer: object) -> str:
    if isinstance(peer, tuple):
        host, port = peer[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    text = os.fsdecode(peer) if isinstance(peer, (str, bytes)) else ""
    return text.replace("\0", "@", 1)


def _databases(descriptors: FrozenSet[int]) -> Iterator[str]:
    for descriptor in sorted(descriptors):
        try:
            if os.pread(descriptor, len(_SQLITE), 0) == _SQLITE:
                yield os.readlink(f"{_DESCRIPTORS}/{descriptor}")
        except OSError:
            continue  # no file, or one that is only written
