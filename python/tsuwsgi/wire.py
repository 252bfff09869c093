"""Frames between the gateway and a slot, over one Unix socket; the twin of src/core/wire/frames.ts. Little-endian:

| payload size u32 | request id u32 | kind u8 | flags u8 | extra u16 | payload |
"""

from __future__ import annotations

import json
import marshal
import mmap
import os
import select
import socket
import struct
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from tsuwsgi.fileregion import FileRegion

HEAD_SIZE = 12

# From the gateway.
REQUEST, BODY, CANCEL, VERDICT, MOVE, WELCOME = 1, 2, 3, 4, 5, 6
# From the slot.
HELLO, RESPONSE, RESPONSE_BODY, END, HINTS, FILE, RETURNED = 16, 17, 18, 19, 20, 21, 22

# Flags of REQUEST and BODY. TAKES_HINTS: the client understands an informational response. MUTED: it has no line in the log.
# SHARED: the body is in shared memory, and what stands in its place tells where. CALM: so few run that the slot may look out for the next.
COMPLETE, LENGTH_UNKNOWN, TAKES_HINTS, MUTED, SHARED, CALM = 1, 2, 4, 8, 16, 32
# Flags of RESPONSE and END. PARTED: the client has all of it, and the slot goes on; another END follows when it is free.
# GIVEN: the rest of the body is the gateway's, which has taken the file.
IS_END, ABORTED, PARTED, GIVEN = 1, 2, 4, 8
# Flags of VERDICT.
TAKEN = 1

# Largest piece of a body in one frame, both ways.
PIECE = 131072

_BUFFER_SIZE = 262144
# So much is taken from the socket at once: behind a request may be its body, which should go straight to the application.
_AHEAD = 65536

unpack_head = struct.Struct("<IIBBH").unpack_from
pack_head = struct.Struct("<IIBBH").pack
_unpack_sizes = struct.Struct("<II").unpack_from
_unpack_u32 = struct.Struct("<I").unpack_from
# The head and the fixed fields of RESPONSE in one go: … | content length i64 | head size u32 | service time u32.
_pack_response = struct.Struct("<IIBBHqII").pack
_pack_end = struct.Struct("<IIBBHI").pack
_pack_file = struct.Struct("<IIBBHQQQQ").pack
_FILE_FIELDS = 32
_RESPONSE_FIELDS = 16
_U32_MAX = 0xFFFFFFFF


class Frame(NamedTuple):
    request_id: int
    kind: int
    flags: int
    extra: int
    # A view into the reader's buffer: valid until the reader is asked again. Of BODY it is empty, and read with `read_into`.
    payload: memoryview


_NOTHING = memoryview(b"")


class FrameReader:
    """Cuts what arrives on a socket into frames, in one buffer that is allocated once and grows only for a larger frame.

    A BODY frame of any size is given out as soon as its head is here; what nobody reads of it is passed over.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._receive_into = connection.recv_into
        self._use(_BUFFER_SIZE)
        # What has arrived and was not given out yet lies between these two.
        self._start = 0
        self._end = 0
        # Bytes of the last BODY frame that nobody has read; they come before everything else.
        self._left = 0

    def _use(self, size: int) -> None:
        # Not a bytearray, which is filled with zeros: of a mapping only those pages take memory that something has arrived in.
        self._buffer = mmap.mmap(-1, size, mmap.MAP_PRIVATE)
        self._view = memoryview(self._buffer)
        self._size = size

    def next(self, flags: int = 0) -> Optional[Frame]:
        """The next frame, or None at the end of the stream. Raises BlockingIOError with MSG_DONTWAIT where it would have to wait."""
        while True:
            frame = self.take()
            if frame is not None:
                return frame
            if not self._fill(flags):
                return None

    def wait(self, seconds: float) -> bool:
        """Whether something more has arrived, after so many seconds at most."""
        poller = select.poll()
        poller.register(self._connection, select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def take(self) -> Optional[Frame]:
        """The next frame, if it is here already."""
        if self._left and not self._pass_over():
            return None
        start = self._start
        have = self._end - start
        if have < HEAD_SIZE:
            return None
        size, request_id, kind, flags, extra = unpack_head(self._buffer, start)
        if kind == BODY:
            self._start, self._left = start + HEAD_SIZE, size
            return Frame(request_id, kind, flags, extra, _NOTHING)
        if have < HEAD_SIZE + size:
            return None
        begin = start + HEAD_SIZE
        self._start = begin + size
        return Frame(request_id, kind, flags, extra, self._view[begin : begin + size])

    @property
    def left(self) -> int:
        """Bytes of the last BODY frame that nobody has read."""
        return self._left

    def read_into(self, buffer: Any) -> int:
        """Fills a buffer from the last BODY frame, as far as that goes, and says how much; 0 at the end of the stream too.

        All of a frame is on its way, so this waits for it. What is not here yet goes straight where it is wanted.
        """
        size = min(len(buffer), self._left)
        here = min(size, self._end - self._start)
        if here:
            buffer[:here] = self._view[self._start : self._start + here]
            self._start += here
        if here < size:
            size = here + self._receive_into(memoryview(buffer)[here:size], 0, socket.MSG_WAITALL)
        self._left -= size
        return size

    def gather(self, flags: int) -> None:
        """Takes more of the last BODY frame, until a read of the usual size does not wait for it, or to the end of the stream.

        Raises BlockingIOError, with MSG_DONTWAIT, where that has to come first.
        """
        while self._end - self._start < min(self._left, _AHEAD) and self._fill(flags):
            pass

    def _pass_over(self) -> bool:
        """Whether the last BODY frame is behind us."""
        here = min(self._left, self._end - self._start)
        self._start += here
        self._left -= here
        return self._left == 0

    def is_cancelled(self, request_id: int) -> bool:
        """Whether the gateway said by now that nobody waits for this request; looks ahead without taking anything."""
        try:
            if self._end < self._size and not self._fill(socket.MSG_DONTWAIT, most=_BUFFER_SIZE):
                return True  # the gateway is gone, and with it the client
        except BlockingIOError:
            pass
        return any(kind == CANCEL and found == request_id for _, _, found, kind, _ in self._frames_ahead())

    def waiting(self) -> List[int]:
        """The ids of the whole requests that are here and that nobody has taken; looks ahead without taking anything."""
        try:
            while self._end < self._size and self._fill(socket.MSG_DONTWAIT, most=_BUFFER_SIZE):
                pass
        except BlockingIOError:
            pass
        return [request_id for _, _, request_id in self._requests_ahead()]

    def drop_waiting(self) -> None:
        """Takes them out of what is here."""
        kept = []
        begin = at = self._start + self._left
        for start, end, _ in self._requests_ahead():
            kept.append(self._view[at:start])
            at = end
        rest = b"".join([*kept, self._view[at : self._end]])
        self._view[begin : begin + len(rest)] = rest
        self._end = begin + len(rest)

    def _requests_ahead(self) -> Iterator[Tuple[int, int, int]]:
        """Where whole requests begin and end behind the frame that is being read, and their ids."""
        for at, end, request_id, kind, flags in self._frames_ahead():
            if kind == REQUEST and flags & COMPLETE and end <= self._end:
                yield at, end, request_id

    def _frames_ahead(self) -> Iterator[Tuple[int, int, int, int, int]]:
        """Of each frame behind the one that is being read, as far as its head is here: where it begins and ends, its request id, kind and flags."""
        at = self._start + self._left
        while self._end - at >= HEAD_SIZE:
            size, request_id, kind, flags, _ = unpack_head(self._buffer, at)
            end = at + HEAD_SIZE + size
            yield at, end, request_id, kind, flags
            at = end

    def flags_of(self, kind: int, request_id: int) -> Optional[int]:
        """Waits for a frame of this kind about a request, behind whatever comes before it, and takes nothing; None at the end of the stream."""
        seen = self._left
        while True:
            while self._end - self._start - seen >= HEAD_SIZE:
                size, found, found_kind, flags, _ = unpack_head(self._buffer, self._start + seen)
                if found_kind == kind and found == request_id:
                    return flags
                seen += HEAD_SIZE + size
            if not self._fill(0):
                return None

    def _fill(self, flags: int, most: int = _AHEAD) -> bool:
        if self._start == self._end:
            self._start = self._end = 0
        elif self._end == self._size or self._needed() > self._size - self._start:
            self._make_room()
        received = self._receive_into(self._view[self._end : self._end + most], 0, flags)
        self._end += received
        return received > 0

    def _needed(self) -> int:
        """Bytes of the frame that begins at the start, as far as known."""
        if self._left or self._end - self._start < HEAD_SIZE:
            return HEAD_SIZE
        return HEAD_SIZE + unpack_head(self._buffer, self._start)[0]

    def _make_room(self) -> None:
        waiting = self._end - self._start
        needed = self._needed()
        source = self._view[self._start : self._end]
        # Whole frames that nobody has taken yet fill it, where somebody looks for one behind them.
        if needed > self._size or waiting == self._size:
            self._use(max(needed, self._size) + _BUFFER_SIZE)
        self._view[:waiting] = source
        self._start, self._end = 0, waiting


def read_request(payload: memoryview) -> Tuple[Dict[str, Any], int, bytes]:
    """The environ, the size that a uwsgi packet of it would have, and the beginning of the body."""
    environ_size, packet_size = _unpack_sizes(payload, 0)
    # marshal: one C call instead of parsing in Python, 2 µs instead of 15. The socket is private to the server's own user.
    return marshal.loads(payload[8 : 8 + environ_size]), packet_size, bytes(payload[8 + environ_size :])


def read_shared(reference: bytes) -> Tuple[int, str]:
    """What stands in place of a body: its size, and the name of the file that it is in."""
    return _unpack_u32(reference)[0], reference[4:].decode()


def read_welcome(payload: memoryview) -> int:
    """The pid of the gateway."""
    return _unpack_u32(payload)[0]


def hello(who: Dict[str, int]) -> bytes:
    payload = json.dumps(who).encode()
    return pack_head(len(payload), 0, HELLO, 0, 0) + payload


def hints(request_id: int, fields: bytes) -> bytes:
    return pack_head(len(fields), request_id, HINTS, 0, 0) + fields


def response(request_id: int, flags: int, status: int, head: bytes, body: Any, content_length: int, service_us: int) -> Tuple[bytes, bytes, Any]:
    """The parts of the frame; whoever sends it knows whether to join them."""
    size = _RESPONSE_FIELDS + len(head) + len(body)
    fields = _pack_response(size, request_id, RESPONSE, flags, status, content_length, len(head), min(service_us, _U32_MAX))
    return fields, head, body


def end(request_id: int, flags: int, service_us: int) -> bytes:
    return _pack_end(4, request_id, END, flags, 0, min(service_us, _U32_MAX))


def returned(request_ids: Sequence[int]) -> bytes:
    """These requests were not begun, and will not be."""
    return pack_head(4 * len(request_ids), 0, RETURNED, 0, 0) + struct.pack(f"<{len(request_ids)}I", *request_ids)


def file(request_id: int, region: FileRegion, identity: os.stat_result, path: bytes) -> bytes:
    """Offers the rest of a body to the gateway: a region of the file that is at this path, if it is still the same."""
    fields = (region.position, region.size, identity.st_dev, identity.st_ino)
    return _pack_file(_FILE_FIELDS + len(path), request_id, FILE, 0, 0, *fields) + path


def body_head(request_id: int, size: int) -> bytes:
    """What goes before so many bytes of a response's body."""
    return pack_head(size, request_id, RESPONSE_BODY, 0, 0)
