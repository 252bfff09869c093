"""Locks that all workers share: `uwsgi.lock`. A worker that dies gives back what it held."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from operator import index
from time import sleep
from typing import Any, Callable, Dict, List, Optional, Sequence

# Between two attempts, doubled up to the last. We do not wait in the system call: harakiri could not reach whoever waits there.
_FIRST_PAUSE, _LAST_PAUSE = 0.0002, 0.005


# Python knows it from 3.9 on.
_SET_LOCK = getattr(fcntl, "F_OFD_SETLK", 37)
# Far behind the end of the scoreboard.
_FIRST_BYTE = 1 << 40


class Locks:
    """Each is one byte of the scoreboard, locked by an open file of its own for each holder, so that threads exclude each other, too.

    Only Linux has such locks ("open file description locks", fcntl(2)). Nothing has to be made for them, and the kernel knows who died.
    """

    def __init__(self, scoreboard: str, count: int) -> None:
        self._scoreboard = scoreboard
        self._count = count
        # What this process holds, the last taken last.
        self._held: Dict[int, List[int]] = {}
        self._guard = threading.Lock()

    def functions(self) -> Sequence[Callable[..., Any]]:
        return (self.lock, self.unlock, self.is_locked)

    def lock(self, number: int = 0) -> None:
        """Waits until nobody else holds this lock, and takes it. Whoever holds it already and asks again waits for itself, as in uWSGI."""
        pause = _FIRST_PAUSE
        while True:
            fd = self._take(number)
            if fd is not None:
                break
            sleep(pause)
            pause = min(2 * pause, _LAST_PAUSE)
        with self._guard:
            self._held.setdefault(number, []).append(fd)

    def unlock(self, number: int = 0) -> None:
        """Gives back what this process has taken; nothing where it holds nothing."""
        self._check(number)
        with self._guard:
            held = self._held.get(number)
            fd = held.pop() if held else None
        if fd is not None:
            os.close(fd)

    def is_locked(self, number: int = 0) -> bool:
        """Whether anybody holds it now."""
        fd = self._take(number)
        if fd is None:
            return True
        os.close(fd)
        return False

    def _take(self, number: int) -> Optional[int]:
        """The locked descriptor, or None where somebody else has it."""
        self._check(number)
        # Not inherited by what the application starts, which would hold on to it.
        fd = os.open(self._scoreboard, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.fcntl(fd, _SET_LOCK, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, _FIRST_BYTE + number, 1, 0))
        except BlockingIOError:
            os.close(fd)
            return None
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _check(self, number: int) -> None:
        if not 0 <= index(number) < self._count:
            raise ValueError(f"Invalid lock number: there is no lock {number!r}: locks = {self._count - 1} gives 0 to {self._count - 1}")
