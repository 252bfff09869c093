"""Where lines about requests wait to be written together: a file of shared memory, so that those of a worker that is killed are not lost.

    16 KiB a slot:  0 u32 n │ 4 u32 lines that the log did not take, ever growing │ 8 u32 how many of the n are written already │
                    12 n bytes: whole lines

The slot copies a line in and then moves n on; n is 0 again when it has written them. Another thread may have written the first of them meanwhile.
The master writes what is left when a worker is gone (src/core/log/line-buffers.ts), before its seat is given to the next one.
"""

from __future__ import annotations

import mmap
import os

from tsuwsgi import log

# Some eighty lines: fewer writes cost less, but each thread of a worker has so much memory for them.
SIZE = 16384
_LINES_AT = 12


class LineBuffers:
    """Those of one worker."""

    def __init__(self, path: str, seat: int, slots: int) -> None:
        begin = seat * SIZE
        # A mapping begins where a page does, and takes no more address space than it has to: that may be limited (limit-as).
        self._before = begin % mmap.ALLOCATIONGRANULARITY
        self._memory = _map(path, begin - self._before, self._before + slots * SIZE)

    def of(self, core: int) -> LineBuffer:
        return LineBuffer(self._memory, self._before + core * SIZE)


class LineBuffer:
    """The place of one slot, which alone puts lines into it and clears it."""

    def __init__(self, memory: mmap.mmap, at: int) -> None:
        self._memory = memory
        self._words = memoryview(memory).cast("I")
        self._word = at // 4
        self._begin = self._written = self._end = at + _LINES_AT
        self._limit = at + SIZE

    def put(self, line: bytes) -> bool:
        """Whether there was room for it."""
        end = self._end + len(line)
        if end > self._limit:
            return False
        self._memory[self._end : end] = line
        self._words[self._word] = end - self._begin
        self._end = end
        return True

    @property
    def lines(self) -> bytes:
        """What waits."""
        return self._memory[self._written : self._end]

    def note_written(self, size: int) -> None:
        """So many bytes of what waits are written."""
        self._written += size
        self._words[self._word + 2] = self._written - self._begin

    def count_dropped(self, lines: int) -> None:
        self._words[self._word + 1] = (self._words[self._word + 1] + lines) & 0xFFFFFFFF

    def clear(self) -> None:
        self._written = self._end = self._begin
        self._words[self._word] = 0
        self._words[self._word + 2] = 0


def _map(path: str, begin: int, size: int) -> mmap.mmap:
    try:
        fd = os.open(path, os.O_RDWR)
        try:
            # Memory that there is not would be missed in the middle of a request, and kill the worker (SIGBUS).
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(fd, begin, size)
            return mmap.mmap(fd, size, offset=begin)
        finally:
            os.close(fd)
    except OSError as error:
        log.say(f"{path}: {error.strerror}; lines about requests are lost when this worker is killed")
        return mmap.mmap(-1, size)
