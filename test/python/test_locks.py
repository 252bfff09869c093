"""`uwsgi.lock`: what one process or thread holds, no other has."""

from __future__ import annotations

import os
import tempfile
import threading
import unittest

from .support import PATIENCE

from tsuwsgi.api.locks import Locks


class LocksTest(unittest.TestCase):
    def setUp(self) -> None:
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        self.path = file.name
        self.locks = Locks(self.path, 2)

    def test_another_process_waits_for_it_and_has_it_when_the_holder_dies(self) -> None:
        holds, may_die = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            self.locks.lock()
            os.write(holds[1], b".")
            os.read(may_die[0], 1)
            os._exit(0)
        os.read(holds[0], 1)
        self.assertTrue(self.locks.is_locked())
        self.assertFalse(self.locks.is_locked(1))
        os.write(may_die[1], b".")
        os.waitpid(pid, 0)
        self.locks.lock()
        self.assertTrue(self.locks.is_locked())
        self.locks.unlock()
        self.assertFalse(self.locks.is_locked())

    def test_threads_of_a_process_exclude_each_other(self) -> None:
        self.locks.lock(1)
        taken = threading.Event()

        def take() -> None:
            self.locks.lock(1)
            taken.set()

        other = threading.Thread(target=take, daemon=True)
        other.start()
        self.assertFalse(taken.wait(0.05))
        self.locks.unlock(1)
        self.assertTrue(taken.wait(PATIENCE))

    def test_what_is_not_held_can_be_given_back(self) -> None:
        self.locks.unlock()

    def test_no_descriptor_is_left(self) -> None:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            self.locks.lock()
            self.locks.is_locked()
            self.locks.unlock()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_there_are_so_many(self) -> None:
        for number in (2, -1):
            with self.assertRaisesRegex(ValueError, "locks = 1 gives 0 to 1"):
                self.locks.lock(number)
        with self.assertRaises(TypeError):
            self.locks.lock("0")  # type: ignore[arg-type]
