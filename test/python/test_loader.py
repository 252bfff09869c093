from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from .support import captured_log

from tsuwsgi.config import ApplicationSource
from tsuwsgi.loader import LoadError, file_module_name, find_callable, import_source, module_name
from tsuwsgi.surroundings import prepare_path


class LoaderTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        self.addCleanup(sys.path.__setitem__, slice(None), list(sys.path))
        before = set(sys.modules)
        self.addCleanup(lambda: [sys.modules.pop(name) for name in set(sys.modules) - before])
        self.directory = Path(directory.name)
        os.chdir(directory.name)
        prepare_path([])

    def write(self, path: str, text: str) -> None:
        target = self.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def load(self, location: str, callable: str = "application", kind: str = "file") -> Any:
        source = ApplicationSource(kind, location, callable)
        with captured_log() as read:
            try:
                return find_callable(import_source(source), source)
            finally:
                self.log = read()

    def assert_fails(self, reason: str, location: str, callable: str = "application", kind: str = "file") -> None:
        with self.assertRaises(LoadError) as caught:
            self.load(location, callable, kind)
        self.assertRegex(str(caught.exception), reason)


class NameTest(unittest.TestCase):
    def test_a_file_has_the_module_name_that_uwsgi_gives_it(self) -> None:
        for path, name in {
            "foobar.py": "uwsgi_file_foobar",
            "./nm.py": "uwsgi_file___nm",
            "pkg/sub/my-app.v2.py": "uwsgi_file_pkg_sub_my-app_v2",
            "/tmp/b/nm.py": "uwsgi_file__tmp_b_nm",
            "nm.wsgi": "uwsgi_file_nm_wsgi",
            "x.txt": "uwsgi_file_x_txt",
            "pkg/nm.py": "uwsgi_file_pkg_nm",
        }.items():
            with self.subTest(path):
                self.assertEqual(file_module_name(path), name)

    def test_a_module_has_its_own(self) -> None:
        self.assertEqual(module_name(ApplicationSource("module", "a.b", "application")), "a.b")


class FileTest(LoaderTestCase):
    def test_is_registered_and_keeps_its_path_as_given(self) -> None:
        self.write("pkg/nm.py", "def application(e, s): return __name__, __file__, __import__('sys').modules[__name__].application is application")
        self.assertEqual(self.load("./pkg/nm.py")(None, None), ("uwsgi_file___pkg_nm", "./pkg/nm.py", True))

    def test_any_extension_and_encoding_will_do(self) -> None:
        (self.directory / "site.wsgi").write_bytes(b"# coding: latin-1\ntext = '\xe9'\ndef application(e, s): return text\n")
        self.assertEqual(self.load("site.wsgi")(None, None), "\xe9")

    def test_a_directory_is_a_package(self) -> None:
        self.write("site/__init__.py", "from .views import application")
        self.write("site/views.py", "def application(e, s): return __name__")
        self.assertEqual(self.load("site")(None, None), "uwsgi_file_site.views")

    def test_a_missing_file_is_named_with_the_place_searched(self) -> None:
        self.assert_fails("the file nope.py cannot be read: No such file or directory .looked for in /", "nope.py")

    def test_an_error_shows_the_applications_own_traceback_whole(self) -> None:
        self.write("broken.py", "def fail():\n    raise ValueError('deep')\nfail()\n")
        self.assert_fails("broken.py could not be imported: ValueError: deep", "broken.py")
        self.assertIn('File "broken.py", line 3, in <module>', self.log)
        self.assertIn('File "broken.py", line 2, in fail', self.log)
        self.assertNotIn("loader.py", self.log)
        self.assertNotIn("uwsgi_file_broken", sys.modules)

    def test_a_syntax_error_is_shown_with_its_line(self) -> None:
        self.write("broken.py", "def application(:\n")
        self.assert_fails("SyntaxError", "broken.py")
        self.assertIn('File "broken.py", line 1', self.log)

    def test_sys_exit_is_a_reason_and_not_an_exit(self) -> None:
        self.write("leaves.py", "import sys; sys.exit(3)")
        self.assert_fails(r"leaves.py called sys.exit\(3\) while it was imported", "leaves.py")


class ModuleTest(LoaderTestCase):
    def test_is_imported_normally(self) -> None:
        self.write("shop/site.py", "def application(e, s): return __name__")
        self.write("shop/__init__.py", "")
        self.assertEqual(self.load("shop.site", kind="module")(None, None), "shop.site")

    def test_a_missing_module_is_named_without_a_traceback(self) -> None:
        self.write("shop/__init__.py", "")
        self.assert_fails("there is no module 'nope'", "nope", kind="module")
        self.assert_fails("there is no module 'shop.nope'", "shop.nope", kind="module")
        self.assertEqual(self.log, "")

    def test_a_module_that_the_application_misses_is_its_own_error(self) -> None:
        self.write("needs.py", "import not_installed_at_all\n")
        self.assert_fails("needs could not be imported: ModuleNotFoundError: No module named 'not_installed_at_all'", "needs", kind="module")
        self.assertIn("needs.py", self.log)
        self.assertNotIn("importlib", self.log)
        self.assertNotIn("loader.py", self.log)


class CallableTest(LoaderTestCase):
    def test_is_found_by_a_dotted_name_or_made_by_a_factory(self) -> None:
        self.write("site.py", "class inner:\n    app = staticmethod(lambda e, s: 'dotted')\ndef create(): return lambda e, s: 'made'\n")
        self.assertEqual(self.load("site.py", "inner.app")(None, None), "dotted")
        self.assertEqual(self.load("site.py", "create()")(None, None), "made")

    def test_a_missing_one_comes_with_what_it_might_be(self) -> None:
        for text, hint in [
            ("def app(environ, start_response): pass", "'app': set callable = app"),
            ("class App:\n def __call__(self, environ, start_response): pass\nsite = App()", "'site': set callable = site"),
            ("def create_app(): pass", r"'create_app\(\)': set callable = create_app\(\)"),
            ("from os.path import join, relpath\nimport json\ndef add(a, b): pass", "nothing else in it looks like a WSGI application"),
        ]:
            with self.subTest(text):
                self.write("site.py", text)
                self.assert_fails(f"site.py has no callable named 'application', (but|and) {hint}", "site.py")

    def test_what_cannot_be_called_is_said_to_be_so(self) -> None:
        self.write("site.py", "application = 5")
        self.assert_fails("'application' in site.py is an int, which cannot be called", "site.py")

    def test_a_factory_that_fails_shows_its_traceback(self) -> None:
        self.write("site.py", "def create():\n    raise ValueError('no database')\n")
        self.assert_fails(r"create\(\) in site.py failed: ValueError: no database", "site.py", "create()")
        self.assertIn("in create", self.log)

    def test_code_has_the_module_name_that_uwsgi_gives_it(self) -> None:
        code = "def application(environ, start_response):\n    return __name__\n"
        self.assertEqual(self.load(code, kind="eval")(None, None), "uwsgi_eval_config")
        self.assert_fails("the code of eval could not be imported: NameError: name 'x' is not defined", "x", kind="eval")
