"""Whether somebody is at the other end of a socket, and how many wait to be."""

from __future__ import annotations

import os
import select
import socket
import struct

# What tells that the other side has ended its half of the connection, where the system can tell.
_ENDED = getattr(select, "POLLRDHUP", select.POLLHUP)
# struct tcp_info, tcpi_unacked: of a listening socket its backlog (tcp(7)).
_UNACKED_AT = 24
_read_unacked = struct.Struct("=I").unpack_from


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


def backlog_of(fd: int) -> int:
    """Connections that nobody has accepted yet, at a TCP socket of Linux; 0 at others, of which the system does not tell."""
    with socket.socket(fileno=os.dup(fd)) as listener:
        if listener.family == socket.AF_UNIX or not hasattr(socket, "TCP_INFO"):
            return 0
        return _read_unacked(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), _UNACKED_AT)[0]
