"""The control channel: one JSON document a line over the master's Unix socket.

Each Python process has a connection of its own, so the end of one process or of the master is seen as end of file.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from typing import Any, Dict, Optional

Message = Dict[str, Any]


class ControlChannel:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = bytearray()
        # Re-entrant: a signal handler may send while the main thread is about to.
        self._sending = threading.RLock()

    @classmethod
    def connect(cls, path: str) -> ControlChannel:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(path)
        return cls(connection)

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, message: Message) -> None:
        """Sends a message. A master that is gone is noticed by the reader, so nothing is raised here."""
        line = json.dumps(message).encode() + b"\n"
        with self._sending:
            try:
                self._connection.sendall(line)
            except OSError:
                pass  # the reader sees the end of file and ends this process

    def offer(self, message: Message) -> bool:
        """Sends a message of some ten KiB at most if that takes no waiting, whatever the master does; says whether it did."""
        line = json.dumps(message).encode() + b"\n"
        if not self._sending.acquire(blocking=False):
            return False
        try:
            # Linux calls a Unix socket writable while a quarter of its 200 KiB is in use at most: there is room for more than that.
            writable = select.poll()
            writable.register(self._connection, select.POLLOUT)
            if not writable.poll(0):
                return False
            self._connection.sendall(line)
            return True
        except OSError:
            return False  # the reader sees the end of file and ends this process
        finally:
            self._sending.release()

    def receive(self) -> Optional[Message]:
        """Waits for the next message; None when the master is gone."""
        while b"\n" not in self._received:
            try:
                piece = self._connection.recv(65536)
            except OSError:
                return None
            if not piece:
                return None
            self._received += piece
        line, _, rest = self._received.partition(b"\n")
        self._received = rest
        return json.loads(line.decode())

    def has_message(self) -> bool:
        """Whether a whole message was received together with an earlier one."""
        return b"\n" in self._received

    def close(self) -> None:
        self._connection.close()
