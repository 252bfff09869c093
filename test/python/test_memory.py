from __future__ import annotations

import unittest
from unittest import mock

from .support import ROOT  # noqa: F401

from tsuwsgi.memory import own_memory


class MemoryTest(unittest.TestCase):
    def test_what_is_used_shows(self) -> None:
        before = own_memory()
        held = b"x" * (64 << 20)
        after = own_memory()
        self.assertGreaterEqual(after.resident - before.resident, len(held) // 2)
        self.assertGreater(after.address_space, after.resident)

    def test_without_proc_it_is_nothing(self) -> None:
        with mock.patch("builtins.open", side_effect=FileNotFoundError):
            self.assertEqual(own_memory(), (0, 0))
