"""Lines and tracebacks in the server's log, which is descriptor 2."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Callable, Optional

from tsuwsgi.harmless import harmless_text
from tsuwsgi.outlet import Outlet

_OUR_FILES = os.path.dirname(os.path.abspath(__file__)) + os.sep
_OUTPUT, _LOG = 1, 2
_outlets = {stream: Outlet(stream) for stream in (_OUTPUT, _LOG)}
# Where lines about requests go: to the last of these.
_requests = [_outlets[_LOG]]


def _as_it_is(stream: str, text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _nothing() -> None:
    pass


# What becomes of the application's words that it does not write itself, and of lines that have no end when the streams are flushed: `log-attribution`
# puts its own here (attribution.py).
attributed: Callable[[str, str], bytes] = _as_it_is
finish_lines: Callable[[], None] = _nothing


def say(text: str) -> None:
    """One line, dated as uWSGI's own."""
    write_text(f"{time.ctime()} - {harmless_text(text)}\n")


def write(data: bytes) -> None:
    """Lines, each with its end. A log that does not take them is not waited for."""
    write_to(_LOG, data)


def write_text(text: str) -> None:
    """The same for text, whatever it holds."""
    write(text.encode("utf-8", "backslashreplace"))


def write_requests(data: bytes) -> None:
    """Lines about requests, which may have loggers of their own."""
    _requests[-1].write(data)


def send_requests_to(pipe: str) -> None:
    """From now on lines about requests go into this named pipe."""
    try:
        _requests.append(Outlet(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)))
    except OSError as error:
        say(f"requests are logged with everything else: {pipe}: {error.strerror}")


def write_to(fd: int, data: bytes) -> None:
    if fd not in _outlets:
        _outlets[fd] = Outlet(fd)
    _outlets[fd].write(data)


def count_dropped(dropped: Callable[[int], None]) -> None:
    """`dropped` is told of lines that were not taken; by one thread at a time."""
    lock = threading.Lock()

    def count(lines: int) -> None:
        with lock:
            dropped(lines)

    for outlet in (*_outlets.values(), *_requests):
        outlet.dropped = count


def reopen(path: str) -> None:
    """The log goes on in what is at this path now. An output that the application sent elsewhere stays there."""
    try:
        before, fd = os.fstat(_LOG), os.open(path, os.O_WRONLY | os.O_APPEND)
    except OSError as error:
        say(f"process {os.getpid()} cannot write the log {path}: {error.strerror}; its lines go on where they went")
        return
    for stream in (_OUTPUT, _LOG):
        if os.path.samestat(os.fstat(stream), before):
            os.dup2(fd, stream)
    os.close(fd)


def show(error: BaseException) -> str:
    """The traceback as the application's author wants it: whole, without our own frames around it. Returns what was written."""
    try:
        trace = without_our_frames(error.__traceback__)
        text = "".join(traceback.format_exception(type(error), error, trace))
        write(attributed("traceback", text))
    except (MemoryError, RecursionError):
        # Where memory is short the traceback may not fit either; its name needs none.
        text = type(error).__name__ + " (no memory or stack left to show the traceback)\n"
        write(text.encode())
    except Exception as second:  # an exception whose own __str__ fails
        text = f"{type(error).__name__} (its traceback cannot be shown: {type(second).__name__})\n"
        write(attributed("traceback", text))
    return text


def without_our_frames(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """Cuts the frames that are ours off both ends: what called the application, and what it called of ours."""
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    last = step = trace
    while step is not None:
        if not _is_ours(step):
            last = step
        step = step.tb_next
    if last is not None:
        last.tb_next = None
    return trace


def _is_ours(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(_OUR_FILES)


def pass_on(text: str) -> None:
    """A line that the application gave to us."""
    write(attributed("log", f"{text}\n"))


def flush() -> None:
    """Before the process ends: what the application has printed, and what waits for the log."""
    finish_lines()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # the application closed or replaced it
    for outlet in {*_outlets.values(), *_requests}:
        outlet.finish()
