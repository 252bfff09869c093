from __future__ import annotations

import os
import signal
import subprocess
import sys
import unittest

INIT = os.path.join(os.path.dirname(__file__), "../../python/tsuwsgi/init.py")
ORPHAN = "import os, time\nif os.fork() == 0:\n    if os.fork() == 0:\n        print(os.getpid(), flush=True)\n        time.sleep(0.1)\n    os._exit(0)\nos.wait()\n"


class InitTest(unittest.TestCase):
    def start(self, text: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-I", "-S", INIT, sys.executable, "-c", text]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, universal_newlines=True, start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process: subprocess.Popen[str]) -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def line(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def test_ends_as_its_command_does(self) -> None:
        self.assertEqual(self.start("import sys; sys.exit(22)").wait(10), 22)
        self.assertEqual(self.start("import os; os.kill(os.getpid(), 9)").wait(10), 128 + 9)

    def test_reaps_orphans_and_goes_on(self) -> None:
        # The command asks the system until its orphan is gone; a zombie is there for ever.
        text = ORPHAN + "while True:\n    line = input()\n    print(os.path.exists('/proc/' + line), flush=True)\n"
        process = self.start(text)
        orphan = self.line(process)
        assert process.stdin is not None
        answers = []
        while answers[-1:] != ["False"]:
            process.stdin.write(orphan + "\n")
            process.stdin.flush()
            answers.append(self.line(process))
        self.assertIsNone(process.poll())

    def test_passes_signals_on_once(self) -> None:
        text = (
            "import signal\n"
            "for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP, signal.SIGUSR1):\n"
            "    signal.signal(number, lambda number, _: print(int(number), flush=True))\n"
            "print('ready', flush=True)\n"
            "while True:\n"
            "    signal.pause()\n"
        )
        process = self.start(text)
        self.assertEqual(self.line(process), "ready")
        for number in (signal.SIGHUP, signal.SIGTSTP, signal.SIGUSR1, signal.SIGTERM):
            process.send_signal(number)
            self.assertEqual(self.line(process), str(int(number)))

    def test_the_command_has_no_signal_blocked(self) -> None:
        process = self.start("import signal; print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])), flush=True)")
        self.assertEqual(self.line(process), "0")
