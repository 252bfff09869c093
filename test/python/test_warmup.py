from __future__ import annotations

import signal
import tempfile
import threading
import time
import unittest
from typing import Any, Dict, List, Sequence

from .support import GET, HELLO, ProcessTestCase, captured_log, file_of_digits, make_config

from tsuwsgi import fork_safety, running, warmup
from tsuwsgi.api.module import uwsgi
from tsuwsgi.mounts import Mounted

# Of no request below is it the end.
LONG = 30


def request(path: str = "/x", **over: Any) -> Dict[str, Any]:
    first = {"text": path, "scheme": "http", "host": "localhost", "target": path, "application": 0, "scriptName": "", "pathInfo": path}
    return {**first, **over}


class WarmUpTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def warm_up(self, application: Any, *requests: Dict[str, Any], seconds: float = LONG, number: int = 0, **over: Any) -> str:
        """What the log tells of it."""
        config = make_config(self.directory, warmup={"requests": requests or [request()], "seconds": seconds}, **over)
        with captured_log() as log:
            warmup.warm_up(config, [Mounted("", application, number)])
            return log()

    def environ_of(self, **over: Any) -> Dict[str, Any]:
        found: List[Dict[str, Any]] = []

        def application(environ: Dict[str, Any], start_response: Any) -> Sequence[bytes]:
            found.append(dict(environ, body=environ["wsgi.input"].read()))
            start_response("200 OK", [])
            return [b"answer"]

        self.assertIn(": 200 in 0.", self.warm_up(application, request(**over)))
        return found[0]

    def test_asks_as_a_client_would(self) -> None:
        environ = self.environ_of(path="/a?b=%20", target="/a?b=%20", pathInfo="/a")
        self.assertEqual({name: environ.get(name) for name in GET}, {**GET, "REQUEST_URI": "/a?b=%20", "PATH_INFO": "/a", "QUERY_STRING": "b=%20"})
        self.assertEqual((environ["HTTP_HOST"], environ["HTTP_USER_AGENT"]), ("localhost", "tsuwsgi-warmup/1.2.3"))
        self.assertEqual((environ["wsgi.url_scheme"], environ["wsgi.version"], environ["body"]), ("http", (1, 0), b""))

    def test_asks_by_the_name_that_is_written(self) -> None:
        environ = self.environ_of(scheme="https", host="example.com:8443")
        self.assertEqual([environ[name] for name in ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT")], ["example.com:8443", "example.com", "8443"])
        self.assertEqual([environ[name] for name in ("wsgi.url_scheme", "HTTPS", "HTTP_X_FORWARDED_PROTO")], ["https", "on", "https"])
        environ = self.environ_of(scheme="https", host="[::1]")
        self.assertEqual((environ["SERVER_NAME"], environ["SERVER_PORT"]), ("[::1]", "443"))

    def test_asks_below_the_mountpoint(self) -> None:
        environ = self.environ_of(target="/shop/a", scriptName="/shop", pathInfo="/a")
        self.assertEqual([environ[name] for name in ("REQUEST_URI", "SCRIPT_NAME", "PATH_INFO")], ["/shop/a", "/shop", "/a"])

    def test_takes_the_whole_answer_and_closes_it(self) -> None:
        done: List[str] = []

        class Answer:
            def __iter__(self) -> Any:
                yield b"first"
                yield b"last"
                done.append("read")

            def close(self) -> None:
                done.append("closed")

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])(b"written")
            return Answer()

        uwsgi.after_req_hook = lambda: done.append("after")
        self.addCleanup(delattr, uwsgi, "after_req_hook")
        self.assertIn("warm-up of /x: 200 in 0.", self.warm_up(application))
        self.assertEqual(done, ["read", "closed", "after"])

    def test_takes_files(self) -> None:
        path = file_of_digits(self)

        def wrapped(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return environ["wsgi.file_wrapper"](open(path, "rb"))

        def named(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [("X-Sendfile", path)])
            return []

        self.assertIn(": 200 in 0.", self.warm_up(wrapped))
        self.assertIn(": 200 in 0.", self.warm_up(named, sentFolders=[path.rpartition("/")[0]]))

    def test_is_a_request_for_those_who_look_for_it(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK" if running.request_of_this_thread()[1] is environ else "500 Where", [])
            return []

        self.assertIn(": 200 in 0.", self.warm_up(application))
        self.assertIsNone(running.own_slot())

    def test_tells_of_an_exception_and_goes_on(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            if environ["PATH_INFO"] == "/broken":
                raise ValueError("broken")
            start_response("200 OK", [])
            return []

        log = self.warm_up(application, request("/broken"), request("/x"))
        self.assertRegex(
            log, r"(?s)Traceback.*in application.*ValueError: broken\n.*warm-up of /broken: 500 in .* failed with ValueError, shown above"
        )
        self.assertNotIn("/tsuwsgi/warmup.py", log)
        self.assertRegex(log, r"warm-up of /x: 200 in [\d.]+ s\n$")

    def test_survives_whatever_the_application_does(self) -> None:
        def exits(environ: Any, start_response: Any) -> Any:
            raise SystemExit(3)

        def fails_late(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            yield b"begun"
            raise ValueError("late")

        class FailsToClose(List[bytes]):
            def close(self) -> None:
                raise ValueError("close")

        def fails_to_close(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return FailsToClose()

        self.assertIn("500 in 0.00 s: it failed with SystemExit", self.warm_up(exits))
        self.assertIn("200 in 0.00 s: it failed with ValueError", self.warm_up(fails_late))
        self.assertIn("200 in 0.00 s: it failed with ValueError", self.warm_up(fails_to_close))
        self.assertIn("500 in 0.00 s: it failed with AssertionError", self.warm_up(lambda environ, start_response: []))
        self.assertIn("500 in 0.00 s: it failed with TypeError", self.warm_up(lambda environ: []))

    def test_says_what_to_make_of_other_answers(self) -> None:
        def answering(status: str, *headers: Any) -> Any:
            def application(environ: Any, start_response: Any) -> Any:
                start_response(status, list(headers))
                return []

            return application

        self.assertIn("503 in 0.00 s: it failed", self.warm_up(answering("503 Unavailable")))
        self.assertIn("write warmup = https://HOST/PATH", self.warm_up(answering("400 Bad Request")))
        self.assertIn("404 in 0.00 s: the application refuses it\n", self.warm_up(answering("404 Not Found")))
        self.assertIn("leads to https://localhost/x,", self.warm_up(answering("301 Moved", ("location", "https://localhost/x"))))

    def test_interrupts_what_takes_too_long_and_leaves_the_rest_out(self) -> None:
        def sleeps(environ: Any, start_response: Any) -> Any:
            time.sleep(LONG)

        def waits_for_a_lock(environ: Any, start_response: Any) -> Any:
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()

        def never_ends(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            while True:
                yield b"more"

        for application in (sleeps, waits_for_a_lock, never_ends):
            log = self.warm_up(application, request("/a"), request("/b"), seconds=0.05)
            self.assertRegex(log, r"warm-up of /a: given up after 0\.[0-4]\d s \(warmup-timeout = 0.05\), and the server starts")
            self.assertIs(f"in {application.__name__}\n" in log, application is not never_ends)
            self.assertIn("warm-up of /b: left out", log)

    def test_insists(self) -> None:
        def holds_on(environ: Any, start_response: Any) -> Any:
            try:
                time.sleep(LONG)
            except BaseException:
                time.sleep(LONG)

        self.assertIn("given up after 0.5", self.warm_up(holds_on, seconds=0.05))

    def test_leaves_the_alarm_as_it_was(self) -> None:
        before = signal.signal(signal.SIGALRM, lambda *_: None)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        mine = signal.getsignal(signal.SIGALRM)
        self.warm_up(lambda environ, start_response: start_response("200 OK", []) and [])
        self.assertEqual((signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)), (mine, (0, 0)))

    def test_leaves_an_alarm_that_the_application_sets(self) -> None:
        before = signal.getsignal(signal.SIGALRM)
        self.addCleanup(signal.signal, signal.SIGALRM, before)

        def application(environ: Any, start_response: Any) -> Any:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            start_response("200 OK", [])
            return []

        self.warm_up(application)
        self.assertEqual(signal.getsignal(signal.SIGALRM), signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def test_an_application_that_is_not_loaded_is_not_asked(self) -> None:
        self.assertEqual(self.warm_up(lambda environ, start_response: [], number=-1), "")


LAZY = """
import os, sys

def application(environ, start_response):
    import colorsys
    print(f"asked in {os.getpid()}, {'a worker' if environ['PATH_INFO'] == '/x' else 'a warm-up'}", flush=True)
    start_response('200 OK', [])
    return [str('colorsys' in sys.modules).encode()]
"""


class SpawnerTest(ProcessTestCase):
    ONE = {"requests": [request("/warm")], "seconds": LONG}

    def test_warms_up_once_before_the_fork(self) -> None:
        master = self.start({"hello.py": LAZY}, direct=True, warmup=self.ONE)
        self.assertEqual(master.report("warming"), {"type": "warming", "seconds": LONG})
        master.report("loaded")
        self.assertIn(f"asked in {master.process.pid}, a warm-up\n", master.log)
        master.start_worker(0, 1)
        master.start_worker(1, 2)
        self.assertEqual(master.log.count("a warm-up"), 1)
        self.assertEqual(master.ask().body, b"True")

    def test_warms_up_in_each_worker_with_lazy(self) -> None:
        master = self.start({"hello.py": LAZY}, lazy=True, warmup=self.ONE)
        master.report("loaded")
        self.assertEqual(master.log, "")
        worker = master.start_worker(0, 1)
        self.assertIn(f"asked in {worker.hello['pid']}, a warm-up\n", master.log)
        self.assertIn("worker 1: warm-up of /warm: 200", master.log)

    def test_what_is_for_each_worker_runs_in_each(self) -> None:
        text = "import os, uwsgi\nuwsgi.post_fork_hook = lambda: print('forked', os.getpid(), uwsgi.worker_id(), flush=True)\n" + HELLO
        master = self.start({"hello.py": text}, warmup=self.ONE)
        pids = [master.start_worker(0, 1).hello["pid"], master.start_worker(1, 2).hello["pid"]]
        self.assertEqual([line for line in master.log.split("\n") if "forked" in line], [f"forked {pids[0]} 1", f"forked {pids[1]} 2"])

    def test_is_in_no_log_and_no_count_of_requests(self) -> None:
        text = "import uwsgi\n" + HELLO.replace("environ['PATH_INFO']", "str(uwsgi.total_requests())")
        master = self.start({"hello.py": text}, direct=True, warmup=self.ONE, logRequests=True)
        master.start_worker()
        self.assertIn("warm-up of /warm: 200", master.log)
        self.assertEqual(master.ask().body, b"hello 0")
        self.assertNotIn("GET /warm", master.log)

    def test_warns_of_what_it_leaves_behind(self) -> None:
        text = "import sqlite3\nopened = []\n" + HELLO.replace(
            "    start", "    opened.append(sqlite3.connect('shop.db'))\n    opened[-1].execute('create table items (name)')\n    start", 1
        )
        master = self.start({"hello.py": text}, warmup=self.ONE)
        master.start_worker()
        self.assertRegex(master.log, r"fork safety: importing the application and its warm-up left 1 open SQLite database \(/.*/shop\.db\)")

    def test_says_nothing_of_what_the_application_closes_before_the_fork(self) -> None:
        text = "import os, sqlite3\nopened = []\nos.register_at_fork(before=lambda: opened.pop().close())\n" + HELLO.replace(
            "    start", "    opened.append(sqlite3.connect('shop.db'))\n    opened[-1].execute('create table items (name)')\n    start", 1
        )
        master = self.start({"hello.py": text}, warmup=self.ONE)
        master.start_worker()
        self.assertNotIn("fork safety", master.log)

    def test_labels_its_lines_where_lines_are_labelled(self) -> None:
        master = self.start({"hello.py": LAZY}, warmup=self.ONE, logAttribution="text")
        master.report("loaded")
        self.assertIn("[spawner GET /warm #0] asked in", master.log)


class DjangoTest(unittest.TestCase):
    def test_closes_the_connections_that_django_keeps(self) -> None:
        import sys
        from types import SimpleNamespace

        closed: List[bool] = []
        sys.modules["django.db"] = SimpleNamespace(connections=SimpleNamespace(close_all=lambda: closed.append(True)))  # type: ignore[assignment]
        self.addCleanup(sys.modules.pop, "django.db")
        fork_safety.close_kept_connections()
        self.assertEqual(closed, [True])
