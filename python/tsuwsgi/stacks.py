"""Where the threads of a worker are, for an operator who asks."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from itertools import dropwhile
from textwrap import indent
from types import FrameType

_OUR_FILES = os.path.dirname(os.path.abspath(__file__)) + os.sep


def describe_threads() -> str:
    """The stack of each thread but the one that asks, the most recent call last as in a traceback."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    own = threading.get_ident()
    return "".join(f"  {names.get(ident, ident)}{_describe(frame)}" for ident, frame in sys._current_frames().items() if ident != own)


def describe_request(thread: int) -> str:
    """The stack of a slot's thread while it runs a request: from the application's first call on, or all of it where that is not at work."""
    innermost = sys._current_frames().get(thread)
    if innermost is None:
        return ""
    calls = traceback.extract_stack(innermost)
    return "".join(traceback.format_list(list(dropwhile(_is_around, calls)) or calls))


def _describe(innermost: FrameType) -> str:
    """From the application's first call on: what led to it is the same for all."""
    calls = list(dropwhile(_is_around, traceback.extract_stack(innermost)))
    return ":\n" + indent("".join(traceback.format_list(calls)), "  ") if calls else ": waits for a request\n"


def _is_around(call: traceback.FrameSummary) -> bool:
    return call.filename.startswith(_OUR_FILES) or call.filename == threading.__file__
