from __future__ import annotations

import time
import unittest
from unittest import mock

from .support import ROOT  # noqa: F401

from tsuwsgi.logdate import SECOND_NS, Clock, DateOfSecond, clock, iso_date


class ClockTest(unittest.TestCase):
    def test_knows_which_second_it_is_on_the_wall(self) -> None:
        before = int(time.time())
        second = Clock().second(time.monotonic_ns())
        self.assertIn(second, range(before, int(time.time()) + 1))

    def test_a_second_lasts_from_its_first_moment_to_the_next_ones(self) -> None:
        begin, end = clock.moment(1_700_000_000), clock.moment(1_700_000_001)
        self.assertEqual(end - begin, SECOND_NS)
        self.assertEqual(
            [clock.second(moment) for moment in (begin - 1, begin, end - 1, end)], [1_699_999_999, 1_700_000_000, 1_700_000_000, 1_700_000_001]
        )

    def test_follows_a_clock_that_was_set_once_it_is_tuned(self) -> None:
        with mock.patch("time.time_ns", side_effect=[100 * SECOND_NS, 5000 * SECOND_NS]), mock.patch("time.monotonic_ns", return_value=SECOND_NS):
            wall = Clock()
            self.assertEqual(wall.second(2 * SECOND_NS), 101)
            wall.tune()
            self.assertEqual(wall.second(2 * SECOND_NS), 5001)


class DateOfSecondTest(unittest.TestCase):
    def test_says_for_which_moments_its_text_holds(self) -> None:
        date = DateOfSecond(iso_date)
        moment = clock.moment(1_700_000_000)
        self.assertFalse(date.begins <= moment < date.ends)
        self.assertEqual(date(moment + 999_999_999), "2023-11-14T22:13:20")
        self.assertEqual((date.begins, date.ends, date.text), (moment, moment + SECOND_NS, "2023-11-14T22:13:20"))
        self.assertEqual(date(moment - 1), "2023-11-14T22:13:19")
        self.assertEqual(date.ends, moment)
