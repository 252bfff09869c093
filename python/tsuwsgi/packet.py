"""The uwsgi protocol, which nginx's uwsgi_pass speaks (https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html).

    | modifier1 u8 | size u16 | modifier2 u8 | (size u16, bytes)* |        little-endian; names and values alternate, the body follows

Owns no socket: bytes in, names and values out.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Tuple

HEAD_SIZE = 4
# 0 is uWSGI's Python; 5 is the same request for an application in Perl (PSGI); 30 has uWSGI cut SCRIPT_NAME off PATH_INFO, which with
# Python 3 it does not do.
_WSGI_MODIFIERS = (0, 5, 30)
PING_MODIFIER = 100
PONG = bytes((PING_MODIFIER, 0, 0, 1))

# The beginning of a method in capitals, perhaps a short one with its target behind it. No plugin has a letter as its modifier.
_HTTP_BEGINNING = re.compile(rb"[A-Z][A-Z\-]{2}[A-Z\- ]")
_TLS_HANDSHAKE = b"\x16\x03"
# More than any disk holds; int() itself refuses texts of some thousand digits.
_LENGTH_DIGITS = 15


class PacketError(Exception):
    """What arrived is no request for us; the message says what to do about it."""


class RequestRefused(PacketError):
    """A request all the same, so its client gets an answer with this status, a reason behind the code."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


def packet_size(data: bytes, limit: int) -> int:
    """The size of the variables' block, judged by the packet's head alone: more than the limit is not even read."""
    if data[0] not in _WSGI_MODIFIERS:
        raise _wrong_modifier(data)
    size = data[1] | data[2] << 8
    if size == 0:
        raise PacketError("a uwsgi packet without any variable: give the proxy's request its uwsgi_params")
    if size > limit:
        raise PacketError(f"a uwsgi packet of {size} bytes; buffer-size allows {limit}: set buffer-size = {size} or more")
    return size


def _wrong_modifier(data: bytes) -> PacketError:
    if _HTTP_BEGINNING.match(data):
        return PacketError(
            "plain HTTP arrived on a uwsgi socket: use uwsgi_pass instead of proxy_pass in nginx, "
            "or let this address speak HTTP with http-socket instead of socket"
        )
    if data.startswith(_TLS_HANDSHAKE):
        return PacketError("TLS (https) arrived on a uwsgi socket, which speaks the uwsgi protocol only: put nginx with uwsgi_pass in front")
    return RequestRefused(
        "501 Not Implemented",
        f"a uwsgi packet with modifier1 {data[0]}; this server runs WSGI applications only, which is modifier1 0: "
        "remove uwsgi_modifier1 from the proxy's configuration",
    )


def read_vars(data: bytes, end: int, limit: int = 0) -> Tuple[Dict[str, Any], int]:
    """The variables between the head and `end`, as PEP 3333 wants them (one character for each byte), and how many there were.

    `limit` is how many there may be; 0 for any number.
    """
    # One decoding for the whole packet and slices of it: half the time of decoding each string.
    text = data[:end].decode("latin-1")
    variables: Dict[str, Any] = {}
    pairs = 0
    at = HEAD_SIZE
    try:
        while at < end:
            name_at = at + 2
            name_end = name_at + data[at]
            # Hardly a string has 256 bytes: to look costs less than to add nothing.
            if data[at + 1]:
                name_end += data[at + 1] << 8
            value_at = name_end + 2
            at = value_at + data[name_end]
            if data[name_end + 1]:
                at += data[name_end + 1] << 8
            variables[text[name_at:name_end]] = text[value_at:at]
            pairs += 1
    except IndexError:
        at = end + 1
    # A length that leads past the end always leaves us there, so it need not be checked for each string.
    if at != end:
        raise PacketError("a malformed uwsgi packet: a length in it leads past its end")
    if "" in variables:
        raise PacketError("a malformed uwsgi packet: a variable without a name")
    if limit and pairs > limit:
        raise PacketError(f"a uwsgi packet of {pairs} variables; max-vars allows {limit}: set max-vars = {(pairs + 1) // 2} or more")
    return variables, pairs


def body_size(length: str, limit: int) -> int:
    """CONTENT_LENGTH as a number, 0 for a text that is none, as in uWSGI. `limit` is the largest that is served; 0 for any."""
    if not length.isdecimal():
        return 0
    if len(length) > _LENGTH_DIGITS:
        raise RequestRefused("400 Bad Request", f"a CONTENT_LENGTH of {len(length)} digits")
    size = int(length)
    if limit and size > limit:
        raise RequestRefused("413 Payload Too Large", f"a body of {size} bytes; limit-post allows {limit}: set limit-post = {size} or more")
    return size
