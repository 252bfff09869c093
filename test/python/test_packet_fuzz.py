"""Hostile packets at the reader and at a slot. `npm run fuzz` looks for longer, with another seed each time."""

from __future__ import annotations

import os
import random
import struct
import sys
import tracemalloc
from typing import Any, Dict, List

from .support import GET, SlotTestCase, captured_log, receive_all, uwsgi_packet

from tsuwsgi.packet import HEAD_SIZE, PacketError, body_size, packet_size, read_vars

SEED = int(os.environ.get("FUZZ_SEED", "20262"))
FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
LIMIT = 1024
LENGTHS = ["", "0", "5", "11", "-1", "5x", "\xb2", "9" * 15, "9" * 16, "9" * 5000]
# What turns a length into another: the largest and the smallest, and borders of signed and unsigned bytes.
BYTES = [0, 1, 2, 4, 5, 30, 71, 100, 127, 128, 255]


def hostile_packet(chance: random.Random) -> bytes:
    """A right packet with a few bytes changed, or with another size than it has."""
    variables: Dict[str, str] = dict(GET, CONTENT_LENGTH=chance.choice(LENGTHS))
    for number in range(chance.choice([0, 1, 20])):
        variables[f"HTTP_{number}"] = "x" * chance.choice([0, 1, 255, 256])
    data = bytearray(uwsgi_packet(variables, chance.choice([0, 0, 0, 5, 9])) + b"a body"[: chance.randrange(7)])
    for _ in range(chance.choice([0, 1, 1, 3])):
        # Half of them in the head and the first lengths, where they weigh most.
        at = chance.randrange(chance.choice([20, len(data)]))
        data[at] = chance.choice(BYTES)
    if chance.random() < 0.2:
        del data[chance.randrange(1, len(data)) :]
    return bytes(data)


def read(data: bytes) -> Dict[str, Any]:
    """As the direct door reads; IndexError where bytes are missing, for which it would wait."""
    end = HEAD_SIZE + packet_size(data, LIMIT)
    if len(data) < end:
        raise IndexError
    variables, _ = read_vars(data, end, 128)
    body_size(variables.get("CONTENT_LENGTH", ""), 10)
    return variables


def strings_of(block: bytes) -> List[bytes]:
    """The names and values of a block, read in the plainest way; struct.error where a length leads past its end."""
    strings = []
    while block:
        (size,) = struct.unpack_from("<H", block)
        (text,) = struct.unpack_from(f"{size}s", block, 2)
        strings.append(text)
        block = block[2 + size :]
    return strings


class ReaderFuzzTest(SlotTestCase):
    def test_gives_variables_or_a_packet_error(self) -> None:
        print(f"seed {SEED}", file=sys.stderr)
        chance = random.Random(SEED)
        served = refused = unfinished = 0
        for _ in range(5000 * FACTOR):
            data = hostile_packet(chance)
            try:
                variables = read(data)
                served += 1
                self.assertNotIn("", variables)
                strings = [text.decode("latin-1") for text in strings_of(data[HEAD_SIZE : HEAD_SIZE + packet_size(data, LIMIT)])]
                self.assertEqual(variables, dict(zip(strings[::2], strings[1::2])))
                self.assertEqual(len(strings) % 2, 0)
            except PacketError:
                refused += 1
            except IndexError:
                unfinished += 1
        # A fuzzer whose packets all end in the same way finds nothing.
        self.assertGreater(min(served, refused, unfinished), 50)

    def test_leaves_nothing_behind_in_memory(self) -> None:
        chance = random.Random(SEED)
        packets = [hostile_packet(chance) for _ in range(1000)]
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        sizes = []
        for _ in range(3):
            for data in packets:
                try:
                    read(data)
                except (PacketError, IndexError):
                    pass
            sizes.append(tracemalloc.get_traced_memory()[0])
        self.assertLess(sizes[-1] - sizes[0], 50_000)


class SlotFuzzTest(SlotTestCase):
    def test_ends_each_connection_and_serves_the_next(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            try:
                environ["wsgi.input"].read()
            except OSError:
                pass  # the body was shorter than it said
            start_response("200 OK", [])
            return [b"fine"]

        slot = self.start(application, direct=True, bufferSize=LIMIT, limitPost=10, maxVariables=128)
        chance = random.Random(SEED)
        with captured_log() as log:
            for _ in range(300 * FACTOR):
                data = hostile_packet(chance)
                with slot.connect() as connection:
                    try:
                        connection.sendall(data)
                        connection.shutdown(1)
                        receive_all(connection)
                    except (ConnectionResetError, BrokenPipeError):
                        pass  # as good as an end
            self.assertEqual(slot.ask(GET).body, b"fine")
            self.assertNotIn("Traceback", log())
