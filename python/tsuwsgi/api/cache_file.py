"""The file that is a cache: made once, then mapped by all processes of the server and of those that follow it after a reload."""

from __future__ import annotations

import mmap
import os
from typing import NamedTuple

from tsuwsgi.api import cache_layout as layout
from tsuwsgi.api.cache_layout import Geometry
from tsuwsgi.api.cache_lock import FileLock

# In the place of the magic.
_UNFINISHED = b"TSU-"
_CHUNK = 1 << 20


class CacheError(ValueError):
    """A cache that cannot be had, or that something has no place in; says why."""


class CacheFile(NamedTuple):
    fd: int
    memory: mmap.mmap
    lock: FileLock


def open_cache_file(path: str, geometry: Geometry, replaces: bool = False) -> CacheFile:
    """Opens what is there, or makes it. `replaces`: makes it anew where it has other sizes.

    Raises CacheError for a file that is something else, and OSError.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    lock = FileLock(fd)
    with lock:
        fits = _is_unfinished(fd) or _fits(fd, path, geometry, replaces)
        if _is_unfinished(fd):
            _format(fd, geometry)
    if fits:
        return CacheFile(fd, mmap.mmap(fd, geometry.size), lock)
    # A new file in its place: those who have the old one mapped go on with that.
    os.close(fd)
    os.unlink(path)
    return open_cache_file(path, geometry)


def _is_unfinished(fd: int) -> bool:
    """Nobody has made a cache of it yet, or died while doing so."""
    return os.pread(fd, len(_UNFINISHED), 0) in (b"", _UNFINISHED)


def _fits(fd: int, path: str, geometry: Geometry, replaces: bool) -> bool:
    head = os.pread(fd, layout.HEAD.size, 0)
    if head[:4] != layout.MAGIC:
        raise CacheError(f"{path} is no cache of tsuwsgi: give store another path, or remove the file")
    if head == _head_of(geometry) and os.fstat(fd).st_size == geometry.size:
        return True
    if not replaces:
        raise CacheError(f"{path} was made with other sizes: remove the file, or add store_delete=1 to have it made anew")
    return False


def _format(fd: int, geometry: Geometry) -> None:
    os.pwrite(fd, _UNFINISHED, 0)
    os.ftruncate(fd, geometry.size)
    # Memory that cannot be had is an error here; later it would be the end of the process that touches it (SIGBUS).
    zeros = bytes(min(_CHUNK, geometry.keys_at))
    for at in range(len(_UNFINISHED), geometry.keys_at, _CHUNK):
        write_all(fd, zeros[: geometry.keys_at - at], at)
    write_all(fd, _head_of(geometry), 0)


def write_all(fd: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written


def _head_of(geometry: Geometry) -> bytes:
    return layout.HEAD.pack(layout.MAGIC, layout.VERSION, *geometry)
