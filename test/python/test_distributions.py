from __future__ import annotations

import unittest
from typing import Any, Dict, Optional

from .support import ROOT  # noqa: F401

from tsuwsgi.distributions import SIZE, Distributions
from tsuwsgi.wsgi import Exchange

# Places in u64, as src/core/stats/distributions.ts reads them.
RECEIVED, SENT, BYTES_RECEIVED, BYTES_SENT, SIGNALS, TIMES, APPLICATIONS = 48, 64, 80, 81, 82, 88, 192
GET_OK = 2
# What a GET of 0 microseconds without bodies leaves beside the one thing that a test is about.
USUAL = {GET_OK: 1, RECEIVED: 1, SENT: 1, TIMES: 1, APPLICATIONS: 1}


class DistributionsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.longs = memoryview(bytearray(2 * SIZE)).cast("Q")

    def counted(self, spent_us: int = 0, declared: Optional[str] = None, **over: Any) -> Dict[int, int]:
        """Where the slot behind another one has counted a request, and how much."""
        self.longs[:] = memoryview(bytes(2 * SIZE)).cast("Q")
        exchange: Any = Exchange(None, {}, 0, 0)
        exchange.method, exchange.status = "GET", 200
        vars(exchange).update(over)
        Distributions(self.longs, SIZE).count(exchange, spent_us, declared)
        return self.found()

    def found(self) -> Dict[int, int]:
        return {place - SIZE // 8: value for place, value in enumerate(self.longs) if value}

    def without(self, *places: int) -> Dict[int, int]:
        return {place: value for place, value in USUAL.items() if place not in places}

    def test_requests_by_method_and_class_of_status(self) -> None:
        for method, status, place in (("GET", 200, 2), ("POST", 404, 16), ("BREW", 101, 43), ("GET", 0, 5), ("HEAD", 999, 6)):
            with self.subTest(method, status=status):
                self.assertEqual(self.counted(method=method, status=status), {**self.without(GET_OK), place: 1})

    def test_times_in_four_classes_from_each_power_of_two_to_the_next(self) -> None:
        for spent, nth in ((0, 0), (63, 0), (64, 1), (79, 1), (80, 2), (127, 4), (128, 5), (159, 5), (160, 6), (1 << 40, 95)):
            with self.subTest(spent):
                self.assertEqual(self.counted(spent), {**self.without(TIMES), TIMES + nth: 1})

    def test_bodies_by_powers_of_four(self) -> None:
        for size, nth in ((1, 0), (2, 1), (4, 1), (5, 2), (16, 2), (17, 3), (4**14, 14), (4**14 + 1, 15), (1 << 45, 15)):
            with self.subTest(size):
                self.assertEqual(self.counted(body_size=size), {**self.without(SENT), SENT + nth: 1, BYTES_SENT: size})
                received = {**self.without(RECEIVED), RECEIVED + nth: 1, BYTES_RECEIVED: size}
                self.assertEqual(self.counted(declared=str(size)), received)

    def test_what_is_no_size_is_none(self) -> None:
        for declared in (None, "", "-1", "many", "9" * 16):
            with self.subTest(declared):
                self.assertEqual(self.counted(declared=declared), USUAL)

    def test_requests_and_failures_of_each_application(self) -> None:
        self.assertEqual(self.counted(app=63, has_failed=True), {**self.without(APPLICATIONS), APPLICATIONS + 126: 1, APPLICATIONS + 127: 1})
        for app in (-1, 64):
            with self.subTest(app):
                self.assertEqual(self.counted(app=app), self.without(APPLICATIONS))

    def test_signals(self) -> None:
        Distributions(self.longs, SIZE).count_signal()
        self.assertEqual(self.found(), {SIGNALS: 1})
