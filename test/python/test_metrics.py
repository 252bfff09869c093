"""uwsgi.metric_*: numbers that all workers share."""

from __future__ import annotations

import os
import tempfile
import unittest
from typing import Any, Dict, Tuple

from .support import captured_log  # noqa: F401  (sets the path of the runtime)

from tsuwsgi.api.cache_config import MetricConfig, Shared
from tsuwsgi.api.metrics import Metrics

_MEMORY = {"rss": 4096, "vsz": 8192}
WORKERS: Tuple[Dict[str, Any], ...] = (
    {
        "id": 1,
        "pid": 10,
        "status": b"busy",
        "requests": 5,
        "delta_requests": 4,
        "respawn_count": 1,
        "avg_rt": 20,
        "tx": 100,
        "running_time": 7,
        **_MEMORY,
    },
    {"id": 2, "pid": 11, "status": b"idle", "requests": 6, "delta_requests": 6, "respawn_count": 2, "avg_rt": 40, "tx": 50, "running_time": 8},
    {"id": 3, "pid": 0, "status": b"cheap", "requests": 0, "delta_requests": 0, "respawn_count": 0, "avg_rt": 0, "tx": 0, "running_time": 0},
)


class MetricsTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "metrics")
        self.metrics = self.make(MetricConfig("jobs", 0), MetricConfig("level", 4))

    def make(self, *declared: MetricConfig) -> Metrics:
        metrics = Metrics(Shared([], [], self.path, declared), lambda: WORKERS)
        metrics.open()
        return metrics

    def test_they_begin_where_they_are_told_and_a_reload_goes_on_with_them(self) -> None:
        self.assertEqual(self.metrics.metric_get("level"), 4)
        self.metrics.metric_inc("level", 2)
        self.assertEqual(self.make(MetricConfig("level", 4), MetricConfig("new", 1)).metric_get("level"), 6)

    def test_one_that_was_not_declared_is_0_and_stays_so(self) -> None:
        self.assertIsNone(self.metrics.metric_inc("nothing"))
        self.assertEqual(self.metrics.metric_get("nothing"), 0)

    def test_those_of_the_server_are_counted_and_not_set(self) -> None:
        names = ("worker.1.requests", "worker.2.respawns", "worker.2.avg_response_time", "worker.9.requests", "core.total_tx", "core.busy_workers")
        self.assertEqual([self.metrics.metric_get(name) for name in names], [5, 2, 40, 0, 150, 1])
        self.assertEqual([self.metrics.metric_get(f"core.{name}") for name in ("idle_workers", "total_running_time")], [1, 15])
        self.assertEqual(self.metrics.metric_get("core.avg_response_time"), 20)
        self.assertEqual([self.metrics.metric_get(f"worker.1.{name}") for name in ("rss_size", "vsz_size")], [4096, 8192])
        self.assertIsNone(self.metrics.metric_set("worker.1.requests", 1))

    def test_those_that_are_not_counted_say_so(self) -> None:
        for name in ("worker.1.failed_requests", "core.routed_signals", "worker.1.core.0.requests", "socket.0.listen_queue", "rss_size"):
            with self.assertRaisesRegex(ValueError, "is not counted here"):
                self.metrics.metric_get(name)

    def test_without_any_declared_nothing_is_done(self) -> None:
        metrics = Metrics(Shared([], [], None, []), lambda: WORKERS)
        metrics.open()
        self.assertEqual([metrics.metric_get("worker.1.requests"), metrics.metric_inc("jobs")], [0, None])
