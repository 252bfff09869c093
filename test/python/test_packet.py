from __future__ import annotations

import unittest

from .support import GET, uwsgi_packet

from tsuwsgi.packet import PacketError, RequestRefused, body_size, packet_size, read_vars


class PacketTest(unittest.TestCase):
    def test_reads_every_variable_with_one_character_for_each_byte(self) -> None:
        packet = uwsgi_packet({"PATH_INFO": "/caf\xc3\xa9", "EMPTY": ""})
        self.assertEqual(read_vars(packet, len(packet)), ({"PATH_INFO": "/caf\xc3\xa9", "EMPTY": ""}, 2))

    def test_leaves_the_body_behind_the_packet_alone(self) -> None:
        packet = uwsgi_packet(GET)
        self.assertEqual(read_vars(packet + b"body", len(packet))[0], GET)

    def test_the_last_of_two_variables_of_one_name_wins_and_both_count(self) -> None:
        packet = b"\0\x0c\0\0" + b"\1\0A\1\0x" + b"\1\0A\1\0y"
        self.assertEqual(read_vars(packet, len(packet)), ({"A": "y"}, 2))

    def test_reads_more_variables_than_uwsgi_does(self) -> None:
        variables = {f"HTTP_X_{number}": str(number) for number in range(500)}
        packet = uwsgi_packet(variables)
        self.assertEqual(read_vars(packet, len(packet))[0], variables)

    def test_refuses_more_variables_than_max_vars(self) -> None:
        packet = uwsgi_packet({str(number): "" for number in range(121)})
        self.assertEqual(read_vars(packet, len(packet), 121)[1], 121)
        with self.assertRaisesRegex(PacketError, "121 variables; max-vars allows 120: set max-vars = 61 or more"):
            read_vars(packet, len(packet), 120)

    def test_refuses_lengths_that_lead_out_of_the_block(self) -> None:
        for what, block in {
            "a length cut in half": b"\5",
            "a name longer than the block": b"\x09\0A",
            "a name without a value": b"\1\0A",
            "half a length of a value": b"\1\0A\1",
            "a value longer than the block": b"\1\0A\x09\0B",
            "a variable without a name": b"\0\0\1\0A",
        }.items():
            for rest in (b"", b"a body that follows"):
                with self.subTest(what, rest=rest), self.assertRaisesRegex(PacketError, "malformed"):
                    read_vars(bytes((0, len(block), 0, 0)) + block + rest, 4 + len(block))

    def test_refuses_a_packet_larger_than_buffer_size_by_its_head(self) -> None:
        self.assertEqual(packet_size(b"\0\0\x10\0", 4096), 4096)
        with self.assertRaisesRegex(PacketError, "buffer-size allows 4096: set buffer-size = 4097 or more"):
            packet_size(b"\0\1\x10\0", 4096)

    def test_says_what_arrived_instead_of_a_request(self) -> None:
        for head, expected in {
            b"GET ": "plain HTTP",
            b"POST": "plain HTTP",
            b"\x16\x03\x01\x02": "TLS",
            b"LOCK": "plain HTTP",
            b"M-SE": "plain HTTP",
            b"\x09\0\0\0": "modifier1 9",
            b"\0\0\0\0": "without any variable",
        }.items():
            with self.subTest(head), self.assertRaisesRegex(PacketError, expected):
                packet_size(head, 65535)

    def test_serves_the_modifiers_that_mean_a_request_for_an_application(self) -> None:
        for modifier in (0, 5, 30):
            self.assertEqual(packet_size(bytes((modifier, 7, 1, 0)), 4096), 263)

    def test_answers_a_request_for_another_plugin(self) -> None:
        with self.assertRaises(RequestRefused) as caught:
            packet_size(b"\x09\x04\0\0", 4096)
        self.assertEqual(caught.exception.status, "501 Not Implemented")


class BodySizeTest(unittest.TestCase):
    def test_a_length_that_is_none_is_no_body(self) -> None:
        for length in ("x", "-1", "1.5", " 1", "\xb2"):
            self.assertEqual(body_size(length, 0), 0, length)

    def test_may_be_limit_post_to_the_byte(self) -> None:
        self.assertEqual(body_size("10", 10), 10)
        with self.assertRaisesRegex(RequestRefused, "a body of 11 bytes; limit-post allows 10: set limit-post = 11 or more") as caught:
            body_size("11", 10)
        self.assertEqual(caught.exception.status, "413 Payload Too Large")

    def test_refuses_a_number_that_no_client_can_mean(self) -> None:
        self.assertEqual(body_size("9" * 15, 0), 10**15 - 1)
        for digits in (16, 5000):
            with self.assertRaises(RequestRefused) as caught:
                body_size("9" * digits, 0)
            self.assertEqual(caught.exception.status, "400 Bad Request")
