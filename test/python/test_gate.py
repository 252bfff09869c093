from __future__ import annotations

import select
import unittest
from typing import List

from .support import ROOT  # noqa: F401

from tsuwsgi.gate import Gate


class GateTest(unittest.TestCase):
    def readable(self, gate: Gate) -> List[bool]:
        poller = select.poll()
        poller.register(gate.open_fd, select.POLLIN)
        poller.register(gate.closed_fd, select.POLLIN)
        ready = [fd for fd, _ in poller.poll(0)]
        return [gate.open_fd in ready, gate.closed_fd in ready]

    def test_each_state_is_readable_as_long_as_it_lasts(self) -> None:
        gate = Gate()
        self.assertEqual((gate.is_closed, self.readable(gate)), (False, [True, False]))
        for _ in range(2):
            gate.close()
            gate.close()
            self.assertEqual((gate.is_closed, self.readable(gate)), (True, [False, True]))
            gate.open()
            gate.open()
            self.assertEqual((gate.is_closed, self.readable(gate)), (False, [True, False]))
