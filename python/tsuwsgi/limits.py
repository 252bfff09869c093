"""Limits of the Python processes: those that the kernel keeps, and those that make a worker ask for its successor."""

from __future__ import annotations

import mmap
import os
import resource
import threading
from time import monotonic
from typing import Optional

from tsuwsgi import log
from tsuwsgi.config import Config, MemoryLimits
from tsuwsgi.memory import own_memory

_MEGABYTE = 1 << 20
# What the smallest of applications needs besides.
_LEAST_HEAP = 4 * _MEGABYTE
# Looking takes 3 µs, and a request 20: so it is not done after each.
_LOOK_SECONDS = 0.1


def set_limits(config: Config) -> None:
    """In the spawner, so that every worker inherits them."""
    if config.limit_as_bytes:
        _refuse_too_little(config.limit_as_bytes, config.threads)
        # Allocations beyond it raise MemoryError instead of filling the machine.
        _set_limit(resource.RLIMIT_AS, config.limit_as_bytes)
    if config.limit_processes:
        _set_limit(resource.RLIMIT_NPROC, config.limit_processes)


def _refuse_too_little(limit: int, threads: int) -> None:
    """A worker of which a thread cannot begin hangs instead of ending. It has one for each slot but the first, and one that hears the master."""
    stacks = threads * (threading.stack_size() or _default_stack())
    needed = own_memory().address_space + stacks + _LEAST_HEAP
    if limit < needed:
        raise ValueError(f"limit-as = {limit // _MEGABYTE} is too little: Python itself takes {-(-needed // _MEGABYTE)} MB of address space")


def _default_stack() -> int:
    """What glibc gives a thread, in bytes."""
    stack = resource.getrlimit(resource.RLIMIT_STACK)[0]
    return 2 * _MEGABYTE if stack == resource.RLIM_INFINITY else stack


def _set_limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


class MemoryWatch:
    """`reload-on-rss` and `reload-on-as`, for the process that makes it."""

    def __init__(self, limits: MemoryLimits) -> None:
        self._limits = limits
        self._next_look = 0.0
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)

    def excess(self) -> str:
        """What is too large, as the end of a sentence; empty where nothing is, or where the last look was just now."""
        now = monotonic()
        if now < self._next_look:
            return ""
        self._next_look = now + _LOOK_SECONDS
        size, resident = os.pread(self._statm, 64, 0).split()[:2]
        return _describe("holds", int(resident), "reload-on-rss", self._limits.rss) or _describe(
            "has an address space of", int(size), "reload-on-as", self._limits.address_space
        )


def _describe(has: str, pages: int, option: str, limit: int) -> str:
    used = pages * mmap.PAGESIZE
    if not limit or used <= limit:
        return ""
    return f"{has} {used / _MEGABYTE:.0f} MB, more than {option} = {limit // _MEGABYTE}"


def watch_memory(limits: MemoryLimits) -> Optional[MemoryWatch]:
    """None where there is nothing to watch, or no way to."""
    if not any(limits):
        return None
    try:
        return MemoryWatch(limits)
    except OSError as error:
        log.say(f"reload-on-rss and reload-on-as need /proc ({error.strerror}); workers are not replaced for their size")
        return None
