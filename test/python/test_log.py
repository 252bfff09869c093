from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .support import ROOT

HEAD = "import os, sys\nfrom tsuwsgi import log\n"


class ReopenTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.path = self.directory / "log"

    def run_in(self, before: str, *lines: str) -> None:
        """A program whose output is the log `before`."""
        with open(self.directory / before, "a") as output:
            program = HEAD + "\n".join(lines)
            subprocess.run([sys.executable, "-c", program, str(self.path)], cwd=ROOT / "python", stdout=output, stderr=output, check=True)

    def test_both_outputs_go_on_in_the_new_file(self) -> None:
        self.path.touch()
        self.run_in("old", "log.write(b'one\\n')", "log.reopen(sys.argv[1])", "log.write(b'two\\n')", "os.write(1, b'three\\n')")
        self.assertEqual((self.directory / "old").read_text(), "one\n")
        self.assertEqual(self.path.read_text(), "two\nthree\n")

    def test_programs_that_the_application_starts_write_there_too(self) -> None:
        self.path.touch()
        self.run_in("old", "log.reopen(sys.argv[1])", "os.system('echo out; echo err >&2')")
        self.assertEqual(self.path.read_text(), "out\nerr\n")

    def test_an_output_that_the_application_sent_elsewhere_stays_there(self) -> None:
        self.path.touch()
        elsewhere = self.directory / "elsewhere"
        self.run_in("old", f"os.dup2(os.open({str(elsewhere)!r}, os.O_WRONLY | os.O_CREAT), 1)", "log.reopen(sys.argv[1])", "os.write(1, b'x')")
        self.assertEqual((elsewhere.read_text(), self.path.read_text()), ("x", ""))

    def test_where_the_file_cannot_be_opened_the_lines_go_on_where_they_went(self) -> None:
        self.run_in("old", "log.reopen(sys.argv[1])", "log.write(b'two\\n')")
        self.assertRegex((self.directory / "old").read_text(), r"cannot write the log .*No such file.*its lines go on where they went\ntwo\n$")
