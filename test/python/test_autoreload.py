"""Unit tests of autoreload.py."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import types
import unittest
from pathlib import Path

from . import support  # noqa: F401  finds the runtime

from tsuwsgi import autoreload
from tsuwsgi.autoreload import FileWatch

LONG_AGO = time.time() - 1000


class FileWatchTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.module = self.write("site_of_mine.py", LONG_AGO)
        module = types.ModuleType("site_of_mine")
        module.__file__ = str(self.module)
        sys.modules["site_of_mine"] = module
        self.addCleanup(sys.modules.pop, "site_of_mine")

    def write(self, name: str, changed: float) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        os.utime(path, (changed, changed))
        return path

    def watch(self, *ignored: str) -> FileWatch:
        files = FileWatch(frozenset(ignored))
        self.assertIsNone(files.look())
        return files

    def test_tells_a_module_that_changed_once(self) -> None:
        files = self.watch()
        self.write("site_of_mine.py", LONG_AGO + 1)
        self.assertEqual(files.look(), str(self.module))
        self.assertEqual(files.time_of(str(self.module)), os.stat(self.module).st_mtime_ns)
        self.assertIsNone(files.look())

    def test_tells_a_template_beside_it_at_any_depth(self) -> None:
        self.write("templates/shop/list.html", LONG_AGO)
        files = self.watch()
        path = self.write("templates/shop/list.html", LONG_AGO + 1)
        self.assertEqual(files.look(), str(path))

    def test_tells_a_template_beside_the_package_of_a_module(self) -> None:
        module = types.ModuleType("project_of_mine.site.settings")
        module.__file__ = str(self.write("project_of_mine/site/settings.py", LONG_AGO))
        sys.modules[module.__name__] = module
        self.addCleanup(sys.modules.pop, module.__name__)
        self.write("templates/base.html", LONG_AGO)
        self.write("project_of_mine/views/home.tpl", LONG_AGO)
        files = self.watch()
        for name in ("templates/base.html", "project_of_mine/views/home.tpl"):
            path = self.write(name, LONG_AGO + 1)
            self.assertEqual(files.look(), str(path))

    def test_does_not_take_the_modules_among_the_templates_for_templates(self) -> None:
        self.write("views/helper.py", LONG_AGO)
        files = self.watch()
        self.write("views/helper.py", LONG_AGO + 1)
        self.assertIsNone(files.look())

    def test_tells_a_template_in_the_directory_of_the_server(self) -> None:
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        del sys.modules["site_of_mine"]
        self.addCleanup(sys.modules.__setitem__, "site_of_mine", None)
        os.chdir(self.folder)
        self.write("templates/index.html", LONG_AGO)
        files = self.watch()
        path = self.write("templates/index.html", LONG_AGO + 1)
        self.assertEqual(os.path.realpath(files.look() or ""), os.path.realpath(path))

    def test_does_not_mind_what_is_ignored(self) -> None:
        files = self.watch("site_of_mine")
        self.write("site_of_mine.py", LONG_AGO + 1)
        self.assertIsNone(files.look())

    def test_waits_for_a_file_that_is_being_replaced(self) -> None:
        files = self.watch()
        self.module.unlink()
        self.assertIsNone(files.look())
        self.write("site_of_mine.py", LONG_AGO + 1)
        self.assertEqual(files.look(), str(self.module))

    def test_tells_what_changed_between_the_start_and_the_first_look(self) -> None:
        self.write("site_of_mine.py", (autoreload._STARTED_NS + time.time_ns()) / 2e9)
        self.assertEqual(FileWatch(frozenset()).look(), str(self.module))

    def test_does_not_take_a_file_from_the_future_for_a_change(self) -> None:
        self.write("site_of_mine.py", time.time() + 1000)
        self.assertIsNone(FileWatch(frozenset()).look())
