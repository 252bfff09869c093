from __future__ import annotations

import resource
import unittest
from unittest import mock

from .support import make_config

from tsuwsgi import limits
from tsuwsgi.config import MemoryLimits

HUGE = 1 << 50


class SetLimitsTest(unittest.TestCase):
    def set(self, **over: int) -> list:
        """What the kernel is asked for; really asked, it would hold for the tests themselves."""
        with mock.patch.object(resource, "setrlimit") as setrlimit:
            limits.set_limits(make_config("/nowhere", **over))
        return [call.args for call in setrlimit.call_args_list]

    def test_nothing_is_limited_unless_asked_for(self) -> None:
        self.assertEqual(self.set(), [])

    def test_each_limit_is_hard_and_soft(self) -> None:
        self.assertEqual(self.set(limitAsBytes=HUGE), [(resource.RLIMIT_AS, (HUGE, HUGE))])
        self.assertEqual(self.set(limitProcesses=50), [(resource.RLIMIT_NPROC, (50, 50))])


class MemoryWatchTest(unittest.TestCase):
    def test_there_is_none_without_a_limit(self) -> None:
        self.assertIsNone(limits.watch_memory(MemoryLimits(0, 0)))

    def test_tells_what_is_too_large(self) -> None:
        self.assertEqual(limits.MemoryWatch(MemoryLimits(HUGE, HUGE)).excess(), "")
        self.assertRegex(limits.MemoryWatch(MemoryLimits(1 << 20, 0)).excess(), r"^holds \d+ MB, more than reload-on-rss = 1$")
        self.assertRegex(limits.MemoryWatch(MemoryLimits(0, 1 << 20)).excess(), r"^has an address space of \d+ MB, more than reload-on-as = 1$")

    def test_does_not_look_again_at_once(self) -> None:
        watch = limits.MemoryWatch(MemoryLimits(1 << 20, 0))
        with mock.patch.object(limits, "monotonic", side_effect=[100.0, 100.09, 100.11]):
            self.assertEqual([bool(watch.excess()) for _ in range(3)], [True, False, True])
