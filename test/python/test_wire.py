from __future__ import annotations

import json
import os
import socket
import struct
import threading
import unittest
from pathlib import Path
from typing import Any, Dict

from .support import GET, PATIENCE, frame, request_frame

from tsuwsgi import wire
from tsuwsgi.fileregion import FileRegion
from tsuwsgi.memory import own_memory

_FIXTURES = Path(__file__).parents[1] / "fixtures" / "wire"


def fixture(name: str) -> Dict[str, Any]:
    return json.loads((_FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


class FrameReaderTest(unittest.TestCase):
    def setUp(self) -> None:
        ours, self.gateway = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(self.gateway.close)
        ours.settimeout(PATIENCE)
        ours.setblocking(True)
        self.ours = ours
        self.reader = wire.FrameReader(ours)

    def next(self) -> tuple:
        found = self.reader.next()
        return (found.request_id, found.kind, found.flags, found.extra, bytes(found.payload))

    def test_takes_memory_only_for_what_has_arrived(self) -> None:
        before = own_memory().resident
        readers = [wire.FrameReader(self.ours) for _ in range(64)]
        self.assertLess(own_memory().resident - before, len(readers) * 65536)

    def test_reads_the_same_frames_wherever_the_bytes_are_cut(self) -> None:
        data = frame(1, 7, b"payload", 1, 3) + frame(4, 7, b"", 1) + frame(3, 8)
        for cut in range(1, len(data)):
            self.gateway.sendall(data[:cut])
            # Takes what is there, so that the cut is really one.
            early = []
            try:
                while True:
                    found = self.reader.next(socket.MSG_DONTWAIT)
                    early.append((found.request_id, found.kind, found.flags, found.extra, bytes(found.payload)))
            except BlockingIOError:
                pass
            self.gateway.sendall(data[cut:])
            while len(early) < 3:
                early.append(self.next())
            self.assertEqual(early, [(7, 1, 1, 3, b"payload"), (7, 4, 1, 0, b""), (8, 3, 0, 0, b"")], f"cut at {cut}")

    def test_grows_for_a_frame_larger_than_its_buffer(self) -> None:
        payload = b"x" * 150000
        self.gateway.sendall(frame(1, 1, b"small"))
        self.assertEqual(self.next()[4], b"small")
        for size in (1, 4):
            self._send_in_background(frame(1, 1, payload * size) + frame(3, 1))
            self.assertEqual(self.next()[4], payload * size)
            self.assertEqual(self.next()[1], 3)

    def test_a_body_is_read_from_its_frame_piece_by_piece_however_large_that_is(self) -> None:
        body = bytes(range(256)) * 4000
        self._send_in_background(frame(2, 1, body, 1) + frame(1, 2, b"next"))
        self.assertEqual(self.next(), (1, 2, 1, 0, b""))
        found = b""
        for size in (1, 100, 70000, 300000, 10_000_000):
            piece = bytearray(size)
            found += piece[: self.reader.read_into(piece)]
        self.assertEqual(self.reader.left, 0)
        self.assertEqual(self.reader.read_into(bytearray(10)), 0)
        self.assertTrue(found == body)
        self.assertEqual(self.next()[4], b"next")

    def test_what_nobody_reads_of_a_body_is_passed_over(self) -> None:
        self._send_in_background(frame(2, 1, b"x" * 1_000_000) + frame(2, 1, b"y", 1) + frame(1, 2, b"next"))
        self.assertEqual(self.next()[:2], (1, 2))
        self.reader.read_into(bytearray(100000))
        self.assertEqual(self.next()[:3], (1, 2, 1))
        self.assertEqual(self.next()[4], b"next")

    def test_a_body_is_waited_for_whatever_was_before(self) -> None:
        with self.assertRaises(BlockingIOError):
            self.reader.next(socket.MSG_DONTWAIT)
        self.gateway.sendall(frame(2, 1, b"x" * 8)[:-4])
        self.reader.next(socket.MSG_DONTWAIT)
        late = threading.Timer(0.05, self.gateway.sendall, [b"late"])
        late.start()
        self.addCleanup(late.join, PATIENCE)
        piece = bytearray(8)
        self.assertEqual(self.reader.read_into(piece), 8)
        self.assertEqual(piece, b"xxxxlate")

    def test_a_body_that_breaks_off_gives_what_came_and_then_nothing(self) -> None:
        self.gateway.sendall(frame(2, 1, b"x" * 8)[:-4])
        self.gateway.close()
        self.reader.next()
        piece = bytearray(8)
        self.assertEqual([self.reader.read_into(piece), self.reader.read_into(piece)], [4, 0])

    def _send_in_background(self, data: bytes) -> None:
        thread = threading.Thread(target=self.gateway.sendall, args=(data,), daemon=True)
        thread.start()
        self.addCleanup(thread.join, PATIENCE)

    def test_many_frames_pass_through_the_one_buffer(self) -> None:
        for number in range(1, 3000):
            self.gateway.sendall(frame(1, number, b"x" * (number % 1000)))
            self.assertEqual(self.next()[0], number)

    def test_none_at_the_end_of_the_stream(self) -> None:
        self.gateway.close()
        self.assertIsNone(self.reader.next())

    def test_a_cancel_is_found_behind_other_frames_and_takes_none(self) -> None:
        self.assertFalse(self.reader.is_cancelled(5))
        self.gateway.sendall(frame(2, 5, b"body") + frame(3, 4))
        self.assertFalse(self.reader.is_cancelled(5))
        self.gateway.sendall(frame(3, 5))
        self.assertTrue(self.reader.is_cancelled(5))
        self.assertEqual(self.next()[:2], (5, 2))
        piece = bytearray(3)
        self.reader.read_into(piece)
        self.assertTrue(self.reader.is_cancelled(5), "behind the rest of a body")
        self.assertFalse(self.reader.is_cancelled(6))
        self.reader.read_into(memoryview(piece)[:1])
        self.assertEqual(bytes(piece), b"yod")

    def test_whole_requests_that_wait_are_found_behind_other_frames_and_taken_out(self) -> None:
        self.assertEqual(self.reader.waiting(), [])
        whole = [frame(1, number, b"x" * size, flags=1) for number, size in ((7, 10), (8, 0), (9, 100_000))]
        others = [frame(3, 7), frame(2, 5, b"more", flags=1), frame(1, 10, b"its body follows")]
        self.gateway.sendall(frame(2, 5, b"body") + whole[0] + others[0] + whole[1] + others[1] + others[2])
        self.assertEqual(self.reader.waiting(), [7, 8])
        self.assertEqual(self.next()[:2], (5, 2))
        piece = bytearray(4)
        self.reader.read_into(memoryview(piece)[:1])
        self.assertEqual(self.reader.waiting(), [7, 8], "behind the rest of a body")
        self.reader.drop_waiting()
        self.assertEqual(self.reader.waiting(), [])
        self.reader.read_into(memoryview(piece)[1:])
        self.assertEqual(bytes(piece), b"body")
        self._send_in_background(whole[2])
        self.assertEqual([self.next()[:2] for _ in range(4)], [(7, 3), (5, 2), (10, 1), (9, 1)])

    def test_a_part_of_a_request_does_not_wait_and_stays(self) -> None:
        later = frame(1, 8, b"later", flags=1)
        for cut in range(1, len(later)):
            self.gateway.sendall(frame(1, 7, b"now", flags=1) + later[:cut])
            self.assertEqual(self.reader.waiting(), [7])
            self.reader.drop_waiting()
            self.gateway.sendall(later[cut:])
            self.assertEqual(self.next(), (8, 1, 1, 0, b"later"), f"cut at {cut}")

    def test_requests_wait_at_the_end_of_the_stream_too(self) -> None:
        self.gateway.sendall(frame(1, 7, b"", flags=1))
        self.gateway.close()
        self.assertEqual(self.reader.waiting(), [7])
        self.reader.drop_waiting()
        self.assertIsNone(self.reader.next())

    def test_a_frame_that_is_waited_for_is_found_behind_others_and_takes_none(self) -> None:
        others = b"".join(frame(1, number, b"x" * 60000) for number in range(10, 20))
        self._send_in_background(others + frame(4, 9, flags=1) + frame(4, 5, flags=1) + frame(1, 6))
        self.assertEqual(self.reader.flags_of(wire.VERDICT, 5), 1)
        self.assertEqual([self.next()[:2] for _ in range(10)], [(number, 1) for number in range(10, 20)])
        self.assertEqual([self.next()[:2] for _ in range(3)], [(9, 4), (5, 4), (6, 1)])

    def test_a_frame_that_does_not_come_before_the_end_is_none(self) -> None:
        self.gateway.sendall(frame(1, 5, b"x" * 1000))
        self.gateway.close()
        self.assertIsNone(self.reader.flags_of(wire.VERDICT, 5))

    def test_a_gateway_that_is_gone_has_cancelled_everything(self) -> None:
        self.gateway.close()
        self.assertTrue(self.reader.is_cancelled(1))


class LayoutTest(unittest.TestCase):
    def test_a_file_on_offer_and_the_end_of_its_answer(self) -> None:
        told = fixture("file")
        region = FileRegion(3, told["position"], told["size"])
        identity = os.stat_result((0o100644, int(told["inode"]), int(told["device"]), 1, 0, 0, 0, 0, 0, 0))
        self.assertEqual(wire.file(7, region, identity, told["path"].encode("latin-1")).hex(), told["hex"])
        end = fixture("end-given")
        self.assertEqual(wire.end(7, wire.GIVEN, end["serviceUs"]).hex(), end["hex"])

    def test_requests_are_given_back_by_their_ids(self) -> None:
        told = fixture("returned")
        self.assertEqual(wire.returned(told["ids"]).hex(), told["hex"])

    def test_a_verdict_is_read_as_it_was_meant(self) -> None:
        for name in ("verdict-taken", "verdict-refused"):
            told = fixture(name)
            _, _, kind, flags, _ = wire.unpack_head(bytes.fromhex(told["hex"]))
            self.assertEqual((kind, bool(flags & wire.TAKEN)), (wire.VERDICT, told["isTaken"]))

    def test_a_gateway_says_which_process_it_is(self) -> None:
        told = fixture("welcome")
        frame = bytes.fromhex(told["hex"])
        self.assertEqual((wire.unpack_head(frame)[2], wire.read_welcome(memoryview(frame)[wire.HEAD_SIZE :])), (wire.WELCOME, told["pid"]))

    def test_a_shared_body_is_found_where_it_was_put(self) -> None:
        told = fixture("request-whose-body-is-shared")
        request = bytes.fromhex(told["hex"])
        self.assertTrue(request[9] & wire.SHARED)
        environ, _, reference = wire.read_request(memoryview(request)[12:])
        self.assertEqual(environ, told["environ"])
        self.assertEqual(wire.read_shared(reference), (told["size"], told["name"]))

    def test_a_request_holds_environ_size_and_body(self) -> None:
        payload = memoryview(request_frame(1, GET, b"body")[12:])
        size = sum(4 + len(name) + len(value) for name, value in GET.items())
        self.assertEqual(wire.read_request(payload), (GET, size, b"body"))

    def test_a_response_is_laid_out_as_the_gateway_reads_it(self) -> None:
        data = b"".join(wire.response(7, wire.IS_END, 404, b"404 Not Found\r\n", b"body", -1, 250))
        self.assertEqual(struct.unpack("<IIBBH", data[:12]), (16 + 15 + 4, 7, 17, 1, 404))
        self.assertEqual(struct.unpack("<qII", data[12:28]), (-1, 15, 250))
        self.assertEqual(data[28:], b"404 Not Found\r\nbody")

    def test_more_body_the_end_and_the_greeting(self) -> None:
        self.assertEqual(wire.body_head(7, 3) + b"abc", frame(18, 7, b"abc"))
        self.assertEqual(wire.end(7, wire.ABORTED, 5), frame(19, 7, struct.pack("<I", 5), flags=2))
        greeting = wire.hello({"seat": 3})
        self.assertEqual((greeting[8], json.loads(greeting[12:])), (16, {"seat": 3}))
