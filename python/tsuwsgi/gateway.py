"""The gateway's door of a slot: one connection over which requests come as frames, and the sink of their answers.

The gateway owns the client. It may send requests ahead, which wait in the socket; each answer leaves at once.
"""

from __future__ import annotations

import io
import os
import socket
from functools import partial
from time import monotonic_ns
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from tsuwsgi import body, wire
from tsuwsgi.fileregion import FileRegion, file_pieces
from tsuwsgi.lifetime import LEAVING, Lifetime
from tsuwsgi.scheduling import give_way
from tsuwsgi.sharedbody import SharedBody
from tsuwsgi.wsgi import ERROR_STATUS, ClientGone, Environ, Exchange, url_scheme

if TYPE_CHECKING:
    from tsuwsgi.config import Config
    from tsuwsgi.slot import Slot, SlotPlace

# A client that sends its next request as soon as it has the answer pays for waking us each time. So the slot looks for so long whether the
# request is there already, giving the processor away in between, before it sleeps: 5,600 → 8,300 requests/s for one client. Where that was in
# vain it sleeps at once for so many times, so that a quiet server spends nothing. Where more requests run than the processors have
# time for, looking would only take one from whoever brings the next.
_LOOKING_NS = 120_000
_LOOKS_SPARED = 16

# From this size on a copy costs more than a system call with several buffers.
_LARGE = 16384
# So much of a response leaves in large pieces before the slot looks again whether anybody still waits for it: looking costs 1.6 µs, and sending
# 64 KiB 4.3.
_UNLOOKED = 262144

_ERROR_HEAD = f"{ERROR_STATUS}\r\n".encode()


class GatewayDoor:
    def __init__(self, slot: Slot, config: Config, place: SlotPlace) -> None:
        self._slot = slot
        self.sent_files = slot.sent_files
        self._paths = config.gateway_sockets
        # In turn over all workers: each gateway has its share of them, and one of each worker that has as many threads.
        self._path = self._paths[((place.worker - 1) * config.threads + place.core) % len(self._paths)]
        self._has_moved = False
        self._hello = wire.hello(place._asdict())
        self._connection: Optional[socket.socket] = None
        self._reader: Any = None
        # Where the running request reads its body, or the rest of it.
        self._body: Any = None
        self._shared_folder = os.path.join(os.path.dirname(self._path), "bodies")
        # So many times more the slot sleeps without looking first.
        self._sleeps = 0
        # So few requests ran when the last one came that there is time to look for the next.
        self._is_calm = False
        # The client of the running request has all that it gets, and the gateway waits to hear that the slot is free.
        self._has_parted = False
        # Bytes of the response since the slot looked last whether its client is still there.
        self._unlooked = 0

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    def fileno(self) -> int:
        return self._connection.fileno() if self._connection is not None else -1

    def connect(self) -> bool:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(self._path)
            connection.sendall(self._hello)
        except OSError:
            connection.close()
            return False  # the gateway is being started again; the slot tries later
        self._connection, self._reader, self._send = connection, wire.FrameReader(connection), connection.sendall
        return True

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def hang_up(self) -> None:
        """Makes the slot's waiting recv see the end; what it writes still leaves."""
        try:
            if self._connection is not None:
                self._connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass  # the gateway was faster

    def has_moved(self) -> bool:
        """Whether the connection ended because another gateway needs this slot; says so once."""
        has_moved, self._has_moved = self._has_moved, False
        return has_moved

    def _move(self, number: int) -> None:
        self._path, self._has_moved = self._paths[number - 1], True
        # Nothing follows; whoever reads next sees the end.
        self.hang_up()

    def serve(self, lifetime: Lifetime) -> None:
        """Serves requests until the gateway closes the connection."""
        take = self._reader.take
        rest = self._slot.log.rest
        while lifetime.state != LEAVING:
            frame = take()
            if frame is None:
                # Only now: a finished answer waits for nothing, and the log's lines have their time while we wait.
                rest()
                frame = self._wait()
            if frame is None:
                break
            self._serve(frame)
        self.close()

    def _wait(self) -> Optional[wire.Frame]:
        if self._sleeps or not self._is_calm:
            self._sleeps = max(0, self._sleeps - 1)
            return self._next(0)
        until = monotonic_ns() + _LOOKING_NS
        while monotonic_ns() < until:
            os.sched_yield()
            try:
                return self._next(socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass
        self._sleeps = _LOOKS_SPARED
        return self._next(0)

    def serve_waiting(self) -> None:
        """Serves what one look at the socket brings, without waiting for more."""
        try:
            frame = self._next(socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if frame is None:
            self.close()
        while frame is not None:
            self._serve(frame)
            # All that came with it too: nothing would wake us for what is in our own buffer.
            frame = self._reader.take()

    def _next(self, flags: int) -> Optional[wire.Frame]:
        try:
            return self._reader.next(flags)
        except ConnectionError:
            return None

    def _serve(self, frame: wire.Frame) -> None:
        if frame.kind != wire.REQUEST:
            if frame.kind == wire.MOVE:
                self._move(frame.extra)
            elif frame.kind == wire.WELCOME:
                # Node cannot do that for itself.
                give_way(wire.read_welcome(frame.payload))
            return  # more of a request that has ended: its body was not wanted, or its client left late
        self._is_calm = frame.flags & wire.CALM != 0
        environ, packet_size, begun = wire.read_request(frame.payload)
        exchange = Exchange(self, environ, frame.extra, packet_size)
        exchange.request_id = frame.request_id
        environ.update(self._slot.environ)
        environ["wsgi.url_scheme"] = url_scheme(environ)
        if frame.flags & wire.SHARED:
            self._open_shared(exchange, environ, begun)
        elif frame.flags & wire.COMPLETE:
            environ["wsgi.input"] = io.BytesIO(begun)
        else:
            exchange.has_whole_body = False
            self._body = FrameBody(self._reader, frame.request_id)
            shield = self._slot.interruption.shield
            environ["wsgi.input"] = body.streamed(begun, partial(shield, self._body.read_into), partial(shield, self._body.has_more))
        if frame.flags & wire.TAKES_HINTS:
            environ["wsgi.early_hints"] = exchange.early_hints
        if frame.flags & wire.MUTED:
            exchange.is_logged = False
        if frame.flags & wire.LENGTH_UNKNOWN:
            environ["wsgi.input_terminated"] = True
        self._slot.serve(exchange, environ)

    def _open_shared(self, exchange: Exchange, environ: Environ, reference: bytes) -> None:
        size, name = wire.read_shared(reference)
        # The last word of the answer gives the body's memory back, so it must not leave while the application may still read.
        exchange.has_whole_body = False
        self._body = SharedBody(os.path.join(self._shared_folder, name), size)
        environ["wsgi.input"] = body.streamed(b"", self._body.read_into, self._body.has_more)

    def send_head(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        if is_last and self._body is not None:
            self._body.answer()
        head, length, status = exchange.head, exchange.content_length, exchange.status
        if len(data) <= wire.PIECE:
            spent = _spent_us(exchange) if is_last else 0
            parts = wire.response(exchange.request_id, wire.IS_END if is_last else 0, status, head, data, length, spent)
            # _write_parts(parts), spelled out for what is small since nearly every answer comes here.
            if len(data) < _LARGE:
                self._write(b"".join(parts))
            else:
                self._write_parts(parts)
            return
        view = memoryview(data)
        self._write_parts(wire.response(exchange.request_id, 0, status, head, view[: wire.PIECE], length, 0))
        self.send_body(exchange, view[wire.PIECE :], is_last)

    def send_hints(self, exchange: Exchange, fields: bytes) -> None:
        self._write(wire.hints(exchange.request_id, fields))

    def send_body(self, exchange: Exchange, data: Any, is_last: bool) -> None:
        request_id = exchange.request_id
        frame: List[Any] = []
        for at in range(0, len(data), wire.PIECE):
            if frame:
                self._write_parts(frame)
            piece = data[at : at + wire.PIECE]
            self._unlooked += len(piece)
            if len(piece) < _LARGE or self._unlooked >= _UNLOOKED:
                self._unlooked = 0
                if self._is_cancelled(request_id):
                    raise ClientGone("the client left")
            frame = [wire.body_head(request_id, len(piece)), piece]
        if is_last:
            if self._body is not None:
                self._body.answer()
            frame.append(wire.end(request_id, 0, _spent_us(exchange)))
        self._write_parts(frame)

    def send_file(self, exchange: Exchange, region: FileRegion) -> None:
        for piece in file_pieces(region, wire.PIECE):
            self.send_body(exchange, piece, False)
            exchange.count_sent(len(piece))

    def hand_over(self, exchange: Exchange, region: FileRegion) -> bool:
        """Offers a file to the gateway. When that has it open, the slot is free; nobody has to wait for the client."""
        try:
            # As the system knows it, so that the application's folder does not matter. Of a file without a name nobody finds it.
            path, identity = os.readlink(f"/proc/self/fd/{region.fd}".encode()), os.fstat(region.fd)
        except OSError:
            return False
        request_id = exchange.request_id
        self._write(wire.file(request_id, region, identity, path))
        try:
            verdict = self._reader.flags_of(wire.VERDICT, request_id)
        except OSError:
            verdict = None
        if verdict is None:
            raise ClientGone("the gateway is gone")
        if not verdict & wire.TAKEN:
            return False
        self._leave_body()
        self._write(wire.end(request_id, wire.GIVEN, _spent_us(exchange)))
        return True

    def abort(self, exchange: Exchange) -> None:
        """Tells the gateway that the answer ends here, unfinished."""
        if self._body is not None:
            self._body.answer()
        try:
            if exchange.is_head_sent:
                self._write(wire.end(exchange.request_id, wire.ABORTED, _spent_us(exchange)))
            else:
                flags = wire.IS_END | wire.ABORTED
                self._write_parts(wire.response(exchange.request_id, flags, 500, _ERROR_HEAD, b"", -1, _spent_us(exchange)))
        except ClientGone:
            pass  # the gateway itself is gone

    def part(self, exchange: Exchange) -> None:
        """The client has all that it gets, while the request goes on: the slot is not free yet."""
        if not exchange.is_complete:
            self._write(wire.end(exchange.request_id, wire.PARTED, _spent_us(exchange)))
            self._has_parted = True
        self._leave_body()

    def connection_fd(self) -> int:
        """None: the client's connection is the gateway's."""
        return -1

    def hand_back(self) -> None:
        """Gives back to the gateway what waits behind the running request. In the control thread, by a visit (interruption.py)."""
        if self._connection is None:
            return
        waiting = self._reader.waiting()
        if not waiting:
            return
        try:
            # So little goes as a whole or not at all.
            self._connection.send(wire.returned(waiting), socket.MSG_DONTWAIT)
        except OSError:
            return  # it keeps them: the gateway does not read now, or is gone
        self._reader.drop_waiting()

    def has_client(self, exchange: Exchange) -> bool:
        return not self._is_cancelled(exchange.request_id)

    def release(self, exchange: Exchange) -> None:
        """The request is over."""
        self._leave_body()
        if self._has_parted:
            self._has_parted = False
            try:
                self._write(wire.end(exchange.request_id, 0, _spent_us(exchange)))
            except ClientGone:
                pass  # the gateway itself is gone

    def _leave_body(self) -> None:
        """A late read of the body must not take the next request's frames."""
        if self._body is not None:
            self._body.leave()
            self._body = None

    def _is_cancelled(self, request_id: int) -> bool:
        if self._body is not None and self._body.is_cancelled:
            return True
        return self._reader.is_cancelled(request_id)

    def _write_parts(self, parts: Sequence[Any]) -> None:
        """What is large goes to the kernel from where it is."""
        size = sum(map(len, parts))
        if size < _LARGE or self._connection is None:
            return self._write(b"".join(parts))
        try:
            sent = self._connection.sendmsg(parts)
            for part in parts if sent < size else ():
                if sent < len(part):
                    # A signal has interrupted it.
                    self._send(memoryview(part)[sent:])
                sent = max(0, sent - len(part))
        except OSError as error:
            raise ClientGone(f"the gateway is gone ({error.strerror})") from None

    def _write(self, data: bytes) -> None:
        try:
            self._send(data)
        except OSError as error:
            raise ClientGone(f"the gateway is gone ({error.strerror})") from None


class FrameBody:
    """The rest of a request's body, which comes in frames of its own."""

    def __init__(self, reader: wire.FrameReader, request_id: int) -> None:
        self._reader = reader
        self._request_id = request_id
        self._has_frame = False
        self._is_complete = False
        self.is_cancelled = False
        self.is_over = False

    def read_into(self, buffer: Any) -> int:
        while not self._has_bytes():
            if self._is_complete:
                return 0
            self._read_frame()
        size = self._reader.read_into(buffer)
        if size == 0:
            raise ClientGone("the gateway is gone")
        return size

    def has_more(self, seconds: float) -> bool:
        """Whether reading would not have to wait, after so many seconds at most."""
        while True:
            try:
                if self._has_bytes():
                    self._reader.gather(socket.MSG_DONTWAIT)
                    return True
                if self._is_complete:
                    return True
                self._read_frame(socket.MSG_DONTWAIT)
            except BlockingIOError:
                if not self._reader.wait(seconds):
                    return False

    def _has_bytes(self) -> bool:
        return self._has_frame and not self.is_over and self._reader.left > 0

    def answer(self) -> None:
        """The gateway is about to hear the last of the answer; what is left of the body can still be read."""

    def leave(self) -> None:
        """The request is over: what the reader brings from now on is for others."""
        self._is_complete = self._is_complete and not self._has_bytes()
        self.is_over = True

    def _read_frame(self, flags: int = 0) -> None:
        if self.is_over:
            raise ClientGone("this request has ended; its wsgi.input cannot be read any more")
        if self.is_cancelled:
            raise ClientGone("the client left before its body was complete")
        self._has_frame = False
        frame = self._reader.next(flags)
        if frame is None:
            raise ClientGone("the gateway is gone")
        if frame.request_id != self._request_id or frame.kind == wire.VERDICT:
            return  # the rest of an earlier request, or what was looked for ahead of its turn
        if frame.kind == wire.CANCEL:
            self.is_cancelled = True
            return
        self._has_frame = True
        self._is_complete = bool(frame.flags & wire.COMPLETE)


def _spent_us(exchange: Exchange) -> int:
    return (monotonic_ns() - exchange.started_ns) // 1000
