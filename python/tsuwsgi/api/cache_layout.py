"""Where things are in the file of a cache; src/core/stats/shared-table.ts reads its head, its keys and its numbers.

    0      "TSUC", u32 version
    8      u64 items, blocks, block size, key size, buckets
    48     u64 sequence: odd while somebody changes what follows, and after they died in the middle of it
    56     u64 items there are, times it was full, last change (s), oldest, newest, item found free last, block found free last, next expiry (µs)
    128    1024 rows of u64 hits, u64 misses: one row a process, so that nobody waits to count
           u32 for each bucket: its first item
           48 bytes for each item, from number 1 on; 0 is nobody:
             0 u32 hash │ 4 u32 next in the bucket │ 8 u32 size of the key │ 12 u32 first block │ 16 u64 size of the value
             24 u64 expires, µs since 1970; 0 never │ 32 u32 newer │ 36 u32 older │ 40 u32 blocks │ 44 u32 –
           1 byte for each item: 1 once all of it is there
           1 byte for each block: 1 while it is taken
           keys, then blocks, each from a multiple of 4096 on

All little-endian. Keys and blocks are holes in the file until they are written.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MAGIC = b"TSUC"
VERSION = 1
HEAD = struct.Struct("<4sI5Q")
# Words of the head, counted in u64.
SEQUENCE, COUNT, FULL, CHANGED, OLDEST, NEWEST, ITEM_HINT, BLOCK_HINT, NEXT_EXPIRY = range(6, 15)

ROWS = 1024
ROWS_AT = 128
RECORD = struct.Struct("<IIIIQQIIII")
# Its fields, and those that are changed alone as words of a record, counted in u32.
HASH, NEXT, KEY_SIZE, FIRST, SIZE, EXPIRES, NEWER, OLDER, BLOCKS = range(9)
RECORD_WORDS, NEXT_WORD, NEWER_WORD, OLDER_WORD = RECORD.size // 4, 1, 8, 9

_PAGE = 4096


class Geometry(NamedTuple):
    """The sizes of a cache, which its file has for good; sizes in bytes."""

    items: int
    blocks: int
    block_size: int
    key_size: int
    buckets: int

    @property
    def buckets_at(self) -> int:
        return ROWS_AT + 16 * ROWS

    @property
    def records_at(self) -> int:
        return _align(self.buckets_at + 4 * self.buckets, 64)

    @property
    def states_at(self) -> int:
        return self.records_at + RECORD.size * (self.items + 1)

    @property
    def taken_at(self) -> int:
        return self.states_at + self.items + 1

    @property
    def keys_at(self) -> int:
        """All before it is there from the start on, all behind it when it is written."""
        return _align(self.taken_at + self.blocks, _PAGE)

    @property
    def blocks_at(self) -> int:
        return _align(self.keys_at + self.key_size * (self.items + 1), _PAGE)

    @property
    def size(self) -> int:
        return self.blocks_at + self.block_size * self.blocks


def _align(offset: int, unit: int) -> int:
    return (offset + unit - 1) // unit * unit
