"""How much memory this process has, as the system tells."""

from __future__ import annotations

import mmap
from typing import NamedTuple


class Memory(NamedTuple):
    """In bytes; zeros where the system does not tell."""

    resident: int
    address_space: int


def own_memory() -> Memory:
    try:
        with open("/proc/self/statm", "rb") as statm:
            size, resident = statm.read().split()[:2]
    except OSError:
        return Memory(0, 0)
    return Memory(int(resident) * mmap.PAGESIZE, int(size) * mmap.PAGESIZE)
