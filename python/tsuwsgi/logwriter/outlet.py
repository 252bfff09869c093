"""A logger: a sink with its encoders, and with patience for what fails."""

from __future__ import annotations

import time
from typing import Callable, List, Literal, Optional, Sequence

from tsuwsgi.logwriter.encoders import Encode
from tsuwsgi.logwriter.sinks import PATIENCE_SECONDS, Sink

# What cannot be reached is not asked for each line.
_RETRY_SECONDS = 1.0
_COMPLAIN_SECONDS = 60.0


class Outlet:
    """What cannot be written is dropped and counted: nobody waits for a sink that does not work."""

    encoders: Sequence[Encode] = ()

    def __init__(self, written: str, sink: Sink, clock: Callable[[], float] = time.monotonic) -> None:
        # As the user wrote it.
        self.written = written
        self.sink = sink
        self._clock = clock
        self._waiting: List[bytes] = []
        self._lost = 0
        self._reason = ""
        # Why it has no other file.
        self._stays = ""
        self._retry_at = 0.0
        self._complain_at = 0.0

    @property
    def works(self) -> bool:
        return self._reason == ""

    def add(self, lines: Sequence[bytes]) -> None:
        """They go out with the next flush."""
        for encode in self.encoders:
            lines = [encode(line) for line in lines]
        self._waiting += lines

    def flush(self) -> None:
        if not self._waiting:
            return
        records, self._waiting = self._waiting, []
        if not self.works and self._clock() < self._retry_at:
            self._lost += len(records)
            return
        # One that takes nothing is waited for once.
        self.sink.patience, self.sink.written = PATIENCE_SECONDS if self.works else 0.0, 0
        try:
            self.sink.open()
            self.sink.write(records)
            self._reason = ""
        except OSError as error:
            self._fail(error, len(records) - self.sink.written)
            return
        if self.sink.is_full:
            self.exchange("rotate")

    def exchange(self, how: Literal["reopen", "rotate"]) -> None:
        """Another file, where it can be had: no line is lost for want of one."""
        try:
            getattr(self.sink, how)()
            self._stays = ""
        except OSError as error:
            self._stays = f"cannot {how} its file: {_reason(error)}"

    def complaint(self) -> Optional[str]:
        """What went wrong, once a minute at most; what was lost before it worked again included."""
        return None if self._clock() < self._complain_at else self.last_complaint()

    def last_complaint(self) -> Optional[str]:
        """The same, however long ago the one before was."""
        trouble = self._trouble()
        if trouble is None:
            return None
        self._complain_at = self._clock() + _COMPLAIN_SECONDS
        self._lost, self._stays = 0, ""
        return f"the logger {self.written} {trouble}"

    def _fail(self, error: OSError, lost: int) -> None:
        # What takes nothing goes on when it does again; otherwise a command would be there twice.
        if not isinstance(error, (BlockingIOError, TimeoutError)):
            self.sink.close()
        self._reason = _reason(error)
        self._retry_at = self._clock() + _RETRY_SECONDS
        self._lost += lost

    def _trouble(self) -> Optional[str]:
        lost = "1 record was lost" if self._lost == 1 else f"{self._lost} records were lost"
        if not self.works:
            return f"cannot be written: {self._reason}; {lost}"
        if self._lost:
            return f"can be written again; {lost}"
        return f"{self._stays}; it goes on where it was" if self._stays else None


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
