from __future__ import annotations

import os
import signal
import sys
from unittest import mock

from .support import GET, HELLO, ProcessTestCase, read_answer, read_frame, accepted, request_frame


class SpawnerTest(ProcessTestCase):
    def test_says_who_it_is_and_what_it_loaded(self) -> None:
        master = self.start({"hello.py": HELLO})
        self.assertEqual(master.hello["role"], "spawner")
        self.assertEqual((master.hello["generation"], master.hello["pid"]), (7, master.process.pid))
        self.assertRegex(master.hello["python"], r"^3\.\d+")
        self.assertEqual(master.hello["executable"], os.environ.get("TSUWSGI_TEST_PYTHON", sys.executable))
        loaded = master.report("loaded")
        self.assertEqual(loaded["names"], ["uwsgi_file_hello"])
        self.assertEqual([0 <= seconds <= loaded["seconds"] for seconds in loaded["times"]], [True])

    def test_the_application_is_imported_once_for_all_workers(self) -> None:
        master = self.start({"hello.py": "print('imported', flush=True)\n" + HELLO}, direct=True)
        master.start_worker(0, 1)
        master.start_worker(1, 2)
        self.assertEqual(master.ask().body, b"hello /x")
        self.assertEqual(master.log.count("imported"), 1)

    def test_with_lazy_each_worker_imports_it(self) -> None:
        master = self.start({"hello.py": "print('imported', flush=True)\n" + HELLO}, direct=True, lazy=True)
        master.report("loaded")
        self.assertEqual(master.log, "")
        master.start_worker(0, 1)
        master.start_worker(1, 2)
        self.assertEqual(master.log.count("imported"), 2)

    def test_the_application_sees_uwsgis_path_and_arguments_and_nothing_of_ours(self) -> None:
        text = "import sys\nprint(sys.argv, sys.path[:4], [p for p in sys.path if 'tsuwsgi' in p or p.endswith('/python')], flush=True)\n" + HELLO
        master = self.start({"hello.py": text}, pythonPath=["/one", "/two"])
        master.report("loaded")
        self.assertEqual(master.log, "['uwsgi'] ['/two', '/one', '.', ''] []\n")

    def test_a_line_is_written_at_once_and_whole_whatever_pythonunbuffered_says(self) -> None:
        text = f"""
import os, socket, sys
here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
log = os.dup(1)
for stream in (sys.stdout, sys.stderr):
    os.dup2(there.fileno(), stream.fileno())
    print('one', 'line', file=stream)
    os.dup2(log, stream.fileno())
    print(here.recv(100))
{HELLO}"""
        for unbuffered in ("", "1"):
            with self.subTest(unbuffered=unbuffered), mock.patch.dict(os.environ, PYTHONUNBUFFERED=unbuffered):
                master = self.start({"hello.py": text})
                master.report("loaded")
                self.assertEqual(master.log, "b'one line\\n'\n" * 2)

    def test_an_import_that_fails_is_reported_and_ends_it_with_22(self) -> None:
        master = self.start({"hello.py": "import not_there_at_all"})
        self.assertIn("No module named 'not_there_at_all'", master.report("failed")["reason"])
        self.assertEqual(master.process.wait(10), 22)
        self.assertIn('File "hello.py", line 1', master.log)
        self.assertNotIn("loader.py", master.log)

    def test_without_need_app_it_answers_500(self) -> None:
        master = self.start({"hello.py": "nothing = 1"}, direct=True, needApp=False)
        self.assertEqual(master.report("loaded")["names"], [""])
        master.start_worker()
        self.assertEqual(master.ask().status, "HTTP/1.1 500 Internal Server Error")
        self.assertIn("no application is loaded", master.log)

    def test_reports_the_birth_and_the_end_of_each_worker(self) -> None:
        master = self.start({"hello.py": HELLO})
        worker = master.start_worker(seat=1, worker=2)
        born = master.report("forked")
        self.assertEqual((born["seat"], born["pid"]), (1, worker.hello["pid"]))
        os.kill(worker.hello["pid"], signal.SIGKILL)
        self.assertEqual(master.report("exited"), {"type": "exited", "seat": 1, "pid": worker.hello["pid"], "status": None, "signal": 9})
        worker = master.start_worker(seat=0, worker=1)
        worker.send(type="stop")
        self.assertEqual(master.report("exited"), {"type": "exited", "seat": 0, "pid": worker.hello["pid"], "status": 0, "signal": None})

    def test_signals_of_the_terminal_do_nothing(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True)
        worker = master.start_worker()
        for number in (signal.SIGINT, signal.SIGQUIT):
            os.kill(worker.hello["pid"], number)
            os.kill(master.process.pid, number)
        os.kill(master.process.pid, signal.SIGTERM)
        self.assertEqual(master.ask().body, b"hello /x")
        self.assertIsNone(master.process.poll())

    def test_ends_with_its_master(self) -> None:
        master = self.start({"hello.py": HELLO})
        master.report("loaded")
        master.spawner.close()
        self.assertEqual(master.process.wait(10), 0)

    def test_ends_with_its_master_while_it_imports_the_application_whatever_was_said_before(self) -> None:
        # It says when it is being imported: on its way out the spawner empties the runtime directory, and here the application is in that.
        begun = "import socket, time\nsocket.socket(socket.AF_UNIX).connect('gateway.sock')\ntime.sleep(60)\n"
        master = self.start({"hello.py": begun + HELLO})
        accepted(master.gateway).close()
        master.spawner.send(type="reopen-log", path="/nowhere")
        master.spawner.close()
        self.assertEqual(master.process.wait(10), 0)

    def test_stops_on_command(self) -> None:
        master = self.start({"hello.py": "import atexit; atexit.register(print, 'not in the spawner')\n" + HELLO})
        master.report("loaded")
        master.spawner.send(type="stop")
        self.assertEqual(master.process.wait(10), 0)
        self.assertEqual(master.log, "")

    def test_the_address_space_is_limited_in_the_workers(self) -> None:
        text = """
def application(environ, start_response):
    if environ['PATH_INFO'] == '/large':
        bytearray(1 << 30)
    start_response('200 OK', [])
    return [b'small']
"""
        master = self.start({"hello.py": text}, direct=True, limitAsBytes=512 << 20)
        master.start_worker()
        self.assertEqual(master.ask({**GET, "PATH_INFO": "/large"}).status, "HTTP/1.1 500 Internal Server Error")
        self.assertEqual(master.ask().body, b"small")
        self.assertIn("MemoryError", master.log)

    def test_children_of_the_application_keep_their_exit_status(self) -> None:
        text = """
import subprocess, sys
child = subprocess.Popen([sys.executable, '-c', 'raise SystemExit(5)'])
def application(environ, start_response):
    start_response('200 OK', [])
    return [b'%d' % subprocess.run([sys.executable, '-c', 'raise SystemExit(6)']).returncode]
assert child.wait() == 5
"""
        master = self.start({"hello.py": text}, direct=True)
        master.start_worker()
        self.assertEqual(master.ask().body, b"6")


class BothDoorsTest(ProcessTestCase):
    def test_a_worker_serves_both(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True, gateway=True)
        master.start_worker()
        gateway = accepted(master.gateway)
        self.addCleanup(gateway.close)
        read_frame(gateway)
        gateway.sendall(request_frame(1, GET))
        self.assertEqual(read_answer(gateway).body, b"hello /x")
        self.assertEqual(master.ask().body, b"hello /x")
