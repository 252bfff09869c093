"""The body of a request in memory that the gateway shares with its workers: a file there, which is used again and again (src/core/gateway/shared-bodies.ts)."""

from __future__ import annotations

import io
import os
from typing import Any, Optional

from tsuwsgi.wsgi import ClientGone


class SharedBody:
    """The body of the running request. The gateway gives its memory to others as soon as it hears the end of the answer."""

    # It was all here before the request began.
    is_cancelled = False

    def __init__(self, path: str, size: int) -> None:
        self._size = size
        self._position = 0
        # After the answer: what nobody had read by then.
        self._rest: Optional[bytes] = None
        self._is_over = False
        self._error: Optional[OSError] = None
        try:
            self._file = io.FileIO(path)
        except OSError as error:
            self._error = error  # for whoever reads

    def read_into(self, buffer: Any) -> int:
        piece = memoryview(buffer)
        while not self._is_over:
            rest, position = self._rest, self._position
            size = self._read(piece[: self._size - position], position)
            # Looked at afterwards: a thread that the application left behind may be overtaken by the end of the answer, and has read what is others' then.
            if self._rest is rest and not self._is_over:
                self._position = position + size
                return size
        raise ClientGone("this request has ended; its wsgi.input cannot be read any more")

    def has_more(self, seconds: float) -> bool:
        return True

    def answer(self) -> None:
        """The gateway is about to hear the end of the answer. What nobody has read so far is kept: the application may still do so, in its close()."""
        if self._error is None and self._rest is None:
            position = self._position
            self._rest = os.pread(self._file.fileno(), self._size - position, position)
            self._file.close()

    def leave(self) -> None:
        self._is_over = True
        if self._error is None:
            self._file.close()

    def _read(self, piece: memoryview, position: int) -> int:
        if self._error is not None:
            raise self._error
        if self._rest is not None:
            at = position - self._size + len(self._rest)
            here = self._rest[at : at + len(piece)]
            piece[: len(here)] = here
            return len(here)
        try:
            return os.preadv(self._file.fileno(), [piece], position)
        except ValueError:
            return 0  # closed meanwhile, which read_into sees
