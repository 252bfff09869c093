"""What the tests of the caches share: a cache in a file of its own, and whether its table is sound."""

from __future__ import annotations

import os
import signal
import tempfile
import unittest
from typing import Any, Optional

from .support import PATIENCE

from tsuwsgi.api import cache_layout as layout
from tsuwsgi.api.cache_config import Habits
from tsuwsgi.api.cache_file import CacheFile, open_cache_file
from tsuwsgi.api.cache_layout import Geometry
from tsuwsgi.api.cache_store import CacheStore
from tsuwsgi.api.cache_table import CacheTable

SMALL = Geometry(items=8, blocks=8, block_size=100, key_size=20, buckets=3)
ROOMY = SMALL._replace(items=64, blocks=256)


class StoreTestCase(unittest.TestCase):
    file: Optional[CacheFile] = None

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.addCleanup(self.close)
        self.path = os.path.join(directory.name, "cache")

    def open(self, geometry: Geometry = SMALL, **habits: Any) -> CacheStore:
        self.close()
        self.file = open_cache_file(self.path, geometry)
        return CacheStore(self.file, geometry, Habits(**habits))

    def close(self) -> None:
        """A server never does: its caches are open until it ends. Here there would be thousands of them."""
        if self.file is not None:
            os.close(self.file.fd)
            self.file = None

    def word(self, index: int) -> int:
        return int.from_bytes(self.file.memory[8 * index : 8 * index + 8], "little")

    def check(self, geometry: Geometry) -> None:
        """Whether all of the table tells the same story."""
        table = CacheTable(self.file, geometry)
        items = list(table.items())
        keys = [table.key(item) for item in items]
        self.assertEqual(self.word(layout.SEQUENCE) % 2, 0)
        self.assertEqual(len(set(keys)), len(items))
        self.assertEqual(self.word(layout.COUNT), len(items))
        for item, key in zip(items, keys):
            self.assertEqual(table.find(key), table.item(item.number))
        blocks = [item.record[layout.FIRST] + at for item in items for at in range(item.record[layout.BLOCKS])]
        self.assertEqual(len(set(blocks)), len(blocks), "a block has two owners")
        taken = self.file.memory[geometry.taken_at : geometry.taken_at + geometry.blocks]
        self.assertEqual([at for at in range(geometry.blocks) if taken[at]], sorted(blocks))
        number, ages = table.oldest, []
        while number:
            ages.append(number)
            number = table.item(number).record[layout.NEWER]
        self.assertEqual(sorted(ages), [item.number for item in items])


class Deadline:
    """What must not wait for ever."""

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._fail)
        signal.alarm(int(PATIENCE))

    def __exit__(self, *_: Any) -> None:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, self._before)

    def _fail(self, *_: Any) -> None:
        raise TimeoutError("somebody holds the lock")
