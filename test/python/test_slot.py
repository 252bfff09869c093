"""Unit tests of slot.py: what holds whichever door a request comes through."""

from __future__ import annotations

import os
import select
import threading
import unittest
from typing import Any, List

from .support import GET, PATIENCE, SlotTestCase

from tsuwsgi.logwatch import LogWatch


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


def answer(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [])
    return [b""]


class RestTest(SlotTestCase):
    def read_lines(self, log: int, count: int) -> int:
        """Waits until so many lines are in the log; returns how many there are."""
        poll, found = select.poll(), 0
        poll.register(log, select.POLLIN)
        while found < count and poll.poll(PATIENCE * 1000):
            found += os.read(log, 65536).count(b"\n")
        return found

    def watch(self) -> LogWatch:
        """As a worker's control thread has it."""
        watch = LogWatch()
        over, end = os.pipe()
        thread = threading.Thread(target=watch.wait_for, args=(over,), daemon=True)
        thread.start()

        def stop() -> None:
            os.write(end, b"x")
            thread.join(PATIENCE)
            os.close(over)
            os.close(end)

        self.addCleanup(stop)
        return watch

    def test_lines_are_written_although_nothing_more_comes(self) -> None:
        for door in ("direct", "gateway"):
            with self.subTest(door):
                log, write = os.pipe()
                saved = os.dup(2)
                os.dup2(write, 2)
                try:
                    watch = self.watch()
                    slot = self.start(answer, logRequests=True, watch_log=watch.arm, **{door: True})
                    watch.watch([slot.slot.log])
                    ask = slot.ask if door == "direct" else slot.ask_gateway
                    # Those of the second time wait, since the line before is only a moment old.
                    for count in (1, 4):
                        for _ in range(count):
                            ask(GET)
                        self.assertEqual(self.read_lines(log, count), count)
                finally:
                    os.dup2(saved, 2)
                    for fd in (log, write, saved):
                        os.close(fd)
