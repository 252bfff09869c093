"""The hash table in the file of a cache, as those see it who have it for themselves, and those who only look.

Nothing here waits or locks. An item is written before its byte among the states says that it is there, and that byte is taken back before
anything of it is changed: whatever moment a writer dies at, the items that are marked are whole, and `rebuild` makes all else from them.
"""

from __future__ import annotations

from binascii import crc32
from typing import Iterator, NamedTuple, Optional, Sequence, Tuple

from tsuwsgi.api import cache_layout as layout
from tsuwsgi.api.cache_file import CacheFile, write_all
from tsuwsgi.api.cache_layout import BLOCKS, EXPIRES, FIRST, HASH, KEY_SIZE, NEXT, RECORD, SIZE, Geometry

Record = Tuple[int, ...]


class Item(NamedTuple):
    """Where an item is."""

    number: int
    record: Record


class Full(Exception):
    """There is no room for an item; says more where the system had none."""


class CacheTable:
    def __init__(self, file: CacheFile, geometry: Geometry) -> None:
        self.geometry = geometry
        self._fd = file.fd
        self._memory = file.memory
        view = memoryview(file.memory)
        self.words = view[: geometry.buckets_at].cast("Q")
        self._buckets = view[geometry.buckets_at :][: 4 * geometry.buckets].cast("I")
        self._links = view[geometry.records_at : geometry.states_at].cast("I")

    # Looking.

    def find(self, key: bytes) -> Optional[Item]:
        """Whoever looks while somebody writes may find anything."""
        hash_, size, memory, geometry = crc32(key), len(key), self._memory, self.geometry
        records_at, key_size, keys_at = geometry.records_at, geometry.key_size, geometry.keys_at
        number = self._buckets[hash_ % geometry.buckets]
        # A chain that somebody changes could lead round in a circle.
        for _ in range(geometry.items):
            if number == 0:
                return None
            record = RECORD.unpack_from(memory, records_at + RECORD.size * number)
            if record[HASH] == hash_ and record[KEY_SIZE] == size:
                at = keys_at + key_size * number
                if memory[at : at + size] == key:
                    return Item(number, record)
            number = record[NEXT]
        return None

    def value(self, record: Record) -> bytes:
        at = self.geometry.blocks_at + self.geometry.block_size * record[FIRST]
        return self._memory[at : at + record[SIZE]]

    def key(self, item: Item) -> bytes:
        at = self.geometry.keys_at + self.geometry.key_size * item.number
        return self._memory[at : at + item.record[KEY_SIZE]]

    def items(self) -> Iterator[Item]:
        """All that are marked."""
        start, end = self.geometry.states_at, self.geometry.taken_at
        at = self._memory.find(b"\1", start, end)
        while at >= 0:
            yield self.item(at - start)
            at = self._memory.find(b"\1", at + 1, end)

    def item(self, number: int) -> Item:
        return Item(number, RECORD.unpack_from(self._memory, self.geometry.records_at + RECORD.size * number))

    @property
    def oldest(self) -> int:
        """The number of the item that was not used for longest; 0 where there is none."""
        return self.words[layout.OLDEST]

    @property
    def has_free_item(self) -> bool:
        return self.words[layout.COUNT] < self.geometry.items

    def free_blocks(self, count: int) -> Optional[int]:
        """The first of so many free blocks in a row."""
        start = self.geometry.taken_at
        at = self._search(b"\0" * count, (start, start + self.geometry.blocks), self.words[layout.BLOCK_HINT])
        return None if at < 0 else at - start

    def _search(self, what: bytes, within: Tuple[int, int], hint: int) -> int:
        """From where the last one was found, then from the beginning."""
        start, end = within
        at = self._memory.find(what, start + hint, end)
        return at if at >= 0 else self._memory.find(what, start, end)

    # Changing, which is for the one who has the table.

    def prepare(self, key: bytes, value: bytes, first: int) -> int:
        """Writes into a free item and free blocks, where nobody looks yet. Its number; raises Full where the system has no memory for it."""
        geometry = self.geometry
        start = geometry.states_at
        number = self._search(b"\0", (start + 1, geometry.taken_at), self.words[layout.ITEM_HINT]) - start
        self._write(key, geometry.keys_at + geometry.key_size * number)
        self._write(value, geometry.blocks_at + geometry.block_size * first)
        return number

    def insert(self, number: int, record: Record) -> None:
        """What was prepared, as an item that can be found. There must be none of its key."""
        geometry = self.geometry
        self._pack(number, record)
        self._attach(Item(number, record))
        self._memory[geometry.states_at + number] = 1
        self.words[layout.ITEM_HINT] = number % geometry.items
        self.words[layout.BLOCK_HINT] = (record[FIRST] + record[BLOCKS]) % geometry.blocks

    def rewrite(self, item: Item, value: bytes, deadline: int) -> None:
        """Another value into the blocks that an item has."""
        state = self.geometry.states_at + item.number
        self._memory[state] = 0
        try:
            self._write(value, self.geometry.blocks_at + self.geometry.block_size * item.record[FIRST])
        except Full:
            self._detach(item)
            raise
        record = list(item.record)
        record[SIZE], record[EXPIRES] = len(value), deadline
        self._pack(item.number, record)
        self._memory[state] = 1

    def remove(self, item: Item) -> None:
        self._memory[self.geometry.states_at + item.number] = 0
        self._detach(item)

    def clear(self) -> None:
        geometry = self.geometry
        self._zero(geometry.states_at, geometry.taken_at)
        self.rebuild()

    def rebuild(self) -> None:
        """Chains, blocks and counts, from the items that are marked and can be right. Which one is oldest is forgotten."""
        geometry, words = self.geometry, self.words
        self._zero(geometry.buckets_at, geometry.records_at)
        self._zero(geometry.taken_at, geometry.taken_at + geometry.blocks)
        for word in (layout.COUNT, layout.OLDEST, layout.NEWEST, layout.ITEM_HINT, layout.BLOCK_HINT):
            words[word] = 0
        for item in self.items():
            if self._can_be(item):
                self._attach(item)
            else:
                self._memory[geometry.states_at + item.number] = 0

    def make_newest(self, item: Item) -> None:
        """This one was used last."""
        if self.words[layout.NEWEST] != item.number:
            self._unlink(item.number)
            self._link(item.number)

    def _can_be(self, item: Item) -> bool:
        record, geometry = item.record, self.geometry
        end = record[FIRST] + record[BLOCKS]
        if not (record[KEY_SIZE] <= geometry.key_size and end <= geometry.blocks and 0 < record[SIZE] <= record[BLOCKS] * geometry.block_size):
            return False
        taken = self._memory[geometry.taken_at + record[FIRST] : geometry.taken_at + end]
        return not any(taken) and crc32(self.key(item)) == record[HASH]

    def _attach(self, item: Item) -> None:
        number, record = item
        self._take(record, b"\1")
        bucket = record[HASH] % self.geometry.buckets
        self._links[number * layout.RECORD_WORDS + layout.NEXT_WORD] = self._buckets[bucket]
        self._buckets[bucket] = number
        self._link(number)
        self.words[layout.COUNT] += 1

    def _detach(self, item: Item) -> None:
        number, record = item
        # As of now: neighbours may have gone since the item was found.
        links, next_word = self._links, layout.NEXT_WORD
        following = links[number * layout.RECORD_WORDS + next_word]
        bucket = record[HASH] % self.geometry.buckets
        before = self._buckets[bucket]
        if before == number:
            self._buckets[bucket] = following
        else:
            while links[before * layout.RECORD_WORDS + next_word] != number:
                before = links[before * layout.RECORD_WORDS + next_word]
            links[before * layout.RECORD_WORDS + next_word] = following
        self._unlink(number)
        self._take(record, b"\0")
        self.words[layout.COUNT] -= 1

    def _take(self, record: Record, mark: bytes) -> None:
        at = self.geometry.taken_at + record[FIRST]
        self._memory[at : at + record[BLOCKS]] = mark * record[BLOCKS]

    def _link(self, number: int) -> None:
        """As the newest."""
        words, links, at = self.words, self._links, number * layout.RECORD_WORDS
        newest = words[layout.NEWEST]
        links[at + layout.OLDER_WORD] = newest
        links[at + layout.NEWER_WORD] = 0
        if newest:
            links[newest * layout.RECORD_WORDS + layout.NEWER_WORD] = number
        else:
            words[layout.OLDEST] = number
        words[layout.NEWEST] = number

    def _unlink(self, number: int) -> None:
        words, links, at = self.words, self._links, number * layout.RECORD_WORDS
        older, newer = links[at + layout.OLDER_WORD], links[at + layout.NEWER_WORD]
        if older:
            links[older * layout.RECORD_WORDS + layout.NEWER_WORD] = newer
        else:
            words[layout.OLDEST] = newer
        if newer:
            links[newer * layout.RECORD_WORDS + layout.OLDER_WORD] = older
        else:
            words[layout.NEWEST] = older

    def _pack(self, number: int, record: Sequence[int]) -> None:
        RECORD.pack_into(self._memory, self.geometry.records_at + RECORD.size * number, *record)

    def _zero(self, start: int, end: int) -> None:
        self._memory[start:end] = bytes(end - start)

    def _write(self, data: bytes, offset: int) -> None:
        """By a system call: where there is no memory it says so, and a store into the mapping would end the process."""
        try:
            write_all(self._fd, data, offset)
        except OSError as error:
            raise Full(error.strerror) from None
