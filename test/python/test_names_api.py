"""Unit tests of the smaller rooms of api/: functions by name, connections, files, and names behind which there is nothing."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
from typing import Any

from .support import captured_log, uwsgi_packet
from .test_api import ModuleTestCase


class RpcTest(ModuleTestCase):
    def test_functions_are_called_by_name_with_bytes(self) -> None:
        uwsgi = self.install()
        self.assertEqual(uwsgi.rpc_list(), ())
        self.assertIs(uwsgi.register_rpc("join", lambda *words: b"+".join(words), 2), True)
        self.assertEqual((uwsgi.rpc(None, b"join", b"a", b"b"), uwsgi.rpc("", b"join", b"a"), uwsgi.call(b"join", b"a")), (b"a+b", b"a", b"a"))
        self.assertEqual((uwsgi.call(b"join"), uwsgi.call(b"none"), uwsgi.rpc_list()), (None, None, (b"join",)))
        for wrong in (("join",), (b"join", "a"), (b"join", 1)):
            with self.assertRaisesRegex(ValueError, "unable to call rpc function"):
                uwsgi.call(*wrong)
        for name, function in ((b"bytes", len), ("name", 1)):
            with self.assertRaises(TypeError):
                uwsgi.register_rpc(name, function)

    def test_what_fails_is_shown_and_gives_none(self) -> None:
        uwsgi = self.install()
        uwsgi.register_rpc("fails", lambda: 1 / 0)
        with captured_log() as log:
            self.assertIsNone(uwsgi.call(b"fails"))
            self.assertIn("ZeroDivisionError", log())

    def test_other_servers_are_not_called(self) -> None:
        with self.assertRaisesRegex(NotImplementedError, r"^uwsgi\.rpc\(\): .*; call them over HTTP$"):
            self.install().rpc(b"127.0.0.1:3031", b"join")


class ConnectTest(ModuleTestCase):
    def test_to_a_port_or_a_unix_socket(self) -> None:
        uwsgi = self.install()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, "a.sock")
        with socket.socket(socket.AF_UNIX) as local, socket.create_server(("127.0.0.1", 0)) as remote:
            local.bind(path)
            local.listen(1)
            for listener, address in ((local, path), (remote, f"127.0.0.1:{remote.getsockname()[1]}")):
                for connect in (uwsgi.connect, uwsgi.async_connect):
                    fd = connect(address)
                    peer, _ = listener.accept()
                    self.assertEqual(os.get_blocking(fd), connect is uwsgi.connect)
                    peer.close()
                    uwsgi.close(fd)
        with captured_log() as log:
            self.assertEqual((uwsgi.connect(path + "-none"), uwsgi.async_connect(path + "-none")), (-1, -1))
            self.assertIn("No such file or directory", log())

    def test_a_tcp_listener_tells_of_its_backlog(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as local:
            local.bind("")
            local.listen(1)
            sockets = [{"fd": each.fileno(), "name": "socket"} for each in (listener, local)]
            uwsgi = self.install(directSockets=sockets)
            self.assertEqual(uwsgi.listen_queue(), 0)
            with socket.create_connection(listener.getsockname()), socket.create_connection(listener.getsockname()):
                self.assertEqual((uwsgi.listen_queue(0), uwsgi.listen_queue(1)), (2, 0))
        for wrong in (2, -1):
            with self.assertRaisesRegex(ValueError, "unable to find socket"):
                uwsgi.listen_queue(wrong)


class FilesTest(ModuleTestCase):
    def parse(self, data: bytes) -> Any:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return self.install().parsefile(file.name)

    def test_a_packet_in_a_file(self) -> None:
        self.assertEqual(self.parse(uwsgi_packet({"a": "1", "é": ""}, 17) + b"body"), {b"a": b"1", "é".encode("latin-1"): b""})

    def test_what_is_no_packet_is_none(self) -> None:
        packet = uwsgi_packet({"a": "1"})
        broken = [b"", b"\0", packet[:-1], struct.pack("<BHB", 0, 3, 0) + b"\1\0a", struct.pack("<BHB", 0, 3, 0) + b"\2\0a"]
        with captured_log() as log:
            for data in (*broken, struct.pack("<BHB", 0, 1, 0) + b"a"):
                self.assertIsNone(self.parse(data), data)
            self.assertEqual(log().count("uwsgi.parsefile("), 6)

    def test_a_file_is_extracted_by_its_path(self) -> None:
        with open(__file__, "rb") as file:
            self.assertEqual(self.install().extract(__file__), file.read())
        with self.assertRaises(FileNotFoundError):
            self.install().extract(__file__ + "-none")
        with self.assertRaisesRegex(NotImplementedError, r"^uwsgi\.extract\(\): "):
            self.install().extract("exec://true")


class AbsentTest(ModuleTestCase):
    def test_options_bring_names_that_say_what_serves_instead(self) -> None:
        uwsgi = self.install(options=[["spooler", "/tasks"], ["mode", "test"]])
        self.assertEqual(uwsgi.mode, b"test")
        with self.assertRaisesRegex(NotImplementedError, r"^uwsgi\.spool\(\): there is no spooler; use a task queue"):
            uwsgi.spool({b"a": b"b"}, priority=1)
        self.assertFalse(hasattr(uwsgi, "queue_push"))
        with self.assertRaisesRegex(AttributeError, "uwsgi.queue_push is there with the option queue of uWSGI; here there are no queues"):
            uwsgi.queue_push(b"a")

    def test_waiting_gives_other_threads_their_turn(self) -> None:
        uwsgi = self.install()
        self.assertEqual((uwsgi.async_sleep(0.001), uwsgi.suspend(), uwsgi.green_schedule(), uwsgi.ready_fd()), (b"", True, True, -1))
