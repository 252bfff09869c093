"""Bodies of requests in memory that the gateway shares with its workers (src/core/gateway/shared-bodies.ts): files that are used again and again."""

from __future__ import annotations

import mmap
import os
from typing import Any, Dict, Optional, Tuple

from tsuwsgi.wsgi import ClientGone

# So many are mapped at most. A gateway has no more of them at a time, but makes others later.
_MOST = 16


class SharedFiles:
    """The files that one slot has read bodies in. Each is mapped once: mapping costs as much as reading."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._views: Dict[str, memoryview] = {}

    def view(self, name: str) -> memoryview:
        view = self._views.get(name)
        if view is None:
            if len(self._views) == _MOST:
                del self._views[next(iter(self._views))]
            view = self._views[name] = self._map(name)
        return view

    def forget(self) -> None:
        """The gateway whose they are is gone; the next one has others by the same names."""
        self._views.clear()

    def _map(self, name: str) -> memoryview:
        fd = os.open(os.path.join(self._directory, name), os.O_RDONLY)
        try:
            return memoryview(mmap.mmap(fd, 0, prot=mmap.PROT_READ))
        finally:
            os.close(fd)


class SharedBody:
    """The body of the running request. The gateway gives its memory to others as soon as it hears the end of the answer."""

    # It was all here before the request began.
    is_cancelled = False

    def __init__(self, files: SharedFiles, name: str, size: int) -> None:
        self._files = files
        self._name = name
        self._size = size
        self._position = 0
        # Memory that holds the body, and from which of its bytes on; None until somebody reads.
        self._place: Optional[Tuple[memoryview, int]] = None
        self._is_over = False

    def read_into(self, buffer: Any) -> int:
        while True:
            if self._is_over:
                raise ClientGone("this request has ended; its wsgi.input cannot be read any more")
            place = self._open()
            view, begin = place
            position = self._position
            size = min(len(buffer), self._size - position)
            buffer[:size] = view[position - begin : position - begin + size]
            # Looked at afterwards: a thread that the application left behind may be overtaken by the end of the answer, and has read what is others' then.
            if self._place is place and not self._is_over:
                self._position = position + size
                return size

    def has_more(self, seconds: float) -> bool:
        return True

    def answer(self) -> None:
        """The gateway is about to hear the end of the answer. What nobody has read so far is kept: the application may still do so, in its close()."""
        try:
            position = self._position
            if position < self._size and not self._is_over:
                view, begin = self._open()
                self._place = (memoryview(bytes(view[position - begin : self._size - begin])), position)
        except OSError:
            self.leave()

    def leave(self) -> None:
        self._is_over = True
        self._place = None

    def _open(self) -> Tuple[memoryview, int]:
        # Not before somebody reads: what goes wrong with the file is then his to hear.
        if self._place is None:
            self._place = (self._files.view(self._name), 0)
        return self._place
