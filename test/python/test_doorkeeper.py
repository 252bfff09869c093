from __future__ import annotations

import socket
import time

from .support import GET, HELLO, FakeMaster, ProcessTestCase, parse_answer, receive_all, uwsgi_packet


class DoorkeeperTest(ProcessTestCase):
    def start_asleep(self) -> FakeMaster:
        master = self.start({"hello.py": "print('imported', flush=True)\n" + HELLO}, direct=True, asleep=True)
        self.assertEqual(master.spawner.receive(), {"type": "listening"})
        return master

    def ask(self, master: FakeMaster, body: bytes = b"") -> socket.socket:
        client = master.connect()
        client.sendall(uwsgi_packet(GET) + body)
        return client

    def test_knocks_when_a_client_waits_who_is_served_once_the_application_is_there(self) -> None:
        master = self.start_asleep()
        master.spawner.send(type="watch")
        with self.ask(master) as client:
            self.assertEqual(master.spawner.receive(), {"type": "knock"})
            self.assertEqual(master.log, "")
            master.spawner.send(type="load")
            master.report("loaded")
            self.assertEqual(master.log, "imported\n")
            master.start_worker()
            self.assertEqual(parse_answer(receive_all(client)).body, b"hello /x")

    def test_knocks_once_for_each_watch(self) -> None:
        master = self.start_asleep()
        with self.ask(master):
            master.spawner.send(type="watch")
            self.assertEqual(master.spawner.receive(), {"type": "knock"})
            master.spawner.send(type="watch")
            self.assertEqual(master.spawner.receive(), {"type": "knock"})
            master.spawner.send(type="reopen-log", path="/nowhere/log")
            while "/nowhere/log" not in master.log:
                time.sleep(0.01)
            master.spawner.send(type="load")
            self.assertEqual(master.spawner.receive()["type"], "loaded")

    def test_watches_on_when_it_was_told_something_else(self) -> None:
        master = self.start_asleep()
        master.spawner.send(type="watch")
        master.spawner.send(type="reopen-log", path=str(master.log_path))
        with self.ask(master):
            self.assertEqual(master.spawner.receive(), {"type": "knock"})

    def test_refuses_those_who_wait_and_nobody_who_comes_later(self) -> None:
        master = self.start_asleep()
        # Larger than what a socket holds: the refusal must not be overtaken by a reset.
        waiting = [self.ask(master), self.ask(master, b"x" * 100_000)]
        master.spawner.send(type="refuse")
        for client in waiting:
            answer = parse_answer(receive_all(client))
            self.assertEqual((answer.status, answer.body), ("HTTP/1.1 503 Service Unavailable", b"Service Unavailable\n"))
            client.close()
        self.assertIn("direct.sock: 2 requests were answered 503", master.log)
        with self.ask(master) as later:
            master.spawner.send(type="watch")
            self.assertEqual(master.spawner.receive(), {"type": "knock"})
            later.setblocking(False)
            self.assertRaises(BlockingIOError, later.recv, 1)

    def test_a_client_that_takes_no_notice_does_not_hold_it_up_for_long(self) -> None:
        master = self.start_asleep()
        with self.ask(master):
            master.spawner.send(type="refuse")
            master.spawner.send(type="load")
            started = time.monotonic()
            self.assertEqual(master.spawner.receive()["type"], "loaded")
            self.assertLess(time.monotonic() - started, 5.0)

    def test_leaves_with_the_master(self) -> None:
        master = self.start_asleep()
        master.spawner.send(type="watch")
        master.spawner.close()
        self.assertEqual(master.process.wait(10), 0)
