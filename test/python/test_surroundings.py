"""What an application finds when it is imported, and where it is afterwards."""

from __future__ import annotations

import os
import sys
from typing import Any

from .support import captured_log, make_config
from .test_loader import LoaderTestCase

from tsuwsgi.loader import LoadError
from tsuwsgi.surroundings import enter_directory, import_beside, prepare, prepare_path


class SurroundingsTest(LoaderTestCase):
    def config(self, **over: Any) -> Any:
        return make_config(str(self.directory), **over)

    def test_the_search_path_has_uwsgis_order(self) -> None:
        own = list(sys.path)
        prepare_path(["/one", "/two"])
        self.assertEqual(sys.path, ["/two", "/one", ".", "", *own])

    def test_folders_of_the_search_path_are_found_by_patterns_and_end_in_a_slash(self) -> None:
        own = list(sys.path)
        for path in ("apps/one/a.py", "apps/two/a.py", "apps/three.egg"):
            self.write(path, "")
        prepare_path(["apps/*", "apps/t?o/", "none/*", "none", "apps/three.egg"])
        found = ["apps/three.egg", "none", "none/*", "apps/two/", "apps/two/", "apps/three.egg", "apps/one/"]
        self.assertEqual(sys.path, [*found, ".", "", *own])

    def test_sys_executable_may_be_another(self) -> None:
        self.addCleanup(setattr, sys, "executable", sys.executable)
        before = sys.executable
        prepare(self.config())
        self.assertEqual(sys.executable, before)
        prepare(self.config(executable="/srv/python"))
        self.assertEqual(sys.executable, "/srv/python")

    def test_sys_argv_has_words_behind_its_first(self) -> None:
        self.addCleanup(sys.argv.__setitem__, slice(None), list(sys.argv))
        prepare(self.config(arguments=["one", "two"]))
        self.assertEqual(sys.argv[1:], ["one", "two"])

    def test_modules_and_files_are_imported_by_uwsgis_names(self) -> None:
        self.write("one.py", "")
        self.write("pkg/two.py", "")
        prepare(self.config(sharedImports=["one"]))
        self.assertIn("one", sys.modules)
        import_beside(self.config(imports=["pkg/two.py"]))
        self.assertIn("pkg_two", sys.modules)

    def test_an_alias_is_another_name_for_a_module(self) -> None:
        self.write("one.py", "value = 1\n")
        prepare(self.config(aliases=[["other", "one"], ["third", "./one.py"]]))
        self.assertIs(sys.modules["other"], sys.modules["one"])
        self.assertEqual(sys.modules["third"].value, 1)

    def test_what_cannot_be_imported_is_told_and_left_out(self) -> None:
        self.write("broken.py", "import nosuch\n")
        with captured_log() as log:
            prepare(self.config(sharedImports=["broken"], aliases=[["a", "nowhere"]]))
            import_beside(self.config(imports=["nothing.py"]))
            said = log()
        self.assertIn("shared-import = broken: broken could not be imported: ModuleNotFoundError: No module named 'nosuch'; the server goes on", said)
        self.assertIn("pymodule-alias = a=nowhere: there is no module 'nowhere'", said)
        self.assertIn("import = nothing.py: the file nothing.py cannot be read", said)

    def test_another_directory_is_entered_afterwards_and_must_be_there(self) -> None:
        enter_directory(self.config())
        self.assertEqual(os.path.realpath(os.getcwd()), os.path.realpath(self.directory))
        enter_directory(self.config(directoryAfter="/"))
        self.assertEqual(os.getcwd(), "/")
        with self.assertRaisesRegex(LoadError, "chdir2 = /nowhere: No such file or directory"):
            enter_directory(self.config(directoryAfter="/nowhere"))
