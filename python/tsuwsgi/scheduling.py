"""Who waits for whom where there are more threads than processors.

A thread of Linux's SCHED_BATCH waits for its turn instead of interrupting whoever woke it (sched(7)); its share of the processor is the same.

    slots      the gateway, or the proxy in front, reads and answers more at a time
    gateways   a worker is not interrupted by each answer of another

A policy that somebody chose for the server stays. What such a thread starts inherits its own.
"""

from __future__ import annotations

import os


def give_way(pid: int = 0) -> None:
    """Makes the calling thread, or the main thread of another process of ours, one of SCHED_BATCH."""
    try:
        if os.sched_getscheduler(pid) == os.SCHED_OTHER:
            os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))
    except (AttributeError, OSError):
        pass  # not Linux, or forbidden here (a container's seccomp rules): slower, not wrong
