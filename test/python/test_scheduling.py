"""Unit tests of scheduling.py."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from contextlib import contextmanager
from typing import Iterator

from . import support  # noqa: F401

from tsuwsgi.scheduling import give_way


@contextmanager
def process(policy: int) -> Iterator[int]:
    """Another process, of this policy, until it is told to end; gives its pid."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        os.sched_setscheduler(child.pid, policy, os.sched_param(0))
        yield child.pid
    finally:
        child.communicate(b"\n")


@unittest.skipUnless(hasattr(os, "SCHED_BATCH"), "Linux only")
class GiveWayTest(unittest.TestCase):
    def test_another_process_gives_way(self) -> None:
        with process(os.SCHED_OTHER) as pid:
            give_way(pid)
            self.assertEqual(os.sched_getscheduler(pid), os.SCHED_BATCH)

    def test_a_policy_that_somebody_chose_stays(self) -> None:
        with process(os.SCHED_IDLE) as pid:
            give_way(pid)
            self.assertEqual(os.sched_getscheduler(pid), os.SCHED_IDLE)

    def test_a_process_that_is_gone_is_no_error(self) -> None:
        with process(os.SCHED_OTHER) as pid:
            pass
        give_way(pid)
