"""How a request that runs too long is ended without its worker: an exception is raised in the thread of its slot.

    slot's thread      closed ──▶ open: the application's code runs ──▶ closed: ours does, between two requests too ──▶ open …
    control thread                raises, if the slot is open and runs that very request

Only the application may be hit: half a frame, or an answer that is counted twice, would cost the connection. And only the request that was
meant. But an exception that is raised from outside arrives some instructions later (PyThreadState_SetAsyncExc), when the slot may be closing
already. So each side says what it does before it looks at what the other does: the control thread `is_pending` before `is_open`, the slot
`is_open` before `is_pending`. A slot that closes and finds something pending waits for the lock and swallows what has not arrived.
Python runs one thread at a time, so neither can see the other's word and miss it.

In the same way the control thread may do something of ours while the application's code runs, and the slot waits for it when that ends: a visit.
"""

from __future__ import annotations

from threading import Lock, get_ident
from typing import Any, Callable, Optional

from tsuwsgi import log, stacks
from tsuwsgi.scoreboard import SlotRecord


class HarakiriTimeout(BaseException):
    """Raised wherever the application is when its request exceeds harakiri. No Exception, so that nobody takes it for an error of their own."""


class Interruption:
    """The way into one slot's thread."""

    def __init__(self, record: Optional[SlotRecord] = None) -> None:
        self.is_open = False
        self._record = record
        self._is_pending = False
        # Other threads of the application that call us now.
        self._guests = 0
        self._lock = Lock()
        self._thread = 0

    def bind(self) -> None:
        """The slot's thread is this one."""
        self._thread = get_ident()

    # In the slot's thread. HarakiriTimeout leaves `close` at most once; from then on nothing more comes until the slot opens again.

    def close(self) -> None:
        """The application's code has ended. HarakiriTimeout may still leave here; what called us must be ready for it."""
        self.is_open = False
        if self._is_pending:
            with self._lock:
                # Not after a visit, which was all that was pending.
                if self._is_pending:
                    _swallow(self._thread)
                    self._is_pending = False

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Runs code of the application."""
        try:
            self.is_open = True
            return function(*arguments)
        finally:
            self.close()

    def shield(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Runs code of ours that the application has called, and which must not be cut in two."""
        if get_ident() != self._thread:
            return self._welcome(function, *arguments)
        if not self.is_open:
            return function(*arguments)
        self.close()
        try:
            return function(*arguments)
        finally:
            self.is_open = True

    def _welcome(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The same for another thread of the application, which is never interrupted, but must not meet a visitor."""
        with self._lock:
            self._guests += 1
        try:
            return function(*arguments)
        finally:
            with self._lock:
                self._guests -= 1

    # In the control thread. A request is known by its start.

    def show(self, request: int) -> str:
        """Writes to the log where the application is with this request, and returns it; empty where that has ended."""
        stack = stacks.describe_request(self._thread)
        # Looked at afterwards, since describing takes a moment in which the slot may have gone on to another request.
        if self._record is None or not self._record.is_running(request):
            return ""
        log.write_text(stack)
        return stack

    def interrupt(self, request: int) -> None:
        """Ends this request if it still runs and the application can be reached now; asked again, it tries again."""
        with self._lock:
            if self._is_pending:
                return  # on its way, or it has arrived and the application tidies up
            self._is_pending = True
            # In this order: an open slot stays with its request, since to close it needs the lock.
            if self.is_open and self._record is not None and self._record.is_running(request):
                _raise_in(self._thread)
            else:
                self._is_pending = False

    def visit(self, function: Callable[[], None]) -> bool:
        """Calls this in the control thread while the application's code runs, and says whether it did: no thread is in our code meanwhile."""
        with self._lock:
            if self._is_pending or self._guests:
                return False
            self._is_pending = True
            try:
                is_welcome = self.is_open
                if is_welcome:
                    function()
                return is_welcome
            finally:
                self._is_pending = False


def _raise_in(thread: int) -> None:
    # Not at the top of the file: it costs a process 1 MB, and most never need it.
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(HarakiriTimeout))


def _swallow(thread: int) -> None:
    """Lets come what has not arrived yet in this thread. To take it back (NULL) would leave CPython 3.11 slower, and in an endless loop under a tracer."""
    try:
        # There is at most one: this one takes the place of the other, and comes for certain.
        _raise_in(thread)
        while True:
            pass
    except HarakiriTimeout:
        pass
