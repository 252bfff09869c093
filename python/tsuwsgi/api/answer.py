"""An answer of the master's that threads of the application wait for."""

from __future__ import annotations

from threading import Condition
from time import monotonic
from typing import Any, Callable

_SECONDS = 5.0


class AwaitedAnswer:
    """Whoever asks waits for the next answer; several who wait share it."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._count = 0
        self._answer: Any = None

    def ask(self, ask: Callable[[], None]) -> Any:
        """The answer; OSError where none comes."""
        with self._changed:
            before = self._count
            # Under the lock: the answer cannot overtake the one who waits for it.
            ask()
            deadline = monotonic() + _SECONDS
            while self._count == before:
                if not self._changed.wait(deadline - monotonic()) and monotonic() >= deadline:
                    raise OSError(f"the master has not answered for {_SECONDS:g} seconds")
            return self._answer

    def give(self, answer: Any) -> None:
        """In the thread that hears the master."""
        with self._changed:
            self._count += 1
            self._answer = answer
            self._changed.notify_all()
