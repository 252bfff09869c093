"""Why a module is not found although its package was installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from . import support  # puts the runtime on the path
from .test_loader import LoaderTestCase

from tsuwsgi import missing

assert support
VERSION = "%d.%d" % sys.version_info[:2]


class MissingTest(LoaderTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.venv = Path(os.path.realpath(self.directory)) / "venv"
        patch = mock.patch.object(missing, "_INTERPRETER", str(self.venv / "bin" / "python3"))
        patch.start()
        self.addCleanup(patch.stop)

    def explain(self, code: str) -> str:
        try:
            exec(code, {})
        except ImportError as error:
            return missing.explain(error)
        raise AssertionError("the import should fail")

    def test_nothing_is_said_of_what_is_nowhere_and_of_other_errors(self) -> None:
        self.assertEqual(self.explain("import nosuch"), "")
        self.assertEqual(self.explain("from os import nosuch"), "")
        self.assertEqual(missing.explain(ValueError()), "")

    def test_packages_for_another_python_of_the_same_virtualenv_are_named(self) -> None:
        self.write("venv/lib/python2.0/site-packages/shop/__init__.py", "")
        self.write("venv/lib/python2.0/site-packages/single.py", "")
        folder = self.venv / "lib/python2.0/site-packages"
        for code, name in (("import shop.cart", "shop"), ("import single", "single")):
            said = self.explain(code)
            self.assertEqual(said, f"; {name} is in {folder}, and this is Python {VERSION}: make the virtualenv anew with python3 -m venv --clear")
        self.assertEqual(self.explain("import other"), "")

    def test_a_compiled_module_for_another_python_is_named(self) -> None:
        self.write("fast/_speed.cpython-20-aarch64-linux-gnu.so", "")
        self.write("fast/__init__.py", "from . import _speed\n")
        self.write("fast2/_speed.cpython-20-aarch64-linux-gnu.so", "")
        self.write("fast2/__init__.py", "import fast2._speed\n")
        self.write("alone.cpython-20-aarch64-linux-gnu.so", "")
        for code, found in (("import fast", "fast/_speed"), ("import fast2", "fast2/_speed"), ("import alone", "alone")):
            said = self.explain(code)
            self.assertRegex(said, rf"; there is only .*{found}\.cpython-20-aarch64-linux-gnu\.so, which this Python .* cannot load: install")

    def test_a_folder_of_packages_that_is_closed_is_named(self) -> None:
        closed = self.venv / f"lib/python{VERSION}/site-packages"
        closed.mkdir(parents=True)
        with mock.patch("os.access", lambda path, mode: str(path) != str(closed)):
            self.assertEqual(self.explain("import nosuch"), f"; this user cannot read {closed}")

    def test_a_folder_on_the_way_to_them_that_is_closed_is_named(self) -> None:
        closed = self.venv
        closed.mkdir()
        with mock.patch("os.access", lambda path, mode: str(path) != str(closed)):
            self.assertEqual(self.explain("import nosuch"), f"; this user cannot enter {closed}, which is on the way to {closed}/pyvenv.cfg")

    def test_what_no_site_leaves_out_is_told(self) -> None:
        self.write(f"venv/lib/python{VERSION}/site-packages/shop.py", "")
        flags: Any = mock.Mock(no_site=1, verbose=0)
        with mock.patch.object(sys, "flags", flags):
            self.assertEqual(self.explain("import shop"), "; shop is there, and no-site leaves it out")
        self.assertEqual(self.explain("import shop"), "")
