from __future__ import annotations

import gzip
import io
import os
import tempfile
import unittest

from .support import file_of_digits

from tsuwsgi.fileregion import FileRegion, file_pieces, file_region


class FileRegionTest(unittest.TestCase):
    def setUp(self) -> None:
        self.path = file_of_digits(self)

    def test_is_the_rest_of_a_regular_file(self) -> None:
        with open(self.path, "rb") as file:
            file.read(3)
            self.assertEqual(file_region(file), FileRegion(file.fileno(), 3, 7))

    def test_there_is_none_where_only_read_knows_the_bytes(self) -> None:
        self.assertIsNone(file_region(io.BytesIO(b"in memory")))
        with gzip.open(self.path + ".gz", "wb") as file:
            file.write(b"packed")
        with gzip.open(self.path + ".gz", "rb") as packed, open(self.path) as text, open(os.devnull, "rb") as device:
            self.assertEqual([file_region(each) for each in (packed, text, device)], [None, None, None])


class FilePiecesTest(unittest.TestCase):
    def test_gives_the_region_and_leaves_the_position_alone(self) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(b"0123456789")
            file.flush()
            position = os.lseek(file.fileno(), 0, os.SEEK_CUR)
            self.assertEqual(list(file_pieces(FileRegion(file.fileno(), 2, 7), 3)), [b"234", b"567", b"8"])
            self.assertEqual(os.lseek(file.fileno(), 0, os.SEEK_CUR), position)
            with self.assertRaisesRegex(OSError, "shorter"):
                list(file_pieces(FileRegion(file.fileno(), 8, 7), 3))
