"""Unit tests of api/: the module `uwsgi`, in a slot and in real workers."""

from __future__ import annotations

import os
import socket
import struct
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any, Callable, Dict

from .support import (
    GET,
    PATIENCE,
    ProcessTestCase,
    SlotTestCase,
    captured_log,
    make_config,
    parse_answer,
    read_frame,
    receive_all,
    request_frame,
    uwsgi_packet,
)

from tsuwsgi import running
from tsuwsgi.api import module
from tsuwsgi.api.answer import AwaitedAnswer
from tsuwsgi.api.constants import magic_table, option_table


class ConstantsTest(unittest.TestCase):
    def test_options_are_bytes_but_for_bare_flags_and_the_last_one_counts(self) -> None:
        table = option_table([("master", True), ("pythonpath", "/a"), ("vacuum", ""), ("pythonpath", "/é"), ("master", "true")])
        self.assertEqual(table, {"master": b"true", "pythonpath": "/é".encode(), "vacuum": b""})
        self.assertIs(option_table([("master", True)])["master"], True)

    def test_magic_variables_are_bytes_and_the_group_has_its_name(self) -> None:
        self.assertEqual(magic_table({"g": "0", "n": "app"}), {b"g": b"0", b"n": b"app", b"G": b"root"})
        self.assertEqual(magic_table({"g": "987654"})[b"G"], b"987654")


class ModuleTestCase(SlotTestCase):
    """With the module installed, as in a spawner, and taken away again."""

    def install(self, generation: int = 1, **over: Any) -> Any:
        directory = tempfile.mkdtemp()
        self.addCleanup(os.rmdir, directory)
        before = dict(vars(module.uwsgi))
        self.addCleanup(lambda: (vars(module.uwsgi).clear(), vars(module.uwsgi).update(before), sys.modules.pop("uwsgi", None)))
        module.install(make_config(directory, **over), generation)
        import uwsgi

        return uwsgi


class InstalledTest(ModuleTestCase):
    def test_there_is_none_until_it_is_installed(self) -> None:
        with self.assertRaises(ImportError):
            import uwsgi  # noqa: F401

    def test_tells_what_was_configured(self) -> None:
        uwsgi = self.install(generation=2, masterPid=77, options=[["master", True]], processes=3, threads=4, bufferSize=5000)
        self.assertEqual((uwsgi.version, uwsgi.version_info), (b"2.0.21-tsuwsgi-1.2.3", (2, 0, 21, 0, b"tsuwsgi-1.2.3")))
        self.assertEqual((uwsgi.numproc, uwsgi.cores, uwsgi.buffer_size, uwsgi.has_threads), (3, 4, 5000, 1))
        self.assertEqual((uwsgi.hostname, uwsgi.masterpid(), uwsgi.worker_id(), uwsgi.mule_id()), (b"box", 77, 0, 0))
        self.assertEqual((uwsgi.opt, uwsgi.is_a_reload, uwsgi.applications), ({"master": True}, True, None))

    def test_a_missing_name_is_told_with_the_version(self) -> None:
        uwsgi = self.install()
        with self.assertRaises(AttributeError) as caught:
            uwsgi.no_such_name("key")
        self.assertEqual(str(caught.exception), "uwsgi.no_such_name is not available in tsuwsgi 1.2.3")
        self.assertFalse(hasattr(uwsgi, "env"))
        with self.assertRaises(ImportError):
            from uwsgi import another_such_name  # noqa: F401

    def test_outside_of_a_worker_nobody_can_be_asked(self) -> None:
        uwsgi = self.install(processes=2)
        for ask in (uwsgi.reload, uwsgi.stop):
            with self.assertRaises(RuntimeError):
                ask()
        self.assertEqual([(each["id"], each["pid"], each["status"]) for each in uwsgi.workers()], [(0, 0, b"idle")] * 2)
        self.assertEqual((uwsgi.request_id(), uwsgi.connection_fd(), uwsgi.get_logvar("a"), uwsgi.cl()), (0, -1, None, 0))
        uwsgi.set_logvar("a", "b")
        uwsgi.set_user_harakiri(1)
        uwsgi.disconnect()
        self.assertIsNone(uwsgi.get_logvar("a"))
        with self.assertRaises(OSError):
            uwsgi.chunked_read()
        with self.assertRaises(OSError):
            uwsgi.sendfile(__file__)

    def test_measures_this_process(self) -> None:
        uwsgi = self.install()
        held, address_space = uwsgi.mem()
        self.assertTrue(1 << 20 < held < address_space)
        with captured_log() as log:
            self.assertIs(uwsgi.log("a line"), True)
            self.assertEqual(log(), "a line\n")
            self.assertEqual(uwsgi.logsize(), 7)
        with self.assertRaises(TypeError):
            uwsgi.log(b"bytes")

    def test_tells_a_socket_with_a_peer_from_one_without(self) -> None:
        uwsgi = self.install()
        ours, theirs = socket.socketpair()
        self.assertTrue(uwsgi.is_connected(ours.fileno()))
        theirs.close()
        self.assertFalse(uwsgi.is_connected(ours.fileno()))
        with open(__file__, "rb") as file:
            self.assertFalse(uwsgi.is_connected(file.fileno()))
        uwsgi.close(ours.detach())


class AwaitedAnswerTest(unittest.TestCase):
    def test_an_answer_that_comes_at_once_is_not_missed(self) -> None:
        awaited = AwaitedAnswer()
        self.assertEqual(awaited.ask(lambda: threading.Thread(target=awaited.give, args=[5]).start()), 5)


class RequestTest(ModuleTestCase):
    def serve(self, act: Callable[[Any, Dict[str, Any]], Any], **options: Any) -> Any:
        """A slot whose application answers with the repr of what `act` gives."""
        uwsgi = self.install(**{name: value for name, value in options.items() if name not in ("direct", "gateway")})

        def application(environ: Dict[str, Any], start_response: Any) -> Any:
            text = repr(act(uwsgi, environ)).encode()
            start_response("200 OK", [("Content-Length", str(len(text)))])
            return [text]

        return self.start(application, **options)

    def test_log_variables_live_as_long_as_the_request(self) -> None:
        def act(uwsgi: Any, environ: Any) -> Any:
            before = uwsgi.get_logvar("a")
            uwsgi.set_logvar("a", b"one")
            uwsgi.set_logvar(b"b", "two")
            return before, uwsgi.get_logvar(b"a"), uwsgi.get_logvar("b")

        slot = self.serve(act, direct=True)
        for _ in range(2):
            self.assertEqual(slot.ask(GET).body, b"(None, b'one', b'two')")

    def test_env_is_the_environ_of_the_request(self) -> None:
        self.assertEqual(self.serve(lambda uwsgi, environ: uwsgi.env is environ, direct=True).ask(GET).body, b"True")

    def test_counts_what_this_worker_has_completed(self) -> None:
        slot = self.serve(lambda uwsgi, environ: uwsgi.request_id(), direct=True)
        self.assertEqual([slot.ask(GET).body for _ in range(3)], [b"0", b"1", b"2"])

    def test_a_thread_of_the_application_works_for_the_only_slot(self) -> None:
        def act(uwsgi: Any, environ: Any) -> Any:
            thread = threading.Thread(target=uwsgi.set_logvar, args=["from", "a thread"])
            thread.start()
            thread.join(PATIENCE)
            return uwsgi.get_logvar("from")

        self.assertEqual(self.serve(act, direct=True).ask(GET).body, b"b'a thread'")

    def test_threads_have_a_request_each(self) -> None:
        both = threading.Barrier(2, timeout=PATIENCE)

        def act(uwsgi: Any, environ: Any) -> Any:
            uwsgi.set_logvar("path", environ["PATH_INFO"])
            both.wait()
            return uwsgi.get_logvar("path").decode(), uwsgi.env["PATH_INFO"]

        one = self.serve(act, direct=True)
        other = self.start(one.application, direct=True)
        answers: Dict[str, bytes] = {}
        asking = threading.Thread(target=lambda: answers.update(a=one.ask({**GET, "PATH_INFO": "/a"}).body))
        asking.start()
        answers["b"] = other.ask({**GET, "PATH_INFO": "/b"}).body
        asking.join(PATIENCE)
        self.assertEqual(answers, {"a": b"('/a', '/a')", "b": b"('/b', '/b')"})

    def deadline(self, slot: Any) -> int:
        return struct.unpack_from("<I", slot.board.memory, 64 + 64 + 252)[0]

    def test_a_deadline_counts_from_now_and_can_be_taken_away(self) -> None:
        seen = []

        def act(uwsgi: Any, environ: Any) -> Any:
            if environ.get("QUERY_STRING") == "next":
                seen.append(self.deadline(slot))
                return
            for seconds in (2, 0.5, 1 << 40, 0):
                uwsgi.set_user_harakiri(seconds)
                seen.append(self.deadline(slot))
            uwsgi.set_user_harakiri(3)

        slot = self.serve(act, direct=True)
        slot.ask(GET)
        self.assertTrue(2000 <= seen[0] < 3000 and 500 <= seen[1] < 1500, seen)
        self.assertEqual(seen[2:4], [0xFFFFFFFF, 0])
        # The next request has none.
        slot.ask({**GET, "QUERY_STRING": "next"})
        self.assertEqual(seen[4], 0)

    def test_harakiri_holds_beside_a_deadline_that_is_later(self) -> None:
        def act(uwsgi: Any, environ: Any) -> Any:
            uwsgi.set_user_harakiri(20)
            late = self.deadline(slot)
            uwsgi.set_user_harakiri(5)
            return late, 5000 <= self.deadline(slot) < 6000

        slot = self.serve(act, direct=True, harakiriMs=10_000)
        self.assertEqual(slot.ask(GET).body, b"(0, True)")

    def test_a_deadline_in_the_past_is_an_error(self) -> None:
        slot = self.serve(lambda uwsgi, environ: uwsgi.set_user_harakiri(-1), direct=True)
        with captured_log() as log:
            self.assertIn("500", slot.ask(GET).status)
            self.assertIn("ValueError: set_user_harakiri() takes seconds from now on, or 0, not -1", log())

    def test_start_response_and_cl_are_those_of_the_request(self) -> None:
        uwsgi = self.install()

        def application(environ: Any, start_response: Any) -> Any:
            uwsgi.start_response("201 Created", [])
            return [str(uwsgi.cl()).encode()]

        answer = self.start(application, direct=True).ask({**GET, "CONTENT_LENGTH": "3"}, b"abc")
        self.assertEqual((answer.status, answer.body), ("HTTP/1.1 201 Created", b"3"))

    def test_the_body_comes_in_pieces(self) -> None:
        def act(uwsgi: Any, environ: Any) -> Any:
            return [uwsgi.chunked_read(), uwsgi.chunked_read()]

        slot = self.serve(act, gateway=True)
        self.assertEqual(slot.ask_gateway(GET, b"hello").body, b"[b'hello', b'']")


class FileTest(ModuleTestCase):
    def send(self, function: str, *arguments: Any, **options: Any) -> Any:
        uwsgi = self.install()

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return [b"|", repr(getattr(uwsgi, function)(*arguments)).encode()]

        return self.start(application, **options)

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name, "file")
        self.path.write_bytes(b"0123456789")

    def test_a_file_goes_before_what_the_application_returns(self) -> None:
        self.assertEqual(self.send("sendfile", str(self.path), direct=True).ask(GET).body, b"0123456789|True")

    def test_a_file_goes_through_the_gateway(self) -> None:
        self.assertEqual(self.send("sendfile", str(self.path), gateway=True).ask_gateway(GET).body, b"0123456789|True")

    def test_a_part_of_it_by_descriptor(self) -> None:
        with self.path.open("rb") as file:
            slot = self.send("sendfile", file, 0, 2, 3, direct=True)
            self.assertEqual(slot.ask(GET).body, b"234|True")

    def test_offload_sends_it_as_well(self) -> None:
        self.assertEqual(self.send("offload", str(self.path), 4, direct=True).ask(GET).body, b"0123|b''")


class DisconnectTest(ModuleTestCase):
    """The client has its answer while the application works on."""

    def start_working(self, start: bool = True, **options: Any) -> Any:
        uwsgi = self.install()
        self.is_done, self.seen = threading.Event(), []

        def application(environ: Any, start_response: Any) -> Any:
            if environ["PATH_INFO"] == "/next":
                start_response("200 OK", [])
                return [b"next"]
            if start:
                start_response("200 OK", [])(b"all of it")
            self.seen.append(uwsgi.is_connected(uwsgi.connection_fd()))
            uwsgi.disconnect()
            self.seen.append(uwsgi.is_connected(uwsgi.connection_fd()))
            self.is_done.wait(PATIENCE)
            if not start:
                start_response("200 OK", [])
            return [b"too late"]

        return self.start(application, **options)

    def test_at_the_direct_door(self) -> None:
        slot = self.start_working(direct=True)
        self.assertEqual(slot.ask(GET).body, b"all of it")
        self.assertTrue(slot.slot.record.is_busy)
        self.is_done.set()
        self.assertEqual(slot.ask({**GET, "PATH_INFO": "/next"}).body, b"next")
        self.assertEqual(self.seen, [True, False])

    def test_at_the_gateway_s_door_the_slot_is_free_only_when_the_application_has_ended(self) -> None:
        slot = self.start_working(gateway=True)
        slot.gateway.sendall(request_frame(1, GET))
        head, parted = read_frame(slot.gateway), read_frame(slot.gateway)
        self.assertTrue(head.payload.endswith(b"all of it"))
        self.assertEqual((parted.kind, parted.flags), (19, 4))
        self.is_done.set()
        end = read_frame(slot.gateway)
        self.assertEqual((end.request_id, end.kind, end.flags), (1, 19, 0))
        self.assertEqual(slot.ask_gateway({**GET, "PATH_INFO": "/next"}, request_id=2).body, b"next")
        self.assertEqual(self.seen, [True, False])

    def test_without_an_answer_the_connection_is_cut(self) -> None:
        slot = self.start_working(start=False, direct=True)
        with slot.connect() as connection:
            connection.sendall(uwsgi_packet(GET))
            self.assertEqual(receive_all(connection), b"")
        self.is_done.set()
        self.assertEqual(slot.ask({**GET, "PATH_INFO": "/next"}).body, b"next")

    def test_without_an_answer_the_gateway_is_told(self) -> None:
        slot = self.start_working(start=False, gateway=True)
        answer = slot.ask_gateway(GET)
        self.assertTrue(answer.is_aborted)
        self.is_done.set()
        self.assertEqual(slot.ask_gateway({**GET, "PATH_INFO": "/next"}, request_id=2).body, b"next")

    def test_closing_the_connection_s_descriptor_is_the_same(self) -> None:
        uwsgi = self.install()

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            uwsgi.close(uwsgi.connection_fd())
            return [b"too late"]

        self.assertEqual(self.start(application, direct=True).ask(GET).body, b"")

    def test_a_client_that_leaves_is_noticed(self) -> None:
        uwsgi = self.install()
        seen, has_left, is_over = [], threading.Event(), threading.Event()

        def application(environ: Any, start_response: Any) -> Any:
            has_left.wait(PATIENCE)
            seen.append(uwsgi.is_connected(uwsgi.connection_fd()))
            is_over.set()
            start_response("200 OK", [])
            return []

        slot = self.start(application, direct=True, gateway=True)
        with slot.connect() as connection:
            connection.sendall(uwsgi_packet(GET))
        has_left.set()
        is_over.wait(PATIENCE)
        is_over.clear()
        slot.gateway.sendall(request_frame(1, GET) + struct.pack("<IIBBH", 0, 1, 3, 0, 0))
        is_over.wait(PATIENCE)
        self.assertEqual(seen, [False, False])


class AfterRequestTest(ModuleTestCase):
    def start_with(self, hook: Any) -> Any:
        uwsgi = self.install()
        uwsgi.after_req_hook = hook
        return self.start(lambda environ, start_response: (start_response("200 OK", []), [b"ok"])[1], direct=True, logRequests=True)

    def test_is_called_after_the_answer_and_before_the_log_line(self) -> None:
        with captured_log() as log:
            slot = self.start_with(lambda: module.uwsgi.log(f"after {module.uwsgi.env['PATH_INFO']}"))
            self.assertEqual(slot.ask(GET).body, b"ok")
            slot.close()
            self.assertLess(log().index("after /x"), log().index("GET /x?y=1 => generated 2 bytes"))

    def test_its_error_is_shown_and_costs_nothing(self) -> None:
        with captured_log() as log:
            slot = self.start_with(lambda: 1 // 0)
            self.assertEqual([slot.ask(GET).body for _ in range(2)], [b"ok", b"ok"])
            slot.close()
            self.assertEqual(log().count("ZeroDivisionError"), 2)

    def test_no_hook_is_none(self) -> None:
        with captured_log() as log:
            self.assertEqual(self.start_with(None).ask(GET).body, b"ok")
            self.assertNotIn("Error", log())


class SlotsTest(SlotTestCase):
    def test_a_slot_that_has_ended_is_forgotten(self) -> None:
        slot = self.start(lambda environ, start_response: (start_response("200 OK", []), [])[1], direct=True)
        slot.ask(GET)
        self.assertEqual(list(running.slots()), [slot.slot])
        slot.close()
        self.assertEqual(list(running.slots()), [])


TELLS = """
import atexit, os, uwsgi
at_import = uwsgi.worker_id()
def note(text):
    uwsgi.log(f'{text} {uwsgi.worker_id()}')
uwsgi.post_fork_hook = lambda: note('post fork')
uwsgi.atexit = lambda: note('uwsgi.atexit')
atexit.register(lambda: note('atexit'))
def application(environ, start_response):
    start_response('200 OK', [])
    call = environ['PATH_INFO'][1:]
    return [repr(getattr(uwsgi, call)() if call != 'ids' else (at_import, uwsgi.worker_id())).encode()]
"""


class WorkerTest(ProcessTestCase):
    def start_worker(self, **options: Any) -> Any:
        master = self.start({"hello.py": TELLS}, direct=True, **options)
        self.worker = master.start_worker(worker=2)
        return master

    def test_knows_its_worker(self) -> None:
        for lazy, ids in ((False, b"(0, 2)"), (True, b"(2, 2)")):
            self.assertEqual(self.start_worker(lazy=lazy).ask({**GET, "PATH_INFO": "/ids"}).body, ids)

    def test_calls_the_hooks_of_its_life_once(self) -> None:
        for lazy in (False, True):
            step = {"option": "hook-post-fork", "text": "print:hook", "action": "print", "words": ["hook"]}
            hooks = {
                **{moment: [] for moment in ("pre-app", "post-app", "accepting", "accepting-once", "accepting1", "accepting1-once")},
                "post-fork": [step],
            }
            master = self.start_worker(lazy=lazy, hooks=hooks)
            self.worker.send(type="retire")
            master.report("exited")
            order = ["hook", "post fork 2"] if lazy else ["post fork 2", "hook"]
            self.assertEqual([line for line in master.log.splitlines() if "running" not in line], [*order, "uwsgi.atexit 2", "atexit 2"])

    def test_asks_the_master(self) -> None:
        master = self.start_worker()
        for what in ("reload", "stop"):
            self.assertEqual(master.ask({**GET, "PATH_INFO": f"/{what}"}).body, b"True")
            self.assertEqual(self.worker.receive(), {"type": what, "because": f"worker 2 (uwsgi.{what}())"})

    def test_shows_the_workers_as_uwsgi_has_them(self) -> None:
        master = self.start_worker()
        app = {"id": 0, "modifier1": 0, "mountpoint": "", "startup_time": 1, "requests": 5, "exceptions": 0, "chdir": ""}
        counters = dict.fromkeys(
            ("requests", "delta_requests", "signals", "exceptions", "rss", "vsz", "running_time", "last_spawn", "tx", "avg_rt"), 5
        )
        told = {"id": 1, "pid": 9, "accepting": 1, **counters, "status": "busy", "respawn_count": 1, "apps": [app], "cores": []}
        with master.connect() as connection:
            connection.sendall(uwsgi_packet({**GET, "PATH_INFO": "/workers"}))
            self.assertEqual(self.worker.receive(), {"type": "workers"})
            self.worker.send(type="workers", workers=[told])
            found = eval(parse_answer(receive_all(connection)).body)
        shown_app = {**app, "mountpoint": b"", "chdir": b""}
        self.assertEqual(found, ({"id": 1, "pid": 9, **counters, "status": b"busy", "respawn_count": 0, "apps": (shown_app,)},))

    def test_a_hook_that_fails_is_shown_and_the_worker_serves(self) -> None:
        master = self.start({"hello.py": TELLS.replace("note('post fork')", "1 // 0")}, direct=True)
        master.start_worker()
        self.assertEqual(master.ask({**GET, "PATH_INFO": "/mule_id"}).body, b"0")
        self.assertIn("ZeroDivisionError", master.log)

    def test_setprocname_is_seen_from_outside(self) -> None:
        master = self.start({"hello.py": TELLS.replace("note('post fork')", "uwsgi.setprocname('my own')")}, direct=True)
        worker = master.start_worker()
        self.assertEqual(Path(f"/proc/{worker.hello['pid']}/comm").read_text(), "my own\n")
