"""Which application a request is for, and the SCRIPT_NAME and PATH_INFO that it gets."""

from __future__ import annotations

import unittest
from typing import Any, Optional

from .support import GET, SlotTestCase

from tsuwsgi.mounts import Mounted, Mounts


def mounts(*mountpoints: str, **how: bool) -> Mounts:
    return Mounts([Mounted(each, lambda environ, start_response: [], number) for number, each in enumerate(mountpoints)], **how)


class MountsTest(unittest.TestCase):
    def chosen(self, these: Mounts, path: str, **more: str) -> Any:
        environ = {"PATH_INFO": path, **more}
        found = these.choose(environ)
        return found.number, environ["SCRIPT_NAME"], environ["PATH_INFO"]

    def test_the_longest_mountpoint_at_a_segment_s_end_is_cut_off(self) -> None:
        these = mounts("/a", "/a/b", "/caf\xc3\xa9", manages_script_name=True)
        for path, expected in {
            "/a": (0, "/a", ""),
            "/a/": (0, "/a", "/"),
            "/a/x": (0, "/a", "/x"),
            "/a//x": (0, "/a", "//x"),
            "/a/b": (1, "/a/b", ""),
            "/a/b/c": (1, "/a/b", "/c"),
            "/a/bc": (0, "/a", "/bc"),
            "/ab": (0, "", "/ab"),
            "//a": (0, "", "//a"),
            "/": (0, "", "/"),
            "/caf\xc3\xa9/x": (2, "/caf\xc3\xa9", "/x"),
        }.items():
            with self.subTest(path):
                self.assertEqual(self.chosen(these, path), expected)

    def test_what_the_web_server_says_stays_where_no_mountpoint_fits(self) -> None:
        these = mounts("", "/a", manages_script_name=True)
        self.assertEqual(self.chosen(these, "/ax", SCRIPT_NAME="/a"), (1, "/a", "/ax"))

    def test_without_manage_script_name_the_web_server_chooses(self) -> None:
        these = mounts("", "/a")
        self.assertEqual(self.chosen(these, "/a/x"), (0, "", "/a/x"))
        self.assertEqual(self.chosen(these, "/a/x", SCRIPT_NAME="/a"), (1, "/a", "/a/x"))
        self.assertEqual(self.chosen(these, "/a/x", SCRIPT_NAME="/a/"), (0, "/a/", "/a/x"))

    def test_the_web_server_may_name_it_by_its_id(self) -> None:
        self.assertEqual(self.chosen(mounts("", "/a", manages_script_name=True), "/x", UWSGI_APPID="/a"), (1, "", "/x"))

    def test_the_one_without_a_mountpoint_is_the_default_else_the_first(self) -> None:
        self.assertEqual(self.chosen(mounts("/a", "", manages_script_name=True), "/x"), (1, "", "/x"))
        self.assertEqual(self.chosen(mounts("/a", "/b", manages_script_name=True), "/x"), (0, "", "/x"))

    def test_only_where_no_request_has_to_be_looked_at(self) -> None:
        def only(*mountpoints: str, **how: bool) -> Optional[int]:
            found = mounts(*mountpoints, **how).only
            return None if found is None else found.number

        self.assertEqual(only(""), 0)
        self.assertEqual(only("/a"), 0)
        for those, how in [(("", "/a"), {}), (("/a",), {"manages_script_name": True}), (("/a",), {"has_default": False})]:
            self.assertIsNone(only(*those, **how))


class OutsideTest(SlotTestCase):
    def test_outside_all_mountpoints_there_is_nothing_without_a_default(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return [environ["SCRIPT_NAME"].encode()]

        there = Mounts([Mounted("/a", application, 0)], manages_script_name=True, has_default=False)
        slot = self.start(there, direct=True)
        self.assertEqual(slot.ask({**GET, "PATH_INFO": "/a/x"}).body, b"/a")
        self.assertEqual(slot.ask({**GET, "PATH_INFO": "/x"}).status, "HTTP/1.1 404 Not Found")
