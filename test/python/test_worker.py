from __future__ import annotations

import os
import signal
import socket
import struct
import threading
from pathlib import Path

from .support import GET, HELLO, PATIENCE, ProcessTestCase, accepted, parse_answer, read_answer, read_frame, receive_all, request_frame, uwsgi_packet

# Tells through a pipe-like file when a request runs, and waits until the test lets it go on.
SLOW = """
import os, time
def application(environ, start_response):
    if environ['PATH_INFO'] == '/slow':
        os.close(os.open('running', os.O_CREAT))
        with open('go-on') as fifo:
            fifo.read()
    start_response('200 OK', [])
    return [b'done']
"""


class WorkerTestCase(ProcessTestCase):
    def start_slow(self, **options: object):
        master = self.start({"hello.py": SLOW}, direct=True, **options)
        os.mkfifo(os.path.join(master.directory.name, "go-on"))
        return master

    def begin_slow(self, master):
        """A request that runs until `let_go`."""
        connection = master.connect()
        self.addCleanup(connection.close)
        connection.sendall(uwsgi_packet({**GET, "PATH_INFO": "/slow"}))
        # Opening the pipe's other end returns when the application has opened its own: then the request runs.
        self.gate = os.open(os.path.join(master.directory.name, "go-on"), os.O_WRONLY)
        return connection

    def let_go(self) -> None:
        os.close(self.gate)


class LifeTest(WorkerTestCase):
    def test_says_who_it_is(self) -> None:
        worker = self.start({"hello.py": HELLO}).start_worker(seat=1, worker=2)
        self.assertEqual(worker.hello, {"type": "hello", "role": "worker", "generation": 7, "seat": 1, "worker": 2, "pid": worker.hello["pid"]})

    def test_serves_nothing_before_it_is_told_to(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True)
        worker = master.fork()
        self.assertEqual(worker.receive(), {"type": "ready"})
        with master.connect() as connection:
            connection.sendall(uwsgi_packet(GET))
            connection.setblocking(False)
            with self.assertRaises(BlockingIOError):
                connection.recv(1)
            connection.settimeout(PATIENCE)
            worker.send(type="serve")
            self.assertEqual(parse_answer(receive_all(connection)).body, b"hello /x")

    def test_a_retired_worker_finishes_and_exits_with_0(self) -> None:
        master = self.start_slow()
        worker = master.start_worker()
        running = self.begin_slow(master)
        worker.send(type="retire")
        # Its door is closed although the request still runs.
        self.assertEqual(worker.receive(), {"type": "retired"})
        self.let_go()
        self.assertEqual(parse_answer(receive_all(running)).body, b"done")
        self.assertEqual(master.report("exited")["status"], 0)

    def test_a_worker_that_never_served_can_retire(self) -> None:
        master = self.start({"hello.py": HELLO})
        master.fork().send(type="retire")
        self.assertEqual(master.report("exited")["status"], 0)

    def test_atexit_handlers_run_and_output_is_flushed_when_it_ends(self) -> None:
        for word in ("retire", "stop"):
            with self.subTest(word):
                master = self.start({"hello.py": "import atexit, sys; atexit.register(sys.stdout.write, 'farewell')\n" + HELLO}, direct=True)
                worker = master.start_worker()
                worker.send(type=word)
                self.assertEqual(master.report("exited")["status"], 0)
                self.assertEqual(master.log.count("farewell"), 1)

    def test_an_executor_that_the_application_left_open_does_not_hang_the_exit(self) -> None:
        text = "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\n" + HELLO.replace(
            "return", "pool.submit(int).result(); return"
        )
        master = self.start({"hello.py": text}, direct=True)
        worker = master.start_worker()
        self.assertEqual(master.ask().body, b"hello /x")
        worker.send(type="retire")
        self.assertEqual(master.report("exited")["status"], 0)

    def test_work_that_a_thread_does_after_the_answer_is_finished(self) -> None:
        text = "import threading\ndef work():\n    with open('go-on') as fifo: print(fifo.read(), flush=True)\n"
        text += HELLO.replace("    return", "    threading.Thread(target=work).start()\n    return")
        master = self.start({"hello.py": text}, direct=True)
        os.mkfifo(os.path.join(master.directory.name, "go-on"))
        worker = master.start_worker()
        self.assertEqual(master.ask().body, b"hello /x")
        with open(os.path.join(master.directory.name, "go-on"), "w") as fifo:
            worker.send(type="retire")
            fifo.write("finished")
        self.assertEqual(master.report("exited")["status"], 0)
        self.assertIn("finished", master.log)

    def test_stop_does_not_wait_for_a_request(self) -> None:
        master = self.start_slow()
        worker = master.start_worker()
        self.begin_slow(master)
        worker.send(type="stop")
        self.assertEqual(master.report("exited")["status"], 0)
        self.let_go()

    def test_ends_within_two_seconds_of_its_master(self) -> None:
        master = self.start_slow()
        worker = master.start_worker()
        self.begin_slow(master)
        worker.close()
        self.assertEqual(master.report("exited")["status"], 0)
        self.let_go()

    def test_an_idle_worker_ends_with_its_master_at_once(self) -> None:
        master = self.start({"hello.py": HELLO}, gateway=True)
        worker = master.start_worker()
        gateway = accepted(master.gateway)
        self.addCleanup(gateway.close)
        worker.close()
        self.assertEqual(master.report("exited")["status"], 0)

    def test_an_import_that_fails_lazily_is_reported(self) -> None:
        master = self.start({"hello.py": "raise ValueError('no')"}, lazy=True)
        failed = master.fork().receive()
        self.assertEqual((failed["type"], failed["status"]), ("failed", 22))
        self.assertIn("ValueError: no", failed["reason"])
        self.assertEqual(master.report("exited")["status"], 22)


class SignalTest(WorkerTestCase):
    def test_sigterm_and_sighup_ask_for_a_successor_once_and_serving_goes_on(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True)
        worker = master.start_worker()
        os.kill(worker.hello["pid"], signal.SIGTERM)
        self.assertEqual(worker.receive(), {"type": "replace", "why": "signal"})
        os.kill(worker.hello["pid"], signal.SIGHUP)
        self.assertEqual(master.ask().body, b"hello /x")
        worker.send(type="retire")
        self.assertEqual(worker.receive(), {"type": "retired"})
        self.assertIsNone(worker.receive())

    def test_sigusr2_shows_where_it_is(self) -> None:
        master = self.start_slow()
        worker = master.start_worker()
        running = self.begin_slow(master)
        os.kill(worker.hello["pid"], signal.SIGUSR2)
        self.let_go()
        receive_all(running)
        self.assertIn('File "hello.py"', master.log)


class PauseTest(WorkerTestCase):
    def start_paused(self, **options: int):
        """A worker with both doors that is paused, and the gateway's ends of its slots."""
        master = self.start({"hello.py": HELLO}, direct=True, gateway=True, **options)
        worker = master.start_worker()
        gateways = [accepted(master.gateway) for _ in range(options.get("threads", 1))]
        for gateway in gateways:
            self.addCleanup(gateway.close)
            read_frame(gateway)
        self.obey(worker, "pause")
        return master, worker, gateways

    def obey(self, worker, word: str) -> None:
        """Returns when the order is carried out: orders are, one after the other."""
        worker.send(type=word)
        worker.send(type="stacks")
        self.assertEqual(worker.receive()["type"], "stacks")

    def ask_in_vain(self, master, gateways) -> socket.socket:
        """A request at the direct door that nobody takes, though every slot has looked around since: it answered the gateway."""
        connection = master.connect()
        self.addCleanup(connection.close)
        connection.sendall(uwsgi_packet(GET))
        for gateway in gateways:
            gateway.sendall(request_frame(1, GET))
            self.assertEqual(read_answer(gateway).body, b"hello /x")
        connection.setblocking(False)
        with self.assertRaises(BlockingIOError):
            connection.recv(1)
        connection.settimeout(PATIENCE)
        return connection

    def test_the_direct_door_is_closed_until_it_resumes(self) -> None:
        for threads in (1, 2):
            with self.subTest(threads=threads):
                master, worker, gateways = self.start_paused(threads=threads)
                for _ in range(2):
                    waiting = [self.ask_in_vain(master, gateways) for _ in range(3)]
                    self.obey(worker, "resume")
                    for connection in waiting:
                        self.assertEqual(parse_answer(receive_all(connection)).body, b"hello /x")
                    self.obey(worker, "pause")

    def test_what_runs_is_finished(self) -> None:
        master = self.start_slow()
        worker = master.start_worker()
        running = self.begin_slow(master)
        self.obey(worker, "pause")
        self.let_go()
        self.assertEqual(parse_answer(receive_all(running)).body, b"done")

    def test_a_paused_worker_can_retire(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True, threads=2)
        worker = master.start_worker()
        self.obey(worker, "pause")
        worker.send(type="retire")
        self.assertEqual(master.report("exited")["status"], 0)

    def test_a_connection_whose_worker_retires_in_the_pause_is_taken_by_another(self) -> None:
        # The kernel wakes one sleeper for a connection: the others must look again by themselves.
        master = self.start({"hello.py": HELLO}, direct=True)
        retiring, staying = master.start_worker(seat=0, worker=1), master.start_worker(seat=1, worker=2)
        for worker in (retiring, staying):
            self.obey(worker, "pause")
        with master.connect() as waiting:
            waiting.sendall(uwsgi_packet(GET))
            retiring.send(type="retire")
            self.assertEqual(master.report("exited")["status"], 0)
            self.obey(staying, "resume")
            self.assertEqual(parse_answer(receive_all(waiting)).body, b"hello /x")

    def test_a_worker_may_be_paused_before_it_serves(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True, gateway=True)
        worker = master.fork()
        self.assertEqual(worker.receive(), {"type": "ready"})
        worker.send(type="pause")
        self.obey(worker, "serve")
        gateway = accepted(master.gateway)
        self.addCleanup(gateway.close)
        read_frame(gateway)
        waiting = self.ask_in_vain(master, [gateway])
        self.obey(worker, "resume")
        self.assertEqual(parse_answer(receive_all(waiting)).body, b"hello /x")


class StacksTest(WorkerTestCase):
    def test_tells_where_the_application_is_and_who_waits(self) -> None:
        master = self.start_slow(threads=2)
        worker = master.start_worker()
        running = self.begin_slow(master)
        worker.send(type="stacks")
        text = worker.receive()["text"]
        self.let_go()
        receive_all(running)
        self.assertRegex(text, r'uWSGIWorker1Core\d:\n    File "hello.py", line [67], in application\n')
        self.assertRegex(text, r"uWSGIWorker1Core\d: waits for a request\n")
        self.assertNotIn("slot.py", text)


class CountTest(WorkerTestCase):
    def test_asks_for_a_successor_at_the_limit_once_and_serves_on(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True, maxRequests=3)
        worker = master.start_worker()
        for _ in range(5):
            self.assertEqual(master.ask().body, b"hello /x")
        self.assertEqual(
            worker.receive(), {"type": "replace", "why": "limit", "limit": "max-requests", "reason": "has served 3 requests (max-requests)"}
        )
        worker.send(type="retire")
        self.assertEqual(worker.receive(), {"type": "retired"})
        self.assertIsNone(worker.receive())

    def test_the_limit_is_higher_for_each_worker(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True, maxRequests=1, maxRequestsDelta=2)
        worker = master.start_worker(worker=2)
        for _ in range(6):
            master.ask()
        self.assertEqual(worker.receive()["reason"], "has served 5 requests (max-requests)")

    def test_asks_for_a_successor_when_it_has_grown_and_serves_on(self) -> None:
        grow = "kept = []\n" + HELLO.replace("    return", "    kept.append(b'x' * (64 << 20))\n    return")
        master = self.start({"hello.py": grow}, direct=True, reloadOn={"rss": 50 << 20, "as": 0})
        worker = master.start_worker()
        self.assertEqual(master.ask().body, b"hello /x")
        self.assertRegex(worker.receive()["reason"], r"^holds \d+ MB, more than reload-on-rss = 50$")
        self.assertEqual(master.ask().body, b"hello /x")

    def test_logs_each_request_with_its_number_and_loses_none(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True, logRequests=True)
        worker = master.start_worker()
        for _ in range(20):
            master.ask()
        worker.send(type="retire")
        master.report("exited")
        self.assertEqual(master.log.count("\n"), 20)
        self.assertIn("|app: 0|req: 20/20] 127.0.0.1 () {18 vars in", master.log)

    def test_the_scoreboard_holds_what_was_done(self) -> None:
        master = self.start({"hello.py": HELLO}, direct=True)
        worker = master.start_worker(seat=1)
        for _ in range(3):
            master.ask()
        worker.send(type="retire")
        master.report("exited")
        board = Path(master.directory.name, "scoreboard").read_bytes()
        self.assertEqual(struct.unpack_from("<QQ", board, 64), (0, 3))
        self.assertEqual(struct.unpack_from("<I", board, 128 + 256), (0,))


class ThreadsTest(WorkerTestCase):
    def test_slots_run_side_by_side_under_uwsgis_names(self) -> None:
        text = """
import threading
both = threading.Barrier(2, timeout=10)
def application(environ, start_response):
    both.wait()
    start_response('200 OK', [])
    return [threading.current_thread().name.encode()]
"""
        master = self.start({"hello.py": text}, direct=True, threads=2)
        master.start_worker(worker=1)
        names: list = []
        threads = [threading.Thread(target=lambda: names.append(master.ask().body)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(names), [b"uWSGIWorker1Core0", b"uWSGIWorker1Core1"])

    def test_sys_exit_ends_the_worker_with_its_status_after_the_answer(self) -> None:
        text = "def application(environ, start_response):\n    raise SystemExit(9)\n"
        for threads in (1, 3):
            with self.subTest(threads=threads):
                master = self.start({"hello.py": text}, gateway=True, threads=threads)
                master.start_worker()
                gateways = [accepted(master.gateway) for _ in range(threads)]
                for gateway in gateways:
                    self.addCleanup(gateway.close)
                    read_frame(gateway)
                # The last to connect is not the main thread's slot.
                gateways[-1].sendall(request_frame(1, GET))
                self.assertEqual(read_answer(gateways[-1]).status, 500)
                self.assertEqual(master.report("exited")["status"], 9)
