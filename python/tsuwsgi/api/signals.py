"""uWSGI's signals: numbers from 0 to 255 with a handler each, which run in a worker when a timer, cron, a file or the application says so.

    register_signal, add_timer …  ──▶ the master, which looks at the clock ──▶ a worker: its thread for signals runs the handler

The code that is imported before the fork registers for all workers; the master is told with `loaded`, or at once by a worker.
"""

from __future__ import annotations

import os
import queue
import threading
from operator import index
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from tsuwsgi import log, running
from tsuwsgi.api.absent import Absence, absent
from tsuwsgi.control import ControlChannel, Message

_LAST = 255
_LOOK_SECONDS = 0.2
_REMOTE = Absence(NotImplementedError, "there are no signals for other servers", "call them over HTTP")
_TARGETS = ("", "worker", "worker0", "workers", "active-workers")

Handler = Callable[[int], Any]


class _Worker(NamedTuple):
    number: int
    control: ControlChannel


class _Seen:
    """The signals whose handlers have run, for threads that wait for one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # How many there were, of each number, and of all as -1.
        self._counts: Dict[int, int] = {}
        self._numbers: Dict[int, int] = {}
        self._waited = threading.local()

    def note(self, number: int) -> None:
        with self._changed:
            for key in (number, -1):
                self._counts[key] = self._counts.get(key, 0) + 1
                self._numbers[key] = number
            self._changed.notify_all()

    def wait(self, number: int) -> None:
        before = self._counts.get(number, 0)
        # In short waits, between which harakiri reaches the application.
        while self._counts.get(number, 0) == before:
            running.shield(self._wait_a_moment, number, before)
        self._waited.number = self._numbers[number]

    def last(self) -> int:
        return getattr(self._waited, "number", 0)

    def _wait_a_moment(self, number: int, before: int) -> None:
        with self._changed:
            if self._counts.get(number, 0) == before:
                self._changed.wait(_LOOK_SECONDS)


class Signals:
    def __init__(self) -> None:
        self._handlers: Dict[int, Handler] = {}
        # What the master has not been told of yet: there is nobody to tell before the fork.
        self.untold: List[Message] = []
        self._worker: Optional[_Worker] = None
        self._waiting: queue.SimpleQueue[Optional[int]] = queue.SimpleQueue()
        self._thread: Optional[threading.Thread] = None
        self._seen = _Seen()
        self._count: Callable[[], None] = _count_nowhere

    def functions(self) -> Sequence[Callable[..., Any]]:
        return (
            *(self.register_signal, self.signal_registered, self.signal, self.signal_wait, self.signal_received),
            *(self.add_timer, self.add_rb_timer, self.add_cron, self.add_file_monitor),
        )

    def enter(self, number: int, control: ControlChannel) -> None:
        """This process has become a worker, which knows of the handlers that were registered before the fork."""
        self._worker = _Worker(number, control)
        self.untold = []

    def count_with(self, count: Callable[[], None]) -> None:
        """Called for each signal from now on, once its handler has run."""
        self._count = count

    # What the application calls.

    def register_signal(self, number: int, who: str, handler: Handler) -> None:
        """Runs the handler for this signal: in any worker ('' or 'worker'), in all ('workers'), or in one ('worker2')."""
        _check(number)
        target = who.decode() if isinstance(who, bytes) else who
        if target not in _TARGETS and not (target.startswith("worker") and target[6:].isdecimal()):
            raise ValueError(f"there is nobody called {target!r} for a signal: '', 'worker', 'workers' or 'worker1', 'worker2' …")
        if not callable(handler):
            raise ValueError(f"the handler of a signal is called, and this is {type(handler).__name__}")
        self._handlers[number] = handler
        self._tell({"type": "register", "number": number, "target": target})

    def signal_registered(self, number: int) -> Optional[bool]:
        """True or None, as in uWSGI."""
        _check(number)
        return True if number in self._handlers else None

    def signal(self, number: int, node: str = "") -> None:
        """Has the handler run now, in the process that it was registered for."""
        _check(number)
        if node:
            raise absent("signal", _REMOTE)
        if self._worker is None:
            raise RuntimeError("uwsgi.signal() is for workers: here the application is only imported")
        running.shield(self._worker.control.send, {"type": "signal", "number": number})

    def signal_wait(self, number: int = -1) -> None:
        """Waits until this worker has run the handler of this signal, or of any."""
        if number != -1:
            _check(number)
        if self._worker is None:
            raise RuntimeError("uwsgi.signal_wait() is for workers: here the application is only imported")
        self._seen.wait(number)

    def signal_received(self) -> int:
        """The signal that this thread has waited for last; 0 where it has not."""
        return self._seen.last()

    def add_timer(self, number: int, seconds: int) -> None:
        """Every so many seconds."""
        self._alarm(number, {"kind": "timer", "seconds": _whole(seconds, "seconds")})

    def add_rb_timer(self, number: int, seconds: int, iterations: int = 0) -> None:
        """The same so many times; 0 for ever."""
        self._alarm(number, {"kind": "timer", "seconds": _whole(seconds, "seconds"), "iterations": index(iterations)})

    def add_cron(self, number: int, minute: int, hour: int, day: int, month: int, weekday: int) -> bool:
        """At each minute that fits: -1 fits always, -5 each fifth. Sunday is 0. True, as in uWSGI, where the others say nothing."""
        fields = {"minute": minute, "hour": hour, "day": day, "month": month, "weekday": weekday}
        self._alarm(number, {"kind": "cron", **{name: index(value) for name, value in fields.items()}})
        return True

    def add_file_monitor(self, number: int, path: str) -> None:
        """Whenever this file or directory is changed."""
        self._alarm(number, {"kind": "file", "path": os.path.abspath(os.fsdecode(path))})

    def _alarm(self, number: int, alarm: Message) -> None:
        _check(number)
        self._tell({"type": "alarm", "number": number, "alarm": alarm})

    def _tell(self, message: Message) -> None:
        if self._worker is None:
            self.untold.append(message)
        else:
            running.shield(self._worker.control.send, message)

    # What the master says, in the control thread of a worker.

    def hear(self, number: int) -> None:
        """One thread runs all handlers of this worker, one after the other, beside the requests."""
        self._waiting.put(number)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="uWSGISignals", daemon=True)
            self._thread.start()

    def finish(self) -> None:
        """The worker leaves: what has come by now is run first. The master knows how long that may take."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        while True:
            number = self._waiting.get()
            if number is None:
                return
            handler = self._handlers.get(number)
            if handler is None:
                log.say(f"signal {number}: this worker has no handler for it")
                continue
            self._tell_of_run(number)
            try:
                handler(number)
            except BaseException as error:
                log.show(error)
                log.say(f"error managing signal {number} on worker {self._worker.number if self._worker else 0}")
            self._count()
            self._tell_of_run(None)
            self._seen.note(number)

    def _tell_of_run(self, number: Optional[int]) -> None:
        """For the statistics: this handler runs now, or none."""
        if self._worker is not None:
            self._worker.control.send({"type": "handles", "number": number})


def _count_nowhere() -> None:
    """Until there is a place for it."""


def _check(number: int) -> None:
    if not 0 <= index(number) <= _LAST:
        raise ValueError(f"a signal is a number from 0 to {_LAST}, not {number!r}")


def _whole(value: int, what: str) -> int:
    if index(value) < 1:
        raise ValueError(f"{what} must be 1 or more, not {value!r}")
    return index(value)
