"""uwsgi.metric_*: numbers that all workers share."""

from __future__ import annotations

import os
import tempfile
import unittest
from unittest import mock

from .support import captured_log  # noqa: F401  (sets the path of the runtime)

from tsuwsgi.api.cache_config import MetricConfig, Shared
from tsuwsgi.api.metrics import Metrics

OF_SERVER = {"worker.1.requests": {"type": 0, "oid": "3.1.1", "value": 5}, "core.busy_workers": {"type": 1, "oid": "5.3", "value": 1}}


class MetricsTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "metrics")
        self.metrics = self.make(MetricConfig("jobs", 0), MetricConfig("level", 4))

    def make(self, *declared: MetricConfig) -> Metrics:
        metrics = Metrics(Shared([], [], self.path, declared), lambda: OF_SERVER)
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
        names = ("worker.1.requests", "core.busy_workers", "worker.9.requests")
        self.assertEqual([self.metrics.metric_get(name) for name in names], [5, 1, 0])
        self.assertIsNone(self.metrics.metric_set("worker.1.requests", 1))

    def test_those_that_are_not_counted_say_so(self) -> None:
        for name in ("worker.0.total_tx", "core.routed_signals", "worker.1.core.0.static_requests", "rss_size"):
            with self.assertRaisesRegex(ValueError, "is not counted here"):
                self.metrics.metric_get(name)

    def test_the_master_is_asked_for_those_alone_that_it_may_count(self) -> None:
        asked = mock.Mock(return_value=OF_SERVER)
        metrics = Metrics(Shared([], [], self.path, []), asked)
        metrics.open()
        self.assertEqual([metrics.metric_get(name) for name in ("nothing", "workers.1", "core.busy_workers")], [0, 0, 1])
        asked.assert_called_once_with()

    def test_without_any_declared_nothing_is_done(self) -> None:
        metrics = Metrics(Shared([], [], None, []), lambda: OF_SERVER)
        metrics.open()
        self.assertEqual([metrics.metric_get("worker.1.requests"), metrics.metric_inc("jobs")], [0, None])
