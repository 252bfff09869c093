"""Applications that PasteDeploy makes; a stand-in of it shows what it is asked."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any
from unittest import mock

from .support import captured_log
from .test_loader import LoaderTestCase

from tsuwsgi.config import ApplicationSource
from tsuwsgi.loader import LoadError, load

STAND_IN = """
def loadapp(uri, name=None, relative_to=None):
    asked = (uri, name, relative_to)
    if "broken" in uri:
        raise LookupError("no section")
    if "exit" in uri:
        raise SystemExit(3)
    return "text" if "text" in uri else lambda *_: asked
"""

LOGGING = """
[loggers]
keys = root
[handlers]
keys = file
[formatters]
keys =
[logger_root]
level = ERROR
handlers = file
[handler_file]
class = FileHandler
args = ('%(here)s/paste.log',)
"""


class PasteTest(LoaderTestCase):
    def setUp(self) -> None:
        super().setUp()
        # The real one may be installed.
        self.addCleanup(sys.modules.update, {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "paste"})
        for name in [name for name in sys.modules if name.partition(".")[0] == "paste"]:
            del sys.modules[name]

    def install(self, text: str = STAND_IN) -> None:
        self.write("paste/__init__.py", "")
        self.write("paste/deploy.py", text)

    def make(self, uri: str, section: str = "", is_logged: bool = False) -> Any:
        with captured_log():
            return load(ApplicationSource("paste", uri, section, is_logged))

    def assert_refused(self, reason: str, uri: str) -> None:
        with self.assertRaisesRegex(LoadError, reason):
            self.make(uri)

    def test_it_is_asked_for_the_application_and_sees_files_from_here(self) -> None:
        self.install()
        self.assertEqual(self.make("config:a.ini#b")({}, None), ("config:a.ini#b", None, os.getcwd()))
        self.assertEqual(self.make("egg:Shop", "b")({}, None), ("egg:Shop", "b", os.getcwd()))

    def test_what_goes_wrong_is_told_in_a_sentence(self) -> None:
        self.install()
        self.assert_refused(r"^config:broken makes no application: LookupError: no section$", "config:broken")
        self.assert_refused(r"^config:exit called sys\.exit\(3\) while its application was made$", "config:exit")
        self.assert_refused(r"^config:text makes a str, which cannot be called$", "config:text")

    def test_without_it_the_package_is_named(self) -> None:
        with mock.patch.object(sys, "path", ["."]):
            self.assert_refused(r"^paste needs PasteDeploy, .* Debian package python3-pastedeploy, .* pip install PasteDeploy$", "config:a.ini")

    def test_what_it_lacks_itself_is_not_taken_for_its_own_absence(self) -> None:
        self.install("import nosuch\n")
        self.assert_refused(r"^config:a.ini makes no application: ModuleNotFoundError: No module named 'nosuch'$", "config:a.ini")

    def test_its_file_sets_logging_up_when_asked_to(self) -> None:
        self.install()
        self.write("a.ini", LOGGING)
        root = logging.getLogger()
        before = (root.level, list(root.handlers))
        self.addCleanup(lambda: (root.setLevel(before[0]), root.handlers.__setitem__(slice(None), before[1])))
        self.make("config:a.ini#b")
        self.assertEqual(root.level, before[0])
        self.make("config:a.ini#b", is_logged=True)
        self.assertEqual(root.level, logging.ERROR)
        self.assertTrue((self.directory / "paste.log").exists())
        for handler in set(root.handlers) - set(before[1]):
            handler.close()
        self.make("egg:Shop", is_logged=True)
