from __future__ import annotations

import unittest
from typing import Any

from .support import ROOT  # noqa: F401  finds the runtime

from tsuwsgi.config import LogSelection
from tsuwsgi.logselection import selector
from tsuwsgi.wsgi import Exchange

NONE = LogSelection(False, False, 0, False, 0, False, False)


def finished(**changes: Any) -> Exchange:
    exchange: Any = Exchange(None, {}, 0, 0)
    exchange.status, exchange.body_size = 200, 100
    vars(exchange).update(changes)
    return exchange


class SelectionTest(unittest.TestCase):
    def test_without_a_condition_nobody_is_asked(self) -> None:
        self.assertIsNone(selector(NONE))

    def test_each_condition_selects_what_it_names_from_its_bound_on(self) -> None:
        for condition, hit, miss in (
            ({"client_errors": True}, {"status": 499}, {"status": 500}),
            ({"server_errors": True}, {"status": 500}, {"status": 499}),
            ({"server_errors": True}, {"status": 0}, {"status": 200}),
            ({"empty": True}, {"body_size": 0}, {"body_size": 1}),
            ({"big_bytes": 200}, {"body_size": 200}, {"body_size": 199}),
            ({"files": True}, {"via": " via sendfile() "}, {}),
            ({"files": True}, {"via": " via offload() "}, {}),
            ({"broken": True}, {"has_lost_client": True}, {}),
        ):
            with self.subTest(condition):
                is_selected = selector(NONE._replace(**condition))
                assert is_selected is not None
                self.assertTrue(is_selected(finished(**hit), 0))
                self.assertFalse(is_selected(finished(**miss), 0))

    def test_slow_counts_in_milliseconds(self) -> None:
        is_selected = selector(NONE._replace(slow_ms=10))
        assert is_selected is not None
        self.assertTrue(is_selected(finished(), 10_000))
        self.assertFalse(is_selected(finished(), 9_999))
