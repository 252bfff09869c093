"""What was taken out of a named pipe and is not written yet, in a file in memory that outlives this process.

    | which area is in use, u64 | area 0 | area 1 |

The kernel puts the bytes right into the area in use, behind what is there, and everything behind them is zero. So whenever the process is
killed, its successor finds in that area all that was taken, up to the last byte that is not zero. What is done with goes in one step: the
rest of an unfinished line is copied to the other area, and then that one is in use.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Literal

AREA = 1 << 20
# A line that is longer is written in pieces, and so is one that nobody ends.
LONGEST_LINE = 1 << 16
_WORD = 8
# As many bytes as a pipe may hold without further rights (/proc/sys/fs/pipe-max-size).
_PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", 1031)

Taken = Literal["some", "none", "end"]


class Intake:
    """@raises OSError, with the name of the file, where there is no such pipe or no room"""

    def __init__(self, pipe_path: str, kept_path: str) -> None:
        self._pipe = os.open(pipe_path, os.O_RDONLY | os.O_NONBLOCK)
        _enlarge(self._pipe)
        self._map = _map(kept_path)
        self._area = int.from_bytes(self._map[:_WORD], "little")
        self._clear(1 - self._area, AREA)
        self._filled = len(self._map[self._start : self._start + AREA].rstrip(b"\0"))

    def fileno(self) -> int:
        return self._pipe

    @property
    def has_rest(self) -> bool:
        """Whether a line has begun of which the end is not there."""
        return self._filled > 0

    def take(self) -> Taken:
        """Takes what is in the pipe. `end` when no process can write to it any more."""
        with memoryview(self._map) as whole, whole[self._start + self._filled : self._start + AREA] as room:
            try:
                taken = os.readv(self._pipe, [room])
            except BlockingIOError:
                return "none"
        self._filled += taken
        return "some" if taken > 0 else "end"

    def lines(self) -> bytes:
        """The whole lines that are there. They stay until they are dropped."""
        data = self._map[self._start : self._start + self._filled]
        end = data.rfind(b"\n") + 1
        return data if end == 0 and len(data) > LONGEST_LINE else data[:end]

    def everything(self) -> bytes:
        """All that is there, a line without an end included."""
        return self._map[self._start : self._start + self._filled]

    def drop(self, size: int) -> None:
        """So many bytes are where they are to go."""
        if size == 0:
            return
        before, other = self._filled, 1 - self._area
        rest = self._map[self._start + size : self._start + before]
        there = _WORD + other * AREA
        self._map[there : there + len(rest)] = rest
        self._map[:_WORD] = other.to_bytes(_WORD, "little")
        self._area, self._filled = other, len(rest)
        self._clear(1 - other, before)

    @property
    def _start(self) -> int:
        return _WORD + self._area * AREA

    def _clear(self, area: int, size: int) -> None:
        start = _WORD + area * AREA
        self._map[start : start + size] = bytes(size)


def _map(path: str) -> mmap.mmap:
    fd, size = os.open(path, os.O_RDWR | os.O_CREAT, 0o600), _WORD + 2 * AREA
    try:
        os.truncate(fd, size)
        # Memory that there is not would be missed later, and kill this process (SIGBUS) and each of its successors.
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(fd, 0, size)
        return mmap.mmap(fd, size)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(fd)


def _enlarge(pipe: int) -> None:
    try:
        fcntl.fcntl(pipe, _SET_PIPE_SIZE, _PIPE_BYTES)
    except OSError:
        pass  # it holds less, then: the system has a lower limit for this user, or no such call
