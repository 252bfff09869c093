from __future__ import annotations

import json
import socket
import threading
import unittest
from time import monotonic

from .support import PATIENCE

from tsuwsgi.control import ControlChannel


class ControlChannelTest(unittest.TestCase):
    def setUp(self) -> None:
        ours, self.master = socket.socketpair()
        self.channel = ControlChannel(ours)
        self.addCleanup(self.channel.close)
        self.addCleanup(self.master.close)
        self.master.settimeout(PATIENCE)

    def test_a_message_is_one_line(self) -> None:
        self.channel.send({"type": "ready", "text": "a\nb"})
        self.assertEqual(self.master.recv(1000), b'{"type": "ready", "text": "a\\nb"}\n')

    def test_several_messages_in_one_piece_come_one_by_one(self) -> None:
        self.master.sendall('{"type":"serve"}\n{"type":"é"}\n{"ty'.encode())
        self.assertEqual(self.channel.receive(), {"type": "serve"})
        self.assertTrue(self.channel.has_message())
        self.assertEqual(self.channel.receive(), {"type": "é"})
        self.assertFalse(self.channel.has_message())
        self.master.sendall(b'pe":"stop"}\n')
        self.assertEqual(self.channel.receive(), {"type": "stop"})

    def test_the_end_of_the_master_is_none_and_sending_to_it_no_error(self) -> None:
        self.master.close()
        self.channel.send({"type": "ready"})
        self.assertIsNone(self.channel.receive())

    def test_a_message_is_offered_and_not_waited_for(self) -> None:
        # Were it to wait after all.
        self.channel._connection.settimeout(PATIENCE)
        began, taken = monotonic(), 0
        while self.channel.offer({"type": "exception", "traceback": "x" * 8000}):
            taken += 1
            self.assertLess(taken, 1000)
        self.assertLess(monotonic() - began, PATIENCE / 2)
        self.assertGreater(taken, 0)
        # What was taken is there as a whole.
        lines = b""
        while lines.count(b"\n") < taken:
            lines += self.master.recv(65536)
        self.assertEqual(len(lines), taken * len(json.dumps({"type": "exception", "traceback": "x" * 8000}) + "\n"))
        self.assertTrue(self.channel.offer({"type": "ready"}))
        self.assertEqual(self.master.recv(1000), b'{"type": "ready"}\n')

    def test_nothing_is_offered_while_another_thread_sends_or_the_master_is_gone(self) -> None:
        taken = []
        with self.channel._sending:
            other = threading.Thread(target=lambda: taken.append(self.channel.offer({"type": "ready"})), daemon=True)
            other.start()
            other.join(PATIENCE / 10)
            self.assertEqual(taken, [False])
        self.master.close()
        self.assertFalse(self.channel.offer({"type": "ready"}))
