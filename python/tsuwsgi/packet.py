"""The uwsgi protocol, which nginx's uwsgi_pass speaks (https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html).

    | modifier1 u8 | size u16 | modifier2 u8 | (size u16, bytes)* |        little-endian; names and values alternate, the body follows

Owns no socket: bytes in, names and values out.
"""

from __future__ import annotations

from typing import Any, Dict, Tuple

HEAD_SIZE = 4
WSGI_MODIFIER = 0
PING_MODIFIER = 100
PONG = bytes((PING_MODIFIER, 0, 0, 1))

_HTTP_BEGINNINGS = (b"GET ", b"HEAD", b"POST", b"PUT ", b"DELE", b"OPTI", b"PATC", b"CONN", b"TRAC", b"PRI ")
_TLS_HANDSHAKE = b"\x16\x03"


class PacketError(Exception):
    """What arrived is no request for us; the message says what to do about it."""


def packet_size(data: bytes, limit: int) -> int:
    """The size of the variables' block, judged by the packet's head alone: more than the limit is not even read."""
    if data[0] != WSGI_MODIFIER:
        raise PacketError(_explain_modifier(data))
    size = data[1] | data[2] << 8
    if size == 0:
        raise PacketError("a uwsgi packet without any variable: give the proxy's request its uwsgi_params")
    if size > limit:
        raise PacketError(f"a uwsgi packet of {size} bytes; buffer-size allows {limit}: set buffer-size = {size} or more")
    return size


def _explain_modifier(data: bytes) -> str:
    if data.startswith(_HTTP_BEGINNINGS):
        return (
            "plain HTTP arrived on a uwsgi socket: use uwsgi_pass instead of proxy_pass in nginx, "
            "or let this address speak HTTP with http-socket instead of socket"
        )
    if data.startswith(_TLS_HANDSHAKE):
        return "TLS (https) arrived on a uwsgi socket, which speaks the uwsgi protocol only: put nginx with uwsgi_pass in front"
    return (
        f"a uwsgi packet with modifier1 {data[0]}; this server runs WSGI applications only, which is modifier1 0: "
        "remove uwsgi_modifier1 from the proxy's configuration"
    )


def read_vars(data: bytes, end: int) -> Tuple[Dict[str, Any], int]:
    """The variables between the head and `end`, as PEP 3333 wants them (one character for each byte), and how many there were."""
    # One decoding for the whole packet and slices of it: half the time of decoding each string.
    text = data[:end].decode("latin-1")
    variables: Dict[str, Any] = {}
    pairs = 0
    at = HEAD_SIZE
    try:
        while at < end:
            name_at = at + 2
            name_end = name_at + data[at] + 256 * data[at + 1]
            value_at = name_end + 2
            at = value_at + data[name_end] + 256 * data[name_end + 1]
            variables[text[name_at:name_end]] = text[value_at:at]
            pairs += 1
    except IndexError:
        at = end + 1
    # A length that leads past the end always leaves us there, so it need not be checked for each string.
    if at != end:
        raise PacketError("a malformed uwsgi packet: a length in it leads past its end")
    if "" in variables:
        raise PacketError("a malformed uwsgi packet: a variable without a name")
    return variables, pairs
