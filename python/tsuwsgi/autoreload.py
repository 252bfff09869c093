"""`py-autoreload`: notices when a module of the application was changed, or a template beside it, and says which file it was.

Each worker looks, since only it knows what it has imported while it served requests. What changed is loaded by new processes; those that
noticed go on serving until they are ready, or for good when the edit is broken.
"""

from __future__ import annotations

import os
import sys
import time
from typing import AbstractSet, Callable, Dict, Iterator, Optional

# Templates live under these names beside the application's modules, or beside its packages (Flask, Django, Bottle, and what they inspired).
_TEMPLATES = ("templates", "views")
# Before the application was imported, since the spawner imports this module first.
_STARTED_NS = time.time_ns()
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep


class FileWatch:
    """The files of all imported modules and their templates, with the times of their last change."""

    def __init__(self, ignored_modules: AbstractSet[str]) -> None:
        self._ignored = ignored_modules
        self._times: Dict[str, int] = {}

    def look(self) -> Optional[str]:
        """The first file that was changed since the last look. A missing one does not count."""
        changed = None
        for path in set(self._files()):
            try:
                now = os.stat(path).st_mtime_ns
            except OSError:
                continue  # an editor that replaces the file is at it, or it is gone for good
            before = self._times.get(path)
            self._times[path] = now
            if now != before and (before is not None or _changed_since_start(now)):
                changed = changed or path
        return changed

    def time_of(self, path: str) -> int:
        """When a file that was seen was changed, in nanoseconds since 1970."""
        return self._times[path]

    def _files(self) -> Iterator[str]:
        folders = {os.getcwd()}
        # A copy: requests import modules meanwhile.
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if not isinstance(path, str) or name in self._ignored:
                continue
            yield path
            if not _is_installed(path):
                folders.update(_folders_of(name, path))
        for folder in folders:
            yield from _templates_in(folder)


def watch(seconds: float, ignored_modules: AbstractSet[str], tell: Callable[[str, int], None]) -> None:
    """Looks every so often, for as long as the process lives, and tells the path of a file that changed, and when it did."""
    files = FileWatch(ignored_modules)
    while True:
        time.sleep(seconds)
        changed = files.look()
        if changed is not None:
            tell(changed, files.time_of(changed))


def _changed_since_start(time_ns: int) -> bool:
    """It may have been read before the change. A time to come is that of another machine's clock."""
    return _STARTED_NS < time_ns <= time.time_ns()


def _is_installed(path: str) -> bool:
    """Belongs to Python or to a package: nobody edits the templates there."""
    return path.startswith(_STANDARD_LIBRARY) or "site-packages" in path or "dist-packages" in path


def _folders_of(name: str, path: str) -> Iterator[str]:
    """That of the module, and those of the packages around it up to where the outermost of them is."""
    folder = os.path.dirname(path)
    yield folder
    is_package = os.path.splitext(os.path.basename(path))[0] == "__init__"
    for _ in range(name.count(".") + is_package):
        folder = os.path.dirname(folder)
        yield folder


def _templates_in(folder: str) -> Iterator[str]:
    for kind in _TEMPLATES:
        for inside, _, names in os.walk(os.path.join(folder, kind)):
            for name in names:
                # The modules among them are watched when they are imported.
                if not name.endswith((".py", ".pyc")):
                    yield os.path.join(inside, name)
