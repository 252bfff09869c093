"""Whether somebody is at the other end of a socket."""

from __future__ import annotations

import os
import select
import socket

# What tells that the other side has ended its half of the connection, where the system can tell.
_ENDED = getattr(select, "POLLRDHUP", select.POLLHUP)


def has_peer(fd: int) -> bool:
    """False where the other side has left or will send nothing more, and for what is no connected socket."""
    try:
        with socket.socket(fileno=os.dup(fd)) as connection:
            connection.getpeername()
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0:
                return False
    except OSError:
        return False
    poller = select.poll()
    poller.register(fd, _ENDED)
    return not poller.poll(0)
