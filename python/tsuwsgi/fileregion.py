"""Files as bodies: `wsgi.file_wrapper`, and what of a file a door may send without its bytes passing through here."""

from __future__ import annotations

import io
import os
import stat
from typing import Any, Iterator, NamedTuple, Optional


class FileRegion(NamedTuple):
    """What is to be sent of a regular file."""

    fd: int
    position: int
    size: int


class FileWrapper:
    """`wsgi.file_wrapper`: an iterable over a file, which a door may send in a faster way."""

    def __init__(self, filelike: Any, block_size: int = 8192) -> None:
        self.filelike = filelike
        self.block_size = block_size
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data = self.filelike.read(self.block_size)
        if data:
            return data
        raise StopIteration


def file_region(file: Any) -> Optional[FileRegion]:
    """The rest of a regular file from its current position, or None where only its own read() knows the bytes.

    A descriptor is not enough: a GzipFile has one too, and its bytes are not those that read() would give.
    """
    raw = file.raw if type(file) in (io.BufferedReader, io.BufferedRandom) else file
    if type(raw) is not io.FileIO:
        return None
    try:
        fd = file.fileno()
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return None
        position = file.tell()
    except (OSError, ValueError):
        return None
    return FileRegion(fd, position, max(0, found.st_size - position))


def file_pieces(region: FileRegion, size: int) -> Iterator[bytes]:
    """What is to be sent of a file, in pieces; the file's own position is left alone."""
    position, end = region.position, region.position + region.size
    while position < end:
        piece = os.pread(region.fd, min(size, end - position), position)
        if not piece:
            raise OSError("the file became shorter while it was sent")
        position += len(piece)
        yield piece
