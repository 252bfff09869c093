"""`wsgi.input`: the body of a request, read from wherever its door has it.

A body that is not here yet is a raw stream below Python's own BufferedReader, so that read, readline, readlines and iteration are C
code, and nothing is read from the client before the application asks: its speed is the client's back-pressure.
"""

from __future__ import annotations

import io
from time import monotonic
from typing import Any, Callable, Optional

# What an application reads at least so much of at once goes past the buffer: the kernel writes it where it is wanted. 64 KiB is what most ask for.
_BUFFER_SIZE = 65536
_LOOK_SECONDS = 0.2


class RawBody(io.RawIOBase):
    """Bytes that are already here, then those that `read_more` fetches: it fills a buffer and says how much, 0 at the end.

    `has_more` waits for so many seconds and says whether `read_more` would not have to.
    """

    def __init__(self, begun: bytes, read_more: Callable[[Any], int], has_more: Callable[[float], bool]) -> None:
        super().__init__()
        self._begun = memoryview(begun)
        self._read_more = read_more
        self._has_more = has_more
        # For how long a read waits; None: as long as the door lets it.
        self.patience: Optional[float] = None
        self.was_in_vain = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        if not self._begun:
            self.was_in_vain = self.patience is not None and not self._comes_within(self.patience)
            return None if self.was_in_vain else self._read_more(buffer)
        size = min(len(buffer), len(self._begun))
        buffer[:size] = self._begun[:size]
        self._begun = self._begun[size:]
        return size

    def _comes_within(self, seconds: float) -> bool:
        deadline = monotonic() + seconds
        # In short waits, between which harakiri reaches the application.
        while not self._has_more(min(_LOOK_SECONDS, max(0.0, deadline - monotonic()))):
            if monotonic() >= deadline:
                return False
        return True


def streamed(begun: bytes, read_more: Callable[[Any], int], has_more: Callable[[float], bool]) -> io.BufferedReader:
    return io.BufferedReader(RawBody(begun, read_more, has_more), _BUFFER_SIZE)


def read_piece(stream: Any, size: int, seconds: Optional[float]) -> Optional[bytes]:
    """What `wsgi.input` gives at once or within so many seconds: empty at the end, None where nothing has come."""
    raw = getattr(stream, "raw", None)
    if not isinstance(raw, RawBody):
        return stream.read1(size)
    raw.patience, raw.was_in_vain = seconds, False
    try:
        data = stream.read1(size)
    finally:
        raw.patience = None
    return None if raw.was_in_vain else data
