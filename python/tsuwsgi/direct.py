"""The direct door of a slot: uwsgi-protocol sockets on which the slot accepts itself, and the sink of the answers.

One request a connection, as the protocol has it. Descriptors and system calls, no socket object: at 20 µs a request each object counts.
Nearly always what we want is there or goes at once. Otherwise we wait, with a deadline: over TCP the kernel keeps it, elsewhere descriptors
are non-blocking and poll() does.
"""

from __future__ import annotations

import errno
import io
import os
import select
import socket
import struct
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Sequence

from tsuwsgi import body, log, packet
from tsuwsgi.config import Config
from tsuwsgi.fileregion import FileRegion
from tsuwsgi.interruption import Interruption
from tsuwsgi.peer import has_peer
from tsuwsgi.wsgi import ClientGone, Exchange, url_scheme

if TYPE_CHECKING:
    from tsuwsgi.slot import Slot

# A packet of nginx has about 700 bytes, and a small body comes with it; what is longer takes another read.
_FIRST_READ = 4096
# Below this one copy is cheaper than a second buffer in the system call.
_JOIN_LIMIT = 16384
# An unread body is drained within these bounds, so that closing does not destroy the answer on its way.
_DRAIN_BYTES = 16 * 1024 * 1024
_DRAIN_SECONDS = 1.0
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
# One line for what fails again and again: a log full of it would be the next trouble.
_QUIET_SECONDS = 10.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

# The versions that nginx names; an answer begins with the client's own, as in uWSGI.
_STATUS_LINES = {version: f"{version} ".encode() for version in ("HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0")}
_OLDEST_STATUS_LINE = _STATUS_LINES["HTTP/1.0"]


class Listener(NamedTuple):
    socket: socket.socket
    name: str
    # Its connections inherit what `_tune_tcp` sets: they are corked, and the kernel keeps their deadlines.
    is_tuned: bool = False


def listen(sock: socket.socket, name: str, config: Config) -> Listener:
    """Opens a direct socket. From here on clients wait in the kernel's queue, whatever happens to one worker."""
    if sock.family != socket.AF_UNIX:
        # Either way: the code before a reload may have had it otherwise.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(config.tcp_keep_alive))
    is_tuned = sock.family != socket.AF_UNIX and _tune_tcp(sock, config.socket_timeout_seconds)
    sock.setblocking(False)
    sock.listen(config.backlog)
    return Listener(sock, name, is_tuned)


def _tune_tcp(sock: socket.socket, seconds: float) -> bool:
    """Sets what accepted connections inherit. False where the system does not know of corks, and may not inherit the rest either."""
    # A streamed chunk must not wait for the client's ACK of the one before.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not hasattr(socket, "TCP_CORK"):
        return False
    # Linux: a connection is there for us with its request and not before, so that nobody waits for a client that says nothing.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, max(1, int(seconds)))
    # A whole answer and the end of the connection leave in one segment instead of two (27 → 22 µs here).
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    # The ACK of the request travels with the answer, which comes at once: one packet less (2 % more requests/s through nginx).
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    # Nothing of a connection within this machine can be late, so its end needs no TIME_WAIT, which would be made and kept for each request
    # (3 % more requests/s through nginx).
    if _is_loopback(sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, -1)
    # With deadlines of the kernel's a connection may stay blocking: no system call to change that, and no poll for a request on its way.
    deadline = struct.pack("ll", int(seconds), 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, deadline)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, deadline)
    return True


def _is_loopback(sock: socket.socket) -> bool:
    host = sock.getsockname()[0]
    return host.startswith("127.") or host in ("::1", "::ffff:127.0.0.1")


class DirectDoor:
    def __init__(self, slot: Slot, listeners: Sequence[Listener], config: Config) -> None:
        self._slot = slot
        self.sent_files = slot.sent_files
        # socket.accept() without the socket object that it would make of the descriptor.
        self._accepts = [(listener.socket._accept, listener) for listener in listeners]
        # Only over Unix sockets, so from this machine.
        self.is_local = all(listener.socket.family == socket.AF_UNIX for listener in listeners)
        self.listener_fds = [listener.socket.fileno() for listener in listeners]
        self._buffer_size = config.buffer_size
        self._limit_post = config.limit_post
        self._max_variables = config.max_variables
        self._seconds = config.socket_timeout_seconds
        self._connection = Connection(-1, self._seconds)
        # There was no descriptor left for a connection that waits.
        self.is_exhausted = False
        self._quiet_until = 0.0

    def serve_waiting(self) -> bool:
        """Accepts and serves one connection of each socket. False where nobody waited."""
        self.is_exhausted = False
        has_served = False
        for accept, listener in self._accepts:
            try:
                fd = accept()[0]
            except BlockingIOError:
                continue
            except OSError as error:
                self._note_failed_accept(error, listener.name)
                continue
            self._serve_connection(fd, listener)
            has_served = True
        return has_served

    def _note_failed_accept(self, error: OSError, name: str) -> None:
        # Anything else is the client's doing, which left before it was accepted (accept(2)).
        if error.errno not in _EXHAUSTED:
            return
        self.is_exhausted = True
        now = monotonic()
        if now >= self._quiet_until:
            self._quiet_until = now + _QUIET_SECONDS
            log.say(f"{name}: a connection cannot be accepted and has to wait: {error.strerror}")

    def _serve_connection(self, fd: int, listener: Listener) -> None:
        connection = self._connection = Connection(fd, self._seconds, listener.is_tuned)
        try:
            self._serve(connection)
        except packet.RequestRefused as error:
            log.say(f"{listener.name}: {error}; the answer was {error.status}")
            self._refuse(connection, error.status)
        except packet.PacketError as error:
            log.say(f"{listener.name}: {error}; the connection was closed")
        except ClientGone:
            # Before a request was there: a client that changed its mind, or a check that the port is open.
            self._slot.record.count_read_error()
        except Exception as error:
            # An error of ours, such as want of memory: it costs this client and not the slot.
            connection.is_broken = True
            self._slot.record.rest()
            log.show(error)
        finally:
            connection.close()

    def _refuse(self, connection: Connection, status: str) -> None:
        page = f"{status}\n"
        # What the client sends meanwhile is drained, or it would not see the answer.
        connection.unread = _DRAIN_BYTES
        try:
            connection.write(f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(page)}\r\n\r\n{page}".encode())
        except ClientGone:
            self._slot.record.count_write_error()

    def _serve(self, connection: Connection) -> None:
        data = connection.read(_FIRST_READ)
        if len(data) < packet.HEAD_SIZE:
            data = connection.read_to(data, packet.HEAD_SIZE)
        if data[0] == packet.PING_MODIFIER:
            connection.write(packet.PONG)
            return
        end = packet.HEAD_SIZE + packet.packet_size(data, self._buffer_size)
        if len(data) < end:
            data = connection.read_to(data, end)
        environ, pairs = packet.read_vars(data, end, self._max_variables)
        # The client's `Proxy:`, which many HTTP clients would take for their configuration (https://httpoxy.org).
        environ.pop("HTTP_PROXY", None)
        length = environ.get("CONTENT_LENGTH")
        # nginx sends '' for a request without a body.
        size = packet.body_size(length, self._limit_post) if length else 0
        exchange = Exchange(self, environ, pairs, end - packet.HEAD_SIZE)
        if data[0] or data[3]:
            exchange.modifiers = (data[0], data[3])
        environ.update(self._slot.environ)
        environ["wsgi.url_scheme"] = url_scheme(environ)
        environ["wsgi.input"] = connection.input(size, data[end:], self._slot.interruption) if size else io.BytesIO()
        self._slot.serve(exchange, environ)

    def send_head(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        if not is_last:
            self._connection.uncork()
        head = _STATUS_LINES.get(exchange.protocol, _OLDEST_STATUS_LINE) + exchange.head + b"\r\n"
        if len(data) <= _JOIN_LIMIT:
            self._connection.write(head + data)
        else:
            self._connection.write_both(head, data)

    def send_body(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        if data:
            self._connection.write(data)

    def send_file(self, exchange: Exchange, region: FileRegion) -> None:
        position, end = region.position, region.position + region.size
        while position < end:
            sent = self._connection.send_file(FileRegion(region.fd, position, end - position))
            position += sent
            exchange.count_sent(sent)

    def hand_over(self, exchange: Exchange, region: FileRegion) -> bool:
        """Nobody else writes to the client."""
        return False

    def abort(self, exchange: Exchange) -> None:
        self._connection.is_broken = True

    def part(self, exchange: Exchange) -> None:
        """The client has all that it gets, while the request goes on."""
        self._connection.close()

    def connection_fd(self) -> int:
        return self._connection.fd

    def has_client(self, exchange: Exchange) -> bool:
        return has_peer(self._connection.fd)

    def release(self, exchange: Exchange) -> None:
        self._connection.close()


class Connection:
    """One accepted connection, by its descriptor."""

    is_broken = False
    # Bytes of the request's body that nobody has read yet.
    unread = 0

    def __init__(self, fd: int, seconds: float, is_tuned: bool = False) -> None:
        self.fd = fd
        self._seconds = seconds
        self._is_corked = self._has_deadlines = is_tuned
        if fd >= 0 and not is_tuned:
            # One system call for both deadlines, reading and writing; a timeout on the socket would be two, and a socket object.
            os.set_blocking(fd, False)

    def read(self, size: int) -> bytes:
        """What has arrived, after waiting for it if need be; ClientGone where nothing will."""
        while True:
            try:
                data = os.read(self.fd, size)
            except BlockingIOError:
                if self._has_deadlines:
                    raise self._late("sent nothing") from None
                self._wait(select.POLLIN, "sent nothing")
                continue
            except OSError as error:
                raise self._lost(error) from None
            if not data:
                raise ClientGone("the client left")
            return data

    def read_to(self, data: bytes, end: int) -> bytes:
        """`data` and what follows it, `end` bytes in all; ClientGone where they trickle in, so that nobody holds a slot byte by byte."""
        deadline = monotonic() + self._seconds
        collected = bytearray(data)
        while len(collected) < end:
            collected += self.read(end - len(collected))
            if monotonic() > deadline:
                raise self._late("did not complete its request")
        return bytes(collected)

    def input(self, size: int, begun: bytes, interruption: Interruption) -> Any:
        """`wsgi.input` for a body of this declared size, of which the beginning is here."""
        if len(begun) >= size:
            return io.BytesIO(begun[:size])
        self.unread = size - len(begun)
        return body.streamed(begun, partial(interruption.shield, self._read_body_into), partial(interruption.shield, self._has_body))

    def _has_body(self, seconds: float) -> bool:
        """Whether reading would not have to wait, after so many seconds at most."""
        if not self.unread or self.fd < 0:
            return True
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def _read_body_into(self, buffer: Any) -> int:
        if not self.unread:
            return 0
        if self.fd < 0:
            raise ClientGone("this request has ended; its wsgi.input cannot be read any more")
        data = self.read(min(len(buffer), self.unread))
        self.unread -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def uncork(self) -> None:
        """From here on what is written leaves at once."""
        if self._is_corked:
            self._is_corked = False
            with socket.socket(fileno=os.dup(self.fd)) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)

    def write(self, data: Any) -> None:
        # _write_some(os.write, data), spelled out since every answer comes here.
        try:
            sent = os.write(self.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self._lost(error) from None
        if sent < len(data):
            self._write_rest(memoryview(data)[sent:])

    def write_both(self, head: bytes, data: bytes) -> None:
        sent = self._write_some(os.writev, (head, data))
        if sent < len(head):
            self._write_rest(memoryview(head)[sent:])
            sent = len(head)
        self._write_rest(memoryview(data)[sent - len(head) :])

    def send_file(self, region: FileRegion) -> int:
        while True:
            try:
                sent = os.sendfile(self.fd, region.fd, region.position, region.size)
            except BlockingIOError:
                self._wait(select.POLLOUT, "took nothing")
                continue
            except OSError as error:
                raise self._lost(error) from None
            if not sent:
                raise OSError("the file became shorter while it was sent")
            return sent

    def _write_rest(self, rest: memoryview) -> None:
        while rest:
            self._wait(select.POLLOUT, "took nothing")
            rest = rest[self._write_some(os.write, rest) :]

    def _write_some(self, call: Any, *arguments: Any) -> int:
        """Bytes that went at once."""
        try:
            return call(self.fd, *arguments)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._lost(error) from None

    def _lost(self, error: OSError) -> ClientGone:
        self.is_broken = True
        return ClientGone(f"the client left ({error.strerror})")

    def _wait(self, event: int, what: str) -> None:
        poller = select.poll()
        poller.register(self.fd, event)
        # A client that is stuck must not hold a slot for ever.
        if not poller.poll(self._seconds * 1000):
            raise self._late(what)

    def _late(self, what: str) -> ClientGone:
        return ClientGone(f"the client {what} for {self._seconds:g} seconds")

    def close(self) -> None:
        """Closes so that the client still gets what was sent to it, or notices that the answer was cut."""
        fd, self.fd = self.fd, -1
        if fd < 0:
            return
        if self.is_broken:
            _cut(fd)
        elif self.unread:
            _drain(fd, self.unread)
        os.close(fd)


def _cut(fd: int) -> None:
    """Over TCP the end comes as a reset, which a proxy does not take for the end of the answer."""
    try:
        with socket.socket(fileno=os.dup(fd)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    except OSError:
        pass  # the client is gone; that was the purpose


def _drain(fd: int, unread: int) -> None:
    """Closing over unread bytes makes the kernel send a reset, which can overtake the answer (RFC 9112, 9.6): take them first."""
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    deadline = monotonic() + _DRAIN_SECONDS
    left = min(unread, _DRAIN_BYTES)
    try:
        with socket.socket(fileno=os.dup(fd)) as connection:
            connection.shutdown(socket.SHUT_WR)
        while left > 0 and poller.poll(max(0.0, deadline - monotonic()) * 1000):
            taken = len(os.read(fd, min(left, 131072)))
            if not taken:
                return
            left -= taken
    except OSError:
        pass  # the client is gone
