"""What ps and top call this process; the twin for the Node processes is src/core/plan/process-names.ts."""

from __future__ import annotations

import os
from typing import Any, Mapping, NamedTuple, Optional

# Where the command line lies in memory: proc(5), /proc/pid/stat, counted behind the name in parentheses.
_ARG_START, _ARG_END = 45, 46


class ProcessNames(NamedTuple):
    # For all processes, in place of what they are.
    name: Optional[str]
    prefix: str
    suffix: str


def read_names(names: Optional[Mapping[str, Any]]) -> Optional[ProcessNames]:
    """None leaves the processes their command lines."""
    return None if names is None else ProcessNames(names.get("name"), names["prefix"], names["suffix"])


def name_process(names: Optional[ProcessNames], role: str) -> None:
    """Names this process by its role ("worker 1") in uWSGI's words."""
    if names is None:
        return
    show(os.fsencode(f"{names.prefix}{names.name or f'uWSGI {role}'}{names.suffix}"))


def show(name: bytes) -> None:
    """Has ps and top call this process so."""
    try:
        _write_command(name)
        _write_command_line(name)
    except (ImportError, OSError, ValueError):
        pass  # another system than Linux, or a Python without ctypes: a name is not worth more


def _write_command(name: bytes) -> None:
    """What top shows; the kernel keeps 15 bytes."""
    with open("/proc/self/comm", "wb") as file:
        file.write(name)


def _write_command_line(name: bytes) -> None:
    """What ps shows: the memory of the arguments, which the kernel reads whenever somebody asks, and Python never again."""
    import ctypes

    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
    # A last byte that is not zero would make the kernel read on into the environment.
    room = end - start - 1
    if room > 0:
        ctypes.memmove(start, name[:room].ljust(room, b"\0"), room)
