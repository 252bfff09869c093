"""A logger: a sink with its encoders, and with patience for what fails."""

from __future__ import annotations

import time
from typing import Callable, List, Optional, Sequence

from tsuwsgi.logwriter.encoders import Encode
from tsuwsgi.logwriter.sinks import Sink

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
        try:
            self.sink.open()
            self.sink.write(records)
            self._reason = ""
        except OSError as error:
            self.fail(error, len(records))

    def fail(self, error: OSError, lost: int = 0) -> None:
        self.sink.close()
        self._reason = error.strerror or str(error)
        self._retry_at = self._clock() + _RETRY_SECONDS
        self._lost += lost

    def complaint(self) -> Optional[str]:
        """What went wrong, once a minute at most; what was lost before it worked again included."""
        now = self._clock()
        if (self.works and self._lost == 0) or now < self._complain_at:
            return None
        self._complain_at = now + _COMPLAIN_SECONDS
        lost, self._lost = self._lost, 0
        state = f"cannot be written: {self._reason}" if self._reason else "can be written again"
        return f"the logger {self.written} {state}; {lost} records were lost"
