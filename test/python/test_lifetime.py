from __future__ import annotations

import select
import unittest

from .support import PATIENCE

from tsuwsgi.lifetime import LEAVING, RETIRING, SERVING, Lifetime


class LifetimeTest(unittest.TestCase):
    def test_retiring_may_become_leaving_and_nothing_goes_back(self) -> None:
        lifetime = Lifetime()
        self.assertEqual(lifetime.state, SERVING)
        lifetime.retire()
        self.assertEqual(lifetime.state, RETIRING)
        lifetime.leave(3)
        lifetime.retire()
        self.assertEqual((lifetime.state, lifetime.exit_status), (LEAVING, 3))

    def test_the_first_status_stays(self) -> None:
        lifetime = Lifetime()
        lifetime.leave(3)
        lifetime.leave(4)
        self.assertEqual(lifetime.exit_status, 3)

    def test_a_change_wakes_whoever_sleeps_over_the_pipe(self) -> None:
        lifetime = Lifetime()
        poller = select.poll()
        poller.register(lifetime.wake_fd, select.POLLIN)
        self.assertEqual(poller.poll(0), [])
        lifetime.retire()
        self.assertEqual(poller.poll(0), [(lifetime.wake_fd, select.POLLHUP)])
        lifetime.pause(PATIENCE)
