"""Resource limits, set in the spawner so that every worker inherits them."""

from __future__ import annotations

import resource


def limit_address_space(size: int) -> None:
    """`limit-as`: allocations beyond this many bytes raise MemoryError instead of filling the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
