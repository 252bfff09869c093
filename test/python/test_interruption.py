from __future__ import annotations

import queue
import random
import struct
import sys
import threading
import unittest
from itertools import count
from time import monotonic, sleep
from typing import Any, Callable, Iterator, List, Set, Tuple
from unittest import mock

from .support import GET, PATIENCE, SlotTestCase, captured_log, read_answer, read_frame, request_frame

from tsuwsgi.interruption import HarakiriTimeout, Interruption
from tsuwsgi.wsgi import Exchange, run


class Runner(threading.Thread):
    """A slot's thread, whose application runs until the test has seen enough."""

    def __init__(self, application: Callable[[Interruption], None]) -> None:
        super().__init__(daemon=True)
        self.interruption = Interruption(Record())
        self.result: Any = None
        self.running = threading.Event()
        self._application = application
        self.start()
        self.running.wait(PATIENCE)

    def run(self) -> None:
        self.interruption.bind()
        try:
            self.result = self.interruption.run(self._work)
        except BaseException as error:
            self.result = type(error)

    def _work(self) -> Any:
        self.running.set()
        return self._application(self.interruption)

    def outcome(self) -> Any:
        self.join(PATIENCE)
        return self.result


class Record:
    """A scoreboard's record of a request that runs."""

    start = 7

    def is_running(self, start: int) -> bool:
        return start == self.start


def turn(_: Interruption) -> None:
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        pass


class InterruptionTest(unittest.TestCase):
    def setUp(self) -> None:
        self.log = self.enter_context(captured_log())

    def enter_context(self, manager: Any) -> Any:
        """unittest has it from 3.11 on."""
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def test_raises_in_the_application(self) -> None:
        runner = Runner(turn)
        runner.interruption.interrupt(7)
        self.assertIs(runner.outcome(), HarakiriTimeout)

    def test_shows_where_the_application_is(self) -> None:
        runner = Runner(turn)
        runner.interruption.show(7)
        runner.interruption.interrupt(7)
        runner.outcome()
        self.assertIn(", in turn\n", self.log())

    def test_leaves_another_request_alone(self) -> None:
        gate = threading.Event()
        runner = Runner(lambda _: gate.wait(PATIENCE))
        runner.interruption.show(6)
        runner.interruption.interrupt(6)
        gate.set()
        self.assertIs(runner.outcome(), True)
        self.assertEqual(self.log(), "")

    def test_comes_once_while_the_application_tidies_up(self) -> None:
        hit, gate = threading.Event(), threading.Event()

        def application(_: Interruption) -> bool:
            try:
                turn(_)
            except HarakiriTimeout:
                hit.set()
                return gate.wait(PATIENCE)
            return False

        runner = Runner(application)
        runner.interruption.interrupt(7)
        self.assertTrue(hit.wait(PATIENCE))
        runner.interruption.interrupt(7)
        gate.set()
        self.assertIs(runner.outcome(), True)

    def test_what_the_application_calls_of_ours_is_not_cut_and_the_next_attempt_succeeds(self) -> None:
        inside, gate = threading.Event(), threading.Event()

        def ours() -> None:
            inside.set()
            gate.wait(PATIENCE)

        def application(interruption: Interruption) -> None:
            interruption.shield(ours)
            inside.clear()
            inside.wait(0)
            turn(interruption)

        runner = Runner(application)
        self.assertTrue(inside.wait(PATIENCE))
        runner.interruption.interrupt(7)
        gate.set()
        while runner.is_alive():
            runner.interruption.interrupt(7)
            runner.join(0.01)
        self.assertIs(runner.result, HarakiriTimeout)

    def test_another_thread_of_the_application_does_not_open_the_slot(self) -> None:
        interruption = Interruption(Record())
        interruption.bind()
        seen: List[bool] = []
        other = threading.Thread(target=lambda: interruption.shield(lambda: seen.append(interruption.is_open)))
        interruption.run(lambda: (other.start(), other.join()))
        self.assertEqual((seen, interruption.is_open), ([True], False))

    def test_a_visit_happens_while_the_application_runs(self) -> None:
        gate, seen = threading.Event(), []
        runner = Runner(lambda _: gate.wait(PATIENCE))
        self.assertTrue(runner.interruption.visit(lambda: seen.append("visited")))
        gate.set()
        self.assertIs(runner.outcome(), True)
        self.assertEqual(seen, ["visited"])
        self.assertFalse(runner.interruption.visit(lambda: seen.append("after its end")))
        self.assertEqual(seen, ["visited"])

    def test_the_slot_waits_for_a_visitor(self) -> None:
        gate, later = threading.Event(), threading.Event()
        runner = Runner(lambda _: gate.wait(PATIENCE))

        def visit() -> None:
            gate.set()
            runner.join(0.05)
            self.assertTrue(runner.is_alive())
            later.set()

        self.assertTrue(runner.interruption.visit(visit))
        self.assertTrue(later.is_set())
        self.assertIs(runner.outcome(), True)

    def test_a_visit_that_fails_leaves_the_slot_as_it_was(self) -> None:
        gate = threading.Event()
        runner = Runner(lambda _: gate.wait(PATIENCE))
        with self.assertRaises(MemoryError):
            runner.interruption.visit(mock.Mock(side_effect=MemoryError))
        self.assertTrue(runner.interruption.visit(lambda: None))
        gate.set()
        self.assertIs(runner.outcome(), True)

    def test_nobody_is_visited_who_is_in_our_code(self) -> None:
        self.check_unwelcome(lambda interruption, ours: interruption.shield(ours))

    def test_nobody_is_visited_while_another_thread_of_the_application_is_in_our_code(self) -> None:
        def call(interruption: Interruption, ours: Callable[[], None]) -> None:
            other = threading.Thread(target=interruption.shield, args=(ours,))
            other.start()
            other.join(PATIENCE)

        self.check_unwelcome(call)

    def check_unwelcome(self, call: Callable[[Interruption, Callable[[], None]], None]) -> None:
        """As long as what the application calls in this way has not returned, and no longer."""
        inside, gate, done, end = (threading.Event() for _ in range(4))

        def ours() -> None:
            inside.set()
            gate.wait(PATIENCE)

        def application(interruption: Interruption) -> None:
            call(interruption, ours)
            done.set()
            end.wait(PATIENCE)

        runner = Runner(application)
        self.assertTrue(inside.wait(PATIENCE))
        self.assertFalse(runner.interruption.visit(self.fail))
        gate.set()
        self.assertTrue(done.wait(PATIENCE))
        self.assertTrue(runner.interruption.visit(lambda: None))
        end.set()
        self.assertIsNone(runner.outcome())


# Tracing by instructions came out uneven in 3.12.
STEP = "opcode" if sys.version_info < (3, 12) else "line"


class EveryMomentTest(unittest.TestCase):
    """A request is interrupted before each single step of its thread, ours and the application's; the next request follows at once."""

    def setUp(self) -> None:
        self.orders: queue.Queue = queue.Queue()
        self.done = threading.Event()
        thread = threading.Thread(target=self.obey)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.orders.put, None)

    def obey(self) -> None:
        """The control thread."""
        for interruption in iter(self.orders.get, None):
            interruption.interrupt(7)
            self.done.set()

    def interrupt(self, interruption: Interruption) -> None:
        self.done.clear()
        self.orders.put(interruption)
        # In vain where the slot's thread holds the lock: then the attempt comes when that lets go.
        self.done.wait(0.05)

    def serve_interrupted(self, application: Any, step: int) -> Tuple[List[str], bool]:
        """Two requests, the first interrupted at that step. How both ended, and whether there was such a step."""
        record = Record()
        interruption = Interruption(record)
        interruption.bind()
        steps = count(1)

        def trace(frame: Any, event: str, _: Any) -> Any:
            frame.f_trace_opcodes = STEP == "opcode"
            if event == STEP and next(steps) == step:
                sys.settrace(None)
                self.interrupt(interruption)
            return trace

        sys.settrace(trace)
        try:
            first = serve(application, interruption)
        finally:
            sys.settrace(None)
        record.start = 8
        second = serve(application, interruption)
        return [first, second], next(steps) <= step

    def check(self, application: Any, *endings: str) -> None:
        """Every ending of the first request must be one of these, and be seen; the second is never harmed."""
        seen: Set[str] = set()
        with captured_log():
            for step in count(1):
                (first, second), is_over = self.serve_interrupted(application, step)
                self.assertEqual(second, "200 whole", f"the request after the one that was interrupted at step {step}")
                seen.add(first)
                if is_over:
                    break
        self.assertEqual(seen, set(endings))

    def test_an_answer_in_one_piece(self) -> None:
        self.check(lambda environ, start_response: start_response("200 OK", []) and [b"whole"], "200 whole", "504 Gateway Timeout")

    def test_an_answer_in_pieces(self) -> None:
        self.check(in_pieces, "200 whole", "504 Gateway Timeout", "200 who aborted", "200 whol aborted", "200 whole aborted")


def in_pieces(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [])(b"who")
    return Closing(b"l", b"e")


def serve(application: Any, interruption: Interruption) -> str:
    sink = Sink()
    exchange = Exchange(sink, {}, 0, 0)
    exchange.interruption = interruption
    run(application, {}, exchange)
    return f"{exchange.status} {sink.body.decode()}{sink.end}"


class Sink:
    """A door of which every step counts: what is half-way through may not be left."""

    body, end = b"", ""
    sent_files = None

    def send_head(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        self.send_body(exchange, data, is_last)

    def send_body(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        self.body += b"("
        self.body = self.body[:-1] + data

    def abort(self, exchange: Exchange) -> None:
        self.end = " aborted"


class RaceTest(SlotTestCase):
    """Interrupts at any moment, as fast as can be: they hit the request that was meant or none, and no byte of an answer is out of place."""

    REQUESTS = 2000

    def setUp(self) -> None:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        self.addCleanup(sys.setswitchinterval, interval)

    def application(self, environ: Any, start_response: Any) -> Any:
        how = int(environ["QUERY_STRING"]) % 3
        work()
        write = start_response("200 OK", [])
        if how == 0:
            return [b"whole"]
        if how == 1:
            write(b"who")
            return Closing(b"le")
        return Closing(b"w", b"h", b"o", b"l", b"e")

    def test_only_what_was_meant_is_hit(self) -> None:
        slot = self.start(self.application, gateway=True)
        starts: List[int] = []
        meant: Set[int] = set()
        begin = slot.slot.record.begin
        slot.slot.record.begin = lambda request_id, now, label: (starts.append(now), begin(request_id, now, label), begun.release())
        begun = threading.Semaphore(0)
        is_over = threading.Event()

        def interrupt() -> None:
            while begun.acquire() and not is_over.is_set():
                start = starts[-1]
                if random.random() < 0.7:
                    sleep(random.random() * 0.0003)
                    meant.add(start)
                    slot.slot.interruption.interrupt(start)

        with captured_log():
            thread = threading.Thread(target=interrupt)
            thread.start()
            try:
                answers = [self.ask(slot, number) for number in range(1, self.REQUESTS + 1)]
            finally:
                is_over.set()
                begun.release()
                thread.join()
        unharmed = {(200, False, b"whole")}
        for number, (answer, start) in enumerate(zip(answers, starts)):
            if start not in meant:
                self.assertIn(answer, unharmed, f"request {number} was not meant")
            else:
                self.assertIn(answer[:2], {(200, False), (200, True), (504, False)})
        self.assertEqual(len(starts), self.REQUESTS)
        self.assertGreater(sum(status == 504 for status, _, _ in answers), 10)
        self.assertGreater(sum(answer in unharmed for answer in answers), 10)

    def ask(self, slot: Any, number: int) -> Any:
        slot.gateway.sendall(request_frame(number, {**GET, "QUERY_STRING": str(number)}))
        answer = read_answer(slot.gateway)
        return answer.status, answer.is_aborted, answer.body


class VisitRaceTest(SlotTestCase):
    """What waits is asked back at any moment, as fast as can be: each request is either answered or given back, and once."""

    REQUESTS = 3000
    AT_ONCE = 8

    def setUp(self) -> None:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        self.addCleanup(sys.setswitchinterval, interval)

    def test_each_request_has_one_fate(self) -> None:
        run_for: List[str] = []

        def application(environ: Any, start_response: Any) -> Any:
            run_for.append(environ["QUERY_STRING"])
            work()
            start_response("200 OK", [])
            return [environ["QUERY_STRING"].encode()]

        slot = self.start(application, gateway=True)
        is_over = threading.Event()

        def ask_back() -> None:
            while not is_over.is_set():
                sleep(random.random() * 0.001)
                slot.slot.hand_back()

        answered: List[int] = []
        returned: List[int] = []
        thread = threading.Thread(target=ask_back)
        thread.start()
        try:
            for first in range(1, self.REQUESTS + 1, self.AT_ONCE):
                numbers = range(first, first + self.AT_ONCE)
                slot.gateway.sendall(b"".join(request_frame(number, {**GET, "QUERY_STRING": str(number)}) for number in numbers))
                while len(answered) + len(returned) < numbers[-1]:
                    told = read_frame(slot.gateway)
                    if told.kind == 22:
                        returned += struct.unpack(f"<{len(told.payload) // 4}I", told.payload)
                    else:
                        answered.append(told.request_id)
                        self.assertTrue(told.payload.endswith(b"\n%d" % told.request_id))
        finally:
            is_over.set()
            thread.join()
        self.assertEqual(sorted(answered + returned), list(range(1, len(answered + returned) + 1)))
        self.assertEqual(run_for, [str(number) for number in answered])
        self.assertGreater(len(returned), 10)
        self.assertGreater(len(answered), 10)


def work() -> None:
    """Takes as long as the control thread takes to come in, more or less."""
    sleep(random.random() * 0.0003)


class Closing:
    def __init__(self, *pieces: bytes) -> None:
        self._pieces = iter(pieces)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        work()
