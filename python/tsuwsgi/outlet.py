"""A descriptor for lines whose reader may stall: a collector that hangs, a terminal that somebody has stopped. The server does not wait for it.

    write ─▶ taken at once, as nearly always
          └▶ waits here until there is room: a thread writes it then
             └▶ dropped and counted where too much waits; the log tells how much as soon as it takes lines again

Its twin is src/core/log/outlet.ts. A file takes everything.
"""

from __future__ import annotations

import fcntl
import os
import select
import stat
import struct
import termios
import threading
import time
from typing import Callable, Optional, Tuple

# Bytes that wait at most.
ROOM = 65536
# How long a reader that is only slow is waited for, once, so that nothing is dropped.
_PATIENCE_S = 0.1
_POLL_S = 1.0
_PAUSE_S = 0.02
# A pipe takes so much as one piece, which no line of another process can part.
_PIECE = select.PIPE_BUF
# Of the 65536 bytes of a pipe. Nobody else can fill the rest between a look and a write.
_HALF_EMPTY = 16384


class Outlet:
    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.RLock()
        self._identity: Optional[Tuple[int, int]] = None
        self._way = _Way(fd, -1, 0)
        self._waiting = b""
        # A full disk took the beginning of a line and then no more.
        self._is_cut = False
        self._has_thread = False
        self._is_stalled = False
        # Lines that were dropped and of which the log does not tell yet.
        self._untold = 0
        # Is told how many lines were dropped.
        self.dropped: Callable[[int], None] = lambda lines: None
        os.register_at_fork(after_in_child=self._be_born)

    def write(self, data: bytes) -> None:
        """Lines, each with its end."""
        with self._lock:
            if self._waiting or self._untold:
                self._drain()
            rest = data if self._waiting else self._offer(data)
            if rest:
                self._keep(rest)

    def finish(self) -> None:
        """A last moment for what waits, before the process ends."""
        with self._lock:
            if self._waiting:
                self._wait_for_room()

    def _be_born(self) -> None:
        # What waits is the parent's to write; its threads are not here.
        self._lock, self._waiting, self._untold, self._has_thread = threading.RLock(), b"", 0, False

    def _offer(self, data: bytes) -> bytes:
        """Returns what there was no room for."""
        try:
            return self._send(data)
        except _Refused as refused:
            self._drop(refused.left)  # a full disk, a reader that is gone: a log that cannot be written must not end a request
            return b""

    def _send(self, data: bytes) -> bytes:
        left = data
        try:
            self._look()
            if self._is_cut:
                # What follows is not to be taken for the rest of it.
                self._way.write(b"\n")
                self._is_cut = False
            while left:
                left = left[self._way.write(left) :]
        except BlockingIOError:
            pass
        except OSError:
            taken = len(data) - len(left)
            self._is_cut = self._is_cut or (taken > 0 and not data.endswith(b"\n", 0, taken))
            raise _Refused(left) from None
        return left

    def _look(self) -> None:
        """The descriptor may be another file by now: log.reopen, or the application's dup2."""
        found = os.fstat(self._fd)
        identity = (found.st_dev, found.st_ino)
        if identity != self._identity:
            self._way.close()
            self._way, self._identity, self._is_cut = _way(self._fd, found.st_mode), identity, False

    def _keep(self, data: bytes) -> None:
        if not self._has_room(data) and not self._is_stalled:
            self._is_stalled = not (self._wait_for_room() and self._has_room(data))
        if not self._has_room(data):
            return self._drop(data)
        if self._untold:
            data, self._untold = self._notice() + data, 0
        self._waiting += data
        if not self._has_thread:
            self._start_thread()
        return None

    def _start_thread(self) -> None:
        try:
            threading.Thread(target=self._bring_out, name="tsuwsgi-log", daemon=True).start()
            self._has_thread = True
        except RuntimeError:
            pass  # no memory for one: the next line tries again

    def _has_room(self, data: bytes) -> bool:
        return len(self._waiting) + len(data) <= ROOM

    def _drop(self, data: bytes) -> None:
        lines = max(1, data.count(b"\n"))
        self._untold += lines
        self.dropped(lines)

    def _notice(self) -> bytes:
        lines = "1 line was" if self._untold == 1 else f"{self._untold} lines were"
        return f"{time.ctime()} - {lines} dropped: the log did not take them\n".encode()

    def _tell(self) -> None:
        try:
            self._waiting = self._send(self._notice())
            self._untold = 0
        except _Refused:
            pass  # it still fails

    def _drain(self) -> bool:
        """Whether the log took something of what waits."""
        before = len(self._waiting)
        if self._waiting:
            self._waiting = self._offer(self._waiting)
        took = len(self._waiting) < before
        if not self._waiting and self._untold:
            self._tell()
        self._is_stalled = self._is_stalled and not took
        return took

    def _wait_for_room(self) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            self._way.wait(deadline - time.monotonic())
            if self._drain():
                return True
            time.sleep(_PAUSE_S)
        return False

    def _bring_out(self) -> None:
        """The thread, which ends when nothing waits."""
        while True:
            self._way.wait(_POLL_S)
            with self._lock:
                took = self._drain()
                if not self._waiting:
                    self._has_thread = False
                    return
            if not took:
                time.sleep(_PAUSE_S)


class _Refused(OSError):
    """It cannot be written, from here on."""

    def __init__(self, left: bytes) -> None:
        super().__init__()
        self.left = left


class _Way:
    """How to write to a descriptor: in pieces of `piece` bytes at most, and through a description of our own that does not wait, if there is one (or -1)."""

    def __init__(self, fd: int, own: int, piece: int) -> None:
        self._fd = fd
        self._own = own
        self._piece = piece

    def write(self, data: bytes) -> int:
        """How many bytes were taken. Raises BlockingIOError where there is no room for any."""
        if not self._piece:
            return os.write(self._fd, data)
        if self._own < 0 and not self._has_room():
            raise BlockingIOError
        return os.write(self._fd if self._own < 0 else self._own, data if len(data) <= self._piece else _first_lines(data, self._piece))

    def wait(self, seconds: float) -> None:
        poll = select.poll()
        poll.register(self._fd if self._own < 0 else self._own, select.POLLOUT)
        poll.poll(max(0.0, seconds) * 1000)

    def close(self) -> None:
        if self._own >= 0:
            os.close(self._own)

    def _has_room(self) -> bool:
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        if not poll.poll(0):
            return False
        try:
            (size,) = struct.unpack("i", fcntl.ioctl(self._fd, termios.FIONREAD, b"\0\0\0\0"))
        except OSError:
            return True  # no pipe; a socket that polls as ready has room for several pieces
        return bool(size <= _HALF_EMPTY)


def _way(fd: int, mode: int) -> _Way:
    if stat.S_ISREG(mode):
        return _Way(fd, -1, 0)
    try:
        # The description of the descriptor itself is everybody's, and other programs would be surprised by one that does not wait.
        own = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        own = -1  # a socket, or a pipe of another user
    return _Way(fd, own, _PIECE)


def _first_lines(data: bytes, size: int) -> bytes:
    end = data.rfind(b"\n", 0, size) + 1
    return data[: end or size]
