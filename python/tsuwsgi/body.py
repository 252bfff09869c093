"""`wsgi.input`: the body of a request, read from wherever its door has it.

A body that is not here yet is a raw stream below Python's own BufferedReader, so that read, readline, readlines and iteration are C
code, and nothing is read from the client before the application asks: its speed is the client's back-pressure.
"""

from __future__ import annotations

import io
import os
from typing import Any, Callable, Iterator

from tsuwsgi.wsgi import FileRegion

# As large as the largest frame of the gateway, so that one fits without being kept.
_BUFFER_SIZE = 131072


class RawBody(io.RawIOBase):
    """Bytes that are already here, then those that `read_more` fetches: it fills a buffer and says how much, 0 at the end."""

    def __init__(self, begun: bytes, read_more: Callable[[Any], int]) -> None:
        super().__init__()
        self._begun = memoryview(begun)
        self._read_more = read_more

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._begun:
            return self._read_more(buffer)
        size = min(len(buffer), len(self._begun))
        buffer[:size] = self._begun[:size]
        self._begun = self._begun[size:]
        return size


def streamed(begun: bytes, read_more: Callable[[Any], int]) -> io.BufferedReader:
    return io.BufferedReader(RawBody(begun, read_more), _BUFFER_SIZE)


def file_pieces(region: FileRegion, size: int) -> Iterator[bytes]:
    """What is to be sent of a file, in pieces; the file's own position is left alone."""
    position, end = region.position, region.position + region.size
    while position < end:
        piece = os.pread(region.fd, min(size, end - position), position)
        if not piece:
            raise OSError("the file became shorter while it was sent")
        position += len(piece)
        yield piece
