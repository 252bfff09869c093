from __future__ import annotations

import os
import stat
import unittest
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, Iterator, List

from .support import HELLO, MOMENTS, ProcessTestCase

from tsuwsgi import hooks


def step(text: str, option: str = "hook-pre-app") -> Dict[str, Any]:
    """A step as the master sends it; what an action works on is cut as the master cuts it."""
    action, _, words = text.partition(":")
    count = {"write": 2, "writen": 2, "append": 2, "appendn": 2, "writefifo": 2, "chmod": 2, "chown": 3}.get(action, 1)
    return {"option": option, "text": text, "action": action, "words": words.split(" ", count - 1)}


def run(*texts: str) -> None:
    hooks.run(hooks.read_hooks({"pre-app": [step(text) for text in texts]})["pre-app"])


@contextmanager
def new_directory() -> Iterator[Path]:
    before = os.getcwd()
    with TemporaryDirectory() as path:
        os.chdir(path)
        try:
            yield Path(path)
        finally:
            os.chdir(before)


class ActionsTest(unittest.TestCase):
    def test_files_are_made_changed_and_removed(self) -> None:
        with new_directory() as room:
            run("mkdir:d", "create:d/empty", "write:text one two", "append:text , three", "writen:lines one", "appendn:lines two", "unlink:d/empty")
            run("chmod:text 600", "sticky:d", f"chown:lines {os.getuid()} {os.getgid()}")
            self.assertEqual(sorted(each.name for each in room.iterdir()), ["d", "lines", "text"])
            self.assertEqual((room / "text").read_text(), "one two, three")
            self.assertEqual((room / "lines").read_text(), "one\ntwo\n")
            self.assertEqual(stat.S_IMODE((room / "text").stat().st_mode), 0o600)
            self.assertTrue((room / "d").stat().st_mode & stat.S_ISVTX)

    def test_the_directory_and_the_environment_are_those_of_the_process(self) -> None:
        self.addCleanup(os.environ.pop, "HOOK_TEST", None)
        with new_directory() as room:
            run("mkdir:d", "cd:d", "putenv:HOOK_TEST=a=b", 'exec:echo "$HOOK_TEST" > seen')
            self.assertEqual((room / "d" / "seen").read_text(), "a=b\n")

    def test_a_fifo_is_written_when_somebody_reads_it(self) -> None:
        with new_directory():
            os.mkfifo("pipe")
            self.assert_fails("writefifo:pipe hello", "No such device or address")
            reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, reader)
            run("writefifo:pipe hello")
            self.assertEqual(os.read(reader, 100), b"hello")

    def test_what_is_there_is_not_waited_for(self) -> None:
        with new_directory():
            run("create:f", "mkdir:d", "wait_for_fs:f", "wait_for_fs:d", "wait_for_file:f", "wait_for_dir:d")

    def test_what_cannot_be_done_is_named_and_ends_the_row(self) -> None:
        with new_directory() as room:
            self.assert_fails("mkdir:a/b", "hook-pre-app = mkdir:a/b: ", "No such file or directory")
            self.assert_fails("exec:exit 7", 'command "exit 7" exited with non-zero code: 7')
            self.assert_fails("exec:kill -9 $$", 'command "kill -9 $$" was ended by signal 9')
            with self.assertRaises(hooks.HookFailed):
                run("exec:false", "create:after")
            self.assertEqual(list(room.iterdir()), [])

    def test_safeexec_may_fail(self) -> None:
        with new_directory() as room:
            run("safeexec:false", "create:after")
            self.assertTrue((room / "after").exists())

    def test_exit_carries_its_status(self) -> None:
        for text, status in (("exit:33", 33), ("exit:", 0)):
            with self.assertRaises(hooks.HookFailed) as caught:
                run(text)
            self.assertEqual(caught.exception.status, status)

    def assert_fails(self, text: str, *parts: str) -> None:
        with self.assertRaises(hooks.HookFailed) as caught:
            run(text)
        for part in parts:
            self.assertIn(part, str(caught.exception))


class MomentsTest(ProcessTestCase):
    def test_around_the_import_then_in_each_worker_before_it_is_ready(self) -> None:
        master = self.start({"hello.py": "print('imported', flush=True)\n" + HELLO}, hooks=self.prints(*MOMENTS))
        master.report("loaded")
        self.assertEqual(self.told(master.log), ["pre-app", "imported", "post-app"])
        master.start_worker(0, 2)
        self.assertEqual(self.told(master.log)[3:], ["post-fork", "accepting", "accepting-once"])
        master.start_worker(1, 1)
        self.assertEqual(self.told(master.log)[6:], ["post-fork", "accepting", "accepting-once", "accepting1", "accepting1-once"])

    def test_once_is_not_again_in_a_successor(self) -> None:
        master = self.start({"hello.py": HELLO}, hooks=self.prints("accepting", "accepting-once", "accepting1-once"))
        master.start_worker(0, 1)
        first = len(self.told(master.log))
        master.start_worker(1, 1)
        self.assertEqual(self.told(master.log)[first:], ["accepting"])

    def test_with_lazy_each_worker_has_them_around_its_import(self) -> None:
        hooks_of_it = self.prints("pre-app", "post-app", "post-fork", "accepting")
        master = self.start({"hello.py": "print('imported', flush=True)\n" + HELLO}, lazy=True, hooks=hooks_of_it)
        master.report("loaded")
        master.start_worker(0, 2)
        self.assertEqual(self.told(master.log), ["post-fork", "pre-app", "imported", "post-app", "accepting"])

    def test_a_failure_before_the_application_is_one_of_the_start(self) -> None:
        master = self.start({"hello.py": HELLO}, hooks={**self.prints(), "pre-app": [step("exec:exit 7")]})
        failed = master.report("failed")
        self.assertEqual((failed["reason"], failed["status"]), ('hook-pre-app = exec:exit 7: command "exit 7" exited with non-zero code: 7', 1))
        self.assertEqual(master.process.wait(10), 1)

    def test_the_application_sees_the_environment_that_a_hook_made(self) -> None:
        text = "import os\nprint(os.environ['FROM_HOOK'], flush=True)\n" + HELLO
        master = self.start({"hello.py": text}, hooks={**self.prints(), "pre-app": [step("putenv:FROM_HOOK=yes")]})
        master.report("loaded")
        self.assertIn("yes\n", master.log)

    def prints(self, *moments: str) -> Dict[str, List[Dict[str, Any]]]:
        return {moment: [step(f"print:{moment}", f"hook-{moment}")] if moment in moments else [] for moment in MOMENTS}

    def told(self, log: str) -> List[str]:
        return [line for line in log.splitlines() if not line.startswith("running ")]
