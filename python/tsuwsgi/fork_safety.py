"""What an import leaves behind that a fork breaks: threads, of which the workers have none, and connections, which they all share."""

from __future__ import annotations

import os
import socket
import threading
from typing import FrozenSet, Iterator, List, Optional

_DESCRIPTORS = "/proc/self/fd"
_REMEDY = "open them in each worker (uwsgidecorators.postfork), or set lazy-apps = true"


def open_descriptors() -> FrozenSet[int]:
    """Those of this process; none where the system does not tell."""
    try:
        return frozenset(int(name) for name in os.listdir(_DESCRIPTORS))
    except OSError:
        return frozenset()


def warning(descriptors_before: FrozenSet[int]) -> Optional[str]:
    """One line that names what is there now and was not before the import; None where there is nothing to say."""
    parts = []
    threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if threads:
        parts.append(f"{_count(threads, 'thread')}, which no worker has")
    peers = list(_peers(open_descriptors() - descriptors_before))
    if peers:
        parts.append(f"{_count(peers, 'connection')}, which all workers would share")
    return f"fork safety: importing the application left {' and '.join(parts)}: {_REMEDY}" if parts else None


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
