"""The lock of a shared file: one process changes it at a time, and one thread of that process."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from time import sleep
from typing import Any

# Far behind the end of the file: one byte for whoever changes it, then one for each process that counts in a row of its own.
_WRITER_BYTE = 1 << 60
_FIRST_ROW_BYTE = _WRITER_BYTE + 1
_PAUSE = 0.0002

# One for all files: a process that holds one of their locks never waits for another, which the kernel would take for a deadlock of threads.
_threads = threading.Lock()
# A child must not inherit the lock of a thread that it does not have.
os.register_at_fork(before=_threads.acquire, after_in_parent=_threads.release, after_in_child=_threads.release)


class FileLock:
    """A record lock (fcntl(2)) belongs to a process: the kernel gives it back when that dies, however it does.

    Closing any descriptor of the file would give it back, too, so the file is opened once and stays open.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __enter__(self) -> None:
        _threads.acquire()
        try:
            self._wait()
        except BaseException:
            _threads.release()
            raise

    def __exit__(self, *_: Any) -> None:
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, _WRITER_BYTE)
        finally:
            _threads.release()

    def _wait(self) -> None:
        while True:
            try:
                return fcntl.lockf(self._fd, fcntl.LOCK_EX, 1, _WRITER_BYTE)
            except OSError as error:
                # The application may hold record locks of its own.
                if error.errno != errno.EDEADLK:
                    raise
                sleep(_PAUSE)

    def claim_row(self, rows: int) -> int:
        """A row that no living process has, until this one dies; the last one is for all that find none."""
        for row in range(rows - 1):
            try:
                fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _FIRST_ROW_BYTE + row)
                return row
            except (BlockingIOError, PermissionError):
                continue
        return rows - 1
