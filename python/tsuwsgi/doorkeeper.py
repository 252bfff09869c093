"""The spawner before it imports the application. While the server sleeps it stays here, and looks at the direct sockets for the master.

◀─ watch   knock ─▶        ◀─ refuse        ◀─ load: the end of it
"""

from __future__ import annotations

import select
import socket
from time import monotonic
from typing import List, Sequence

from tsuwsgi import log
from tsuwsgi.control import ControlChannel, Message
from tsuwsgi.direct import Listener

_BODY = b"Service Unavailable\n"
_HEAD = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nRetry-After: 1\r\n\r\n"
_REFUSAL = _HEAD % len(_BODY) + _BODY
# Those who are refused may take so long, all together, to notice it.
_FAREWELL_SECONDS = 1.0
_PIECE = 65536


class Doorkeeper:
    def __init__(self, control: ControlChannel, listeners: Sequence[Listener]) -> None:
        self._control = control
        self._listeners = listeners
        self._is_watching = False

    def wait(self) -> bool:
        """Obeys the master until it says that the application is to be imported. False when the master is gone instead."""
        while True:
            if self._is_watching and not self._control.has_message() and self._has_client():
                self._is_watching = False
                self._control.send({"type": "knock"})
            message = self._control.receive()
            if message is None:
                return False
            if message["type"] == "load":
                return True
            self._obey(message)

    def _obey(self, message: Message) -> None:
        if message["type"] == "watch":
            self._is_watching = True
        elif message["type"] == "refuse":
            self._refuse()
        elif message["type"] == "reopen-log":
            log.reopen(message["path"])

    def _has_client(self) -> bool:
        """Sleeps until a client waits, or until the master says something, which comes first. Nobody is accepted: that is for the workers."""
        poller = select.poll()
        for fd in (self._control.fileno(), *(listener.socket.fileno() for listener in self._listeners)):
            poller.register(fd, select.POLLIN)
        return self._control.fileno() not in [fd for fd, _ in poller.poll()]

    def _refuse(self) -> None:
        """No worker will come for those who wait now."""
        refused: List[socket.socket] = []
        for listener in self._listeners:
            clients = _accept_all(listener)
            if clients:
                log.say(f"{listener.name}: {len(clients)} {'request was' if len(clients) == 1 else 'requests were'} answered 503")
            refused += clients
        for client in refused:
            _send(client, _REFUSAL)
        _see_off(refused)


def _accept_all(listener: Listener) -> List[socket.socket]:
    clients = []
    try:
        while True:
            clients.append(listener.socket.accept()[0])
    except OSError:
        return clients  # nobody is left, or no descriptor


def _send(client: socket.socket, data: bytes) -> None:
    try:
        client.setblocking(False)
        client.send(data)
        client.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # it left


def _see_off(clients: List[socket.socket]) -> None:
    """Closing over unread bytes makes the kernel send a reset, which can overtake the answer (RFC 9112, 9.6): their requests are read first."""
    deadline = monotonic() + _FAREWELL_SECONDS
    poller = select.poll()
    left = {client.fileno(): client for client in clients}
    for fd in left:
        poller.register(fd, select.POLLIN)
    while left:
        ready = poller.poll(max(0.0, deadline - monotonic()) * 1000)
        if not ready:
            break
        for fd, _ in ready:
            if not _reads_on(left[fd]):
                poller.unregister(fd)
                left.pop(fd).close()
    for client in left.values():
        client.close()


def _reads_on(client: socket.socket) -> bool:
    try:
        return bool(client.recv(_PIECE))
    except OSError:
        return False
