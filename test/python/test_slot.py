"""Unit tests of slot.py: what holds whichever door a request comes through."""

from __future__ import annotations

import os
import threading
import unittest
from typing import Any, List

from .support import GET, SlotTestCase


@unittest.skipUnless(hasattr(os, "SCHED_BATCH"), "Linux only")
class SchedulingTest(SlotTestCase):
    def ask_for_policy(self) -> int:
        seen: List[int] = []

        def application(environ: Any, start_response: Any) -> Any:
            seen.append(os.sched_getscheduler(0))
            start_response("200 OK", [])
            return [b""]

        self.start(application, direct=True).ask(GET)
        return seen[0]

    def test_a_slot_gives_way_to_whoever_wakes_it(self) -> None:
        self.assertEqual(self.ask_for_policy(), os.SCHED_BATCH)

    def test_a_policy_that_somebody_chose_for_the_server_stays(self) -> None:
        seen: List[int] = []

        def under_another_policy() -> None:
            # Inherited by the slot's thread, and gone with this one.
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            seen.append(self.ask_for_policy())

        thread = threading.Thread(target=under_another_policy)
        thread.start()
        thread.join()
        self.assertEqual(seen, [os.SCHED_IDLE])
