"""A cache between several processes: what they see of each other, also of those who are killed while they write."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from functools import partial
from typing import Any, Callable
from unittest import mock

from .cache_support import ROOMY, SMALL, Deadline, StoreTestCase

from tsuwsgi.api import cache_layout as layout
from tsuwsgi.api import cache_table
from tsuwsgi.api.cache_store import CacheStore, as_bytes, as_number
from tsuwsgi.api.cache_table import Full


class SharedTest(StoreTestCase):
    def fork(self, act: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                act()
                os._exit(0)
            except BaseException as error:
                os.write(2, repr(error).encode())
            finally:
                os._exit(1)
        return pid

    def join(self, *pids: int) -> None:
        try:
            with Deadline():
                self.assertEqual([os.waitpid(pid, 0)[1] for pid in pids], [0] * len(pids))
        except TimeoutError:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            raise

    def test_numbers_that_all_count_are_exact_between_processes_and_threads(self) -> None:
        store = self.open()

        def count() -> None:
            for _ in range(300):
                store.calculate(b"n", lambda number: number + 1)

        def count_in_threads() -> None:
            threads = [threading.Thread(target=count) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        self.join(*(self.fork(count_in_threads) for _ in range(3)))
        self.assertEqual(as_number(store.get(b"n") or b""), 1800)

    def test_hits_and_misses_are_exact_also_of_those_who_died(self) -> None:
        store = self.open()
        store.set(b"a", b"x")

        def look() -> None:
            for _ in range(200):
                store.get(b"a")
                store.get(b"b")

        for _ in range(3):
            self.join(*(self.fork(look) for _ in range(3)))
        rows = self.file.memory[layout.ROWS_AT : layout.ROWS_AT + 16 * layout.ROWS]
        counted = [int.from_bytes(rows[at : at + 8], "little") for at in range(0, len(rows), 8)]
        self.assertEqual([sum(counted[0::2]), sum(counted[1::2])], [1800, 1800])
        self.assertLessEqual(sum(1 for hits in counted[0::2] if hits), 3, "rows of the dead are used again")

    def test_a_thread_may_fork_while_others_write(self) -> None:
        store, ended = self.open(), threading.Event()

        def write() -> None:
            while not ended.is_set():
                store.update(b"a", b"x")

        thread = threading.Thread(target=write)
        thread.start()
        try:
            for _ in range(50):
                self.join(self.fork(lambda: store.update(b"b", b"y")))
        finally:
            ended.set()
            thread.join()

    def test_a_reader_never_sees_half_a_value(self) -> None:
        store = self.open(ROOMY, spans_blocks=True)
        ready = os.pipe()

        def write() -> None:
            os.write(ready[1], b".")
            choose = random.Random(os.getpid())
            while True:
                store.update(b"a", whole(choose.randrange(256)))

        pids = [self.fork(write) for _ in range(2)]
        for _ in pids:
            os.read(ready[0], 1)
        try:
            end, seen = time.monotonic() + 1.5, set()
            while time.monotonic() < end:
                value = store.get(b"a")
                if value is not None:
                    self.assertEqual(value, whole(value[0]))
                    seen.add(value[0])
            self.assertGreater(len(seen), 20)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def test_who_is_killed_while_writing_leaves_neither_the_lock_nor_a_broken_table(self) -> None:
        repairs = mock.patch.object(cache_table.CacheTable, "rebuild", autospec=True, side_effect=cache_table.CacheTable.rebuild)
        for habits in ({"spans_blocks": True}, {"spans_blocks": True, "purges_oldest": True}):
            os.path.exists(self.path) and os.unlink(self.path)
            store = self.open(ROOMY, **habits)
            with repairs as rebuild:
                # Some die before they write: it goes on until enough of them were in the middle of that.
                round_ = 0
                while round_ < 80 or (rebuild.call_count <= 5 and round_ < 2000):
                    round_ += 1
                    pid = self.fork(partial(change_for_ever, store))
                    time.sleep(random.uniform(0.001, 0.006))
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    with Deadline():
                        store.update(b"after", b"%d" % round_)
                    self.assertEqual(store.get(b"after"), b"%d" % round_)
                    for key in sorted(store.keys()):
                        value = store.peek(key)
                        if value is not None and key != b"after":
                            self.assertEqual(value, whole(value[0]))
                    self.check(ROOMY)
            self.assertGreater(rebuild.call_count, 5, "hardly anybody died while writing: the test shows nothing")

    def test_at_whatever_line_a_writer_dies_the_table_is_sound_and_values_are_whole(self) -> None:
        one = SMALL._replace(items=1)
        for what, geometry, habits, before, act in (
            ("a new item", ROOMY, {}, {}, lambda store: store.set(b"new", whole(20))),
            ("another value", ROOMY, {}, {}, lambda store: store.update(b"b", whole(30))),
            ("another value in the same blocks", SMALL._replace(items=3), {}, {}, lambda store: store.update(b"b", whole(3))),
            ("a larger value without a free item", SMALL._replace(items=3), {}, {}, lambda store: store.update(b"b", whole(99))),
            ("the oldest gives way", SMALL._replace(items=3), {"purges_oldest": True}, {}, lambda store: store.set(b"new", whole(20))),
            ("it was used", ROOMY, {"purges_oldest": True}, {}, lambda store: store.get(b"b")),
            ("a number", ROOMY, {}, {}, lambda store: store.calculate(b"n", lambda number: number + 1)),
            ("it goes", ROOMY, {}, {}, lambda store: store.delete(b"b")),
            ("all go", ROOMY, {}, {}, lambda store: store.clear()),
            ("the same place again", one, {}, {b"a": b""}, lambda store: store.set(b"a", whole(20))),
        ):
            with self.subTest(what):
                deaths = 0
                while True:
                    os.path.exists(self.path) and os.unlink(self.path)
                    store = self.open(geometry, spans_blocks=True, **habits)
                    for key, value in (before or {b"a": whole(1), b"b": whole(40), b"c": whole(2)}).items():
                        store.set(key, value or whole(60))
                        if not value:
                            store.delete(key)
                    pid = self.fork(partial(self.die_after, deaths, partial(act, store)))
                    is_over = os.waitpid(pid, 0)[1] == 0
                    with Deadline():
                        there = {key: store.peek(key) for key in sorted(store.keys())}
                    self.check(geometry)
                    for key, value in there.items():
                        self.assertIn(value, (as_bytes(1),) if key == b"n" else (whole(value[0]),))
                    if what not in ("all go", "the oldest gives way", "the same place again"):
                        self.assertEqual([there.get(b"a"), there.get(b"c")], [whole(1), whole(2)])
                    if what == "the same place again":
                        self.assertIn(there.get(b"a"), (None, whole(20)), "what was deleted has come back")
                    if is_over:
                        break
                    deaths += 1
                self.assertGreater(deaths, 10)

    def die_after(self, lines: int, act: Callable[[], Any]) -> None:
        """Ends this process where it would run one line more of the table or the store."""

        def trace(frame: Any, event: str, argument: Any) -> Any:
            nonlocal lines
            if os.path.basename(frame.f_code.co_filename) in ("cache_table.py", "cache_store.py"):
                if event == "line":
                    lines -= 1
                    if lines < 0:
                        os._exit(9)
                return trace
            return None

        sys.settrace(trace)
        act()
        sys.settrace(None)

    def test_readers_do_not_wait_for_one_who_stopped_while_writing_and_died(self) -> None:
        store = self.open()
        store.set(b"a", b"x")

        def die() -> None:
            with mock.patch.object(cache_table.CacheTable, "insert", side_effect=lambda *_: os._exit(0)):
                store.set(b"b", b"y")

        self.join(self.fork(die))
        self.assertEqual(self.word(layout.SEQUENCE) % 2, 1)
        with Deadline():
            self.assertEqual(store.get(b"a"), b"x")
        self.check(SMALL)


def whole(number: int) -> bytes:
    """A value of which any part tells what all of it must be."""
    return bytes([number]) * (1 + number * 3)


def change_for_ever(store: CacheStore) -> None:
    choose = random.Random(os.getpid())
    while True:
        key = b"k%d" % choose.randrange(100)
        try:
            if choose.random() < 0.2:
                store.delete(key)
            else:
                store.update(key, whole(choose.randrange(256)))
        except Full:
            store.clear()
