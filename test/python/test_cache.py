"""The caches that workers share: what the store keeps in its file, and what cache_* makes of that."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any, List, Optional
from unittest import mock

from .cache_support import SMALL, StoreTestCase
from .support import captured_log

from tsuwsgi.api import cache_file, cache_store, cache_table
from tsuwsgi.api import cache_layout as layout
from tsuwsgi.api.cache import Caches
from tsuwsgi.api.cache_config import CacheConfig, FirstItem, Habits, Shared
from tsuwsgi.api.cache_file import CacheError, open_cache_file
from tsuwsgi.api.cache_layout import Geometry
from tsuwsgi.api.cache_store import CacheStore, as_bytes, as_number
from tsuwsgi.api.cache_table import Full


class StoreTest(StoreTestCase):
    def test_set_leaves_what_is_there_and_update_replaces_it(self) -> None:
        store = self.open()
        self.assertTrue(store.set(b"a", b"1"))
        self.assertFalse(store.set(b"a", b"2"))
        self.assertEqual(store.get(b"a"), b"1")
        store.update(b"a", b"22")
        self.assertEqual(store.get(b"a"), b"22")
        self.assertTrue(store.delete(b"a"))
        self.assertFalse(store.delete(b"a"))
        self.assertIsNone(store.get(b"a"))
        self.check(SMALL)

    def test_keys_and_values_have_the_sizes_that_were_declared(self) -> None:
        store = self.open()
        store.set(b"k" * 20, b"v" * 100)
        self.assertEqual(store.get(b"k" * 20), b"v" * 100)
        for key, value in ((b"", b"v"), (b"k" * 21, b"v"), (b"k", b""), (b"k", b"v" * 101)):
            with self.assertRaises(CacheError):
                store.update(key, value)
        self.check(SMALL)

    def test_a_value_takes_as_many_blocks_as_it_needs_where_it_may(self) -> None:
        store = self.open(spans_blocks=True)
        store.set(b"large", bytes(range(250)) * 2)
        self.assertEqual(store.get(b"large"), bytes(range(250)) * 2)
        store.set(b"rest", b"x" * 300)
        with self.assertRaises(Full):
            store.set(b"more", b"x")
        with self.assertRaises(Full):
            store.update(b"rest", b"y" * 301)
        self.assertEqual(store.get(b"rest"), b"x" * 300)
        store.update(b"large", b"z")
        with self.assertRaises(CacheError):
            store.update(b"large", b"z" * 801)
        self.check(SMALL)

    def test_it_is_full_with_its_last_item_and_counts_how_often(self) -> None:
        store = self.open()
        for number in range(8):
            store.set(b"%d" % number, b"x")
        for _ in range(2):
            with self.assertRaises(Full):
                store.set(b"8", b"x")
        self.assertEqual(self.word(layout.FULL), 2)
        store.update(b"3", b"y")
        store.delete(b"5")
        store.set(b"8", b"x")
        self.check(SMALL)

    def test_the_item_that_was_not_used_for_longest_makes_room(self) -> None:
        store = self.open(purges_oldest=True)
        for number in range(8):
            store.set(b"%d" % number, b"x")
        store.get(b"0")
        store.update(b"1", b"y")
        store.set(b"8", b"x")
        store.set(b"9", b"x")
        self.assertEqual(sorted(store.keys()), [b"0", b"1", b"4", b"5", b"6", b"7", b"8", b"9"])
        self.check(SMALL)

    def test_several_items_make_room_for_a_large_one_which_may_be_the_oldest_itself(self) -> None:
        store = self.open(purges_oldest=True, spans_blocks=True)
        for number in range(4):
            store.set(b"%d" % number, b"x" * 200)
        store.update(b"0", b"y" * 700)
        self.assertEqual(store.get(b"0"), b"y" * 700)
        self.check(SMALL)

    def test_all_items_make_room_where_that_is_wanted(self) -> None:
        store = self.open(clears_when_full=True)
        for number in range(9):
            store.set(b"%d" % number, b"x")
        self.assertEqual(store.keys(), [b"8"])
        self.check(SMALL)

    def test_an_item_expires_to_the_moment(self) -> None:
        store = self.open()
        with mock.patch.object(cache_store, "time") as clock:
            clock.return_value = 1000.0
            store.set(b"short", b"x", 5)
            store.set(b"long", b"x", 500)
            store.set(b"ever", b"x", 0)
            store.set(b"negative", b"x", -5)
            clock.return_value = 1004.9
            self.assertEqual(store.get(b"short"), b"x")
            clock.return_value = 1005.0
            self.assertIsNone(store.get(b"short"))
            self.assertEqual(sorted(store.keys()), [b"ever", b"long", b"negative"])
            self.assertFalse(store.delete(b"short"))
            store.set(b"short", b"y", 5)
            clock.return_value = 1010.0
            self.assertTrue(store.set(b"short", b"z"))
            self.assertEqual(store.get(b"short"), b"z")
        self.check(SMALL)

    def test_what_has_expired_makes_room_first(self) -> None:
        store = self.open(purges_oldest=True)
        with mock.patch.object(cache_store, "time") as clock:
            clock.return_value = 1000.0
            store.set(b"oldest", b"x")
            for number in range(7):
                store.set(b"%d" % number, b"x", 5 if number == 3 else 100)
            clock.return_value = 1006.0
            store.set(b"new", b"x")
            self.assertIn(b"oldest", store.keys())
            self.assertNotIn(b"3", store.keys())
            # Nothing else has expired, so nobody looks again before something can have.
            self.assertEqual(self.word(layout.NEXT_EXPIRY), 1100_000_000)
        self.assertEqual(self.word(layout.FULL), 0)
        self.check(SMALL)

    def test_nothing_expires_where_that_is_wanted(self) -> None:
        store = self.open(never_expires=True)
        with mock.patch.object(cache_store, "time", return_value=1000.0):
            store.set(b"a", b"x", 1)
        self.assertEqual(store.get(b"a"), b"x")

    def test_numbers_keep_their_time_and_go_round(self) -> None:
        store = self.open(first_number=100)
        store.calculate(b"n", lambda number: number + 5)
        self.assertEqual(store.get(b"n"), as_bytes(105))
        store.calculate(b"n", lambda number: number + 2**63)
        self.assertEqual(as_number(store.get(b"n") or b""), 105 - 2**63)
        store.set(b"text", b"abc")
        store.calculate(b"text", lambda number: number + 1)
        self.assertEqual(store.get(b"text"), b"bbc\0\0\0\0\0")
        with mock.patch.object(cache_store, "time") as clock:
            clock.return_value = 1000.0
            store.set(b"brief", as_bytes(1), 5)
            store.calculate(b"brief", lambda number: number + 1, 500)
            clock.return_value = 1005.0
            self.assertIsNone(store.get(b"brief"))

    def test_clear_leaves_nothing(self) -> None:
        store = self.open()
        for number in range(8):
            store.set(b"%d" % number, b"x")
        store.clear()
        self.assertEqual(store.keys(), [])
        self.check(SMALL)

    def test_any_order_of_changes_leaves_a_sound_table(self) -> None:
        for habits in ({}, {"purges_oldest": True}, {"spans_blocks": True}, {"spans_blocks": True, "purges_oldest": True}):
            os.path.exists(self.path) and os.unlink(self.path)
            store, expected = self.open(**habits), {}
            choose = random.Random(7)
            for _ in range(3000):
                key = b"k%d" % choose.randrange(14)
                value = bytes([choose.randrange(256)]) * choose.randrange(1, 300 if "spans_blocks" in habits else 100)
                try:
                    if choose.random() < 0.3:
                        self.assertEqual(store.delete(key), expected.pop(key, None) is not None)
                    else:
                        store.update(key, value)
                        expected[key] = value
                except Full:
                    pass
                there = store.keys()
                expected = {key: value for key, value in expected.items() if key in there or "purges_oldest" not in habits}
                self.assertEqual({key: store.peek(key) for key in there}, expected)
            self.check(SMALL)

    def test_no_room_in_the_file_system_is_a_full_cache(self) -> None:
        store = self.open()
        store.set(b"a", b"x")
        with mock.patch.object(cache_file.os, "pwrite", side_effect=OSError(28, "No space left on device")):
            for key in (b"a", b"b"):
                with self.assertRaisesRegex(Full, "No space left"):
                    store.update(key, b"y")
        self.check(SMALL)
        store.update(b"b", b"z")
        self.assertEqual(store.get(b"b"), b"z")


class FileTest(StoreTestCase):
    def test_who_opens_it_next_finds_what_is_there(self) -> None:
        self.open().set(b"a", b"1")
        self.assertEqual(self.open().get(b"a"), b"1")

    def test_another_file_or_other_sizes_are_refused_with_a_remedy(self) -> None:
        self.open().set(b"a", b"1")
        other = SMALL._replace(items=9, blocks=9)
        with self.assertRaisesRegex(CacheError, "other sizes: remove the file, or add store_delete=1"):
            open_cache_file(self.path, other)
        before = self.open()
        store = CacheStore(open_cache_file(self.path, other, replaces=True), other)
        self.assertEqual(store.keys(), [])
        self.assertEqual(before.get(b"a"), b"1", "who has the old one goes on with it")
        with open(self.path, "wb") as file:
            file.write(b"a letter to somebody")
        with self.assertRaisesRegex(CacheError, "is no cache of tsuwsgi"):
            open_cache_file(self.path, SMALL, replaces=True)

    def test_one_that_nobody_has_finished_is_made_anew(self) -> None:
        with mock.patch.object(cache_file.os, "ftruncate", side_effect=OSError(28, "No space left on device")), self.assertRaises(OSError):
            self.open()
        self.open().set(b"a", b"1")
        self.assertEqual(self.open().get(b"a"), b"1")

    def test_its_memory_is_what_is_used(self) -> None:
        large = Geometry(items=1000, blocks=1000, block_size=65536, key_size=2048, buckets=1024)
        store = self.open(large)
        store.set(b"a", b"x" * 5000)
        self.assertGreater(os.stat(self.path).st_size, 65_000_000)
        self.assertLess(os.stat(self.path).st_blocks * 512, 300_000)

    def test_items_that_cannot_be_right_are_dropped_when_a_store_is_taken_over(self) -> None:
        store = self.open()
        for key in (b"good", b"key", b"block", b"size"):
            store.set(key, b"x")
        table = cache_table.CacheTable(self.file, SMALL)
        found = {key: table.find(key) for key in (b"key", b"block", b"size")}
        self.file.memory[SMALL.keys_at + SMALL.key_size * found[b"key"].number] = 0
        for key, field, value in ((b"block", 12, 99), (b"size", 16, 101)):
            at = SMALL.records_at + layout.RECORD.size * found[key].number + field
            self.file.memory[at : at + 4] = value.to_bytes(4, "little")
        store.repair()
        self.assertEqual(store.keys(), [b"good"])
        self.check(SMALL)


class FunctionsTest(StoreTestCase):
    """cache_*; their results beside those of uWSGI are in test/e2e/caches-oracle.test.ts."""

    def make(self, first_items: Optional[List[FirstItem]] = None, **changes: Any) -> Caches:
        config = CacheConfig("one", self.path, SMALL, Habits(), is_kept=False, replaces=False, is_quiet=False)._replace(**changes)
        caches = Caches(Shared([config], first_items or [], None, []))
        caches.open()
        return caches

    def test_they_are_for_the_first_cache_or_for_the_one_that_is_named(self) -> None:
        caches = self.make()
        caches.cache_set("a", "x")
        self.assertEqual([caches.cache_get("a"), caches.cache_get("a", ""), caches.cache_get("a", "one")], [b"x"] * 3)
        self.assertIsNone(caches.cache_get("a", "two"))

    def test_a_cache_of_another_server_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "no caches of other servers"):
            self.make().cache_get("a", "one@127.0.0.1:3031")

    def test_a_full_cache_is_told_once_a_minute_with_a_remedy(self) -> None:
        caches = self.make()
        with captured_log() as log:
            for number in range(20):
                caches.cache_set(str(number), "x")
            self.assertEqual(log().count('cache "one" is full; more items or blocks, or purge_lru=1, would make room'), 1)
            self.assertEqual(log().count("\n"), 1)

    def test_a_full_cache_that_is_to_be_quiet_is(self) -> None:
        caches = self.make(is_quiet=True)
        with captured_log() as log:
            self.assertEqual([caches.cache_set(str(number), "x") for number in range(9)], [True] * 8 + [None])
            self.assertEqual(log(), "")

    def test_items_are_there_from_the_start_and_a_file_that_is_missing_is_told(self) -> None:
        file = Path(self.path).with_name("page")
        file.write_bytes(b"<p>")
        first = [FirstItem(None, "a", "1", None), FirstItem("one", "page", None, str(file)), FirstItem(None, "none", None, "/nothing")]
        with captured_log() as log:
            caches = self.make(first)
            self.assertRegex(log(), r'cache "one": none is not in it: .*No such file')
        self.assertEqual([caches.cache_get("a"), caches.cache_get("page"), caches.cache_get("none")], [b"1", b"<p>", None])

    def test_a_cache_that_cannot_be_had_is_named(self) -> None:
        with self.assertRaisesRegex(CacheError, 'cache2 "one" cannot be had: .*No such file or directory'):
            self.make(path="/nowhere/cache")
