"""Why a module is not found although its package was installed: what a traceback does not tell.

All of it is looked up after an import has failed, so a server that starts pays nothing for it.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from typing import Iterator, List, Optional

# As it was before `py-executable`.
_INTERPRETER = sys.executable


def explain(error: BaseException) -> str:
    """A sentence to put behind the error, with "; " in front, or nothing."""
    if not isinstance(error, ImportError) or not error.name:
        return ""
    reason = _closed() or _elsewhere(error) or _other_build(error) or _without_site(error)
    return f"; {reason}" if reason else ""


def _closed() -> Optional[str]:
    """A folder of packages, or what tells where it is, that this user cannot read: Python passes over it in silence."""
    for path in [_settings(), *_own_packages(), *sys.path]:
        for folder in _folders_above(os.path.abspath(path)):
            if os.path.exists(folder) and not os.access(folder, os.X_OK):
                return f"this user cannot enter {folder}, which is on the way to {os.path.abspath(path)}"
        if os.path.exists(path) and not os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0)):
            return f"this user cannot read {os.path.abspath(path)}"
    return None


def _folders_above(path: str) -> List[str]:
    """The root first."""
    parent = os.path.dirname(path)
    return [] if parent == path else [*_folders_above(parent), parent]


def _elsewhere(error: ImportError) -> Optional[str]:
    """A virtualenv whose interpreter was replaced by another version keeps its packages where that does not look."""
    top = str(error.name).partition(".")[0]
    for folder in sorted(glob.glob(os.path.join(glob.escape(_prefix()), "lib", "python*", "site-packages"))):
        if folder not in _own_packages() and _has(folder, top):
            return f"{top} is in {folder}, and this is Python {_version()}: make the virtualenv anew with python3 -m venv --clear"
    return None


def _other_build(error: ImportError) -> Optional[str]:
    """A compiled module for another version of Python or another machine, beside the place of the one that is missing."""
    for name in _compiled_names(error):
        package, _, last = name.rpartition(".")
        for folder in _folders_of(package):
            found = sorted(glob.glob(os.path.join(glob.escape(folder), f"{glob.escape(last)}.*.so")))
            if found:
                return f"there is only {found[0]}, which this Python {_version()} on {os.uname().machine} cannot load: install the package anew"
    return None


def _compiled_names(error: ImportError) -> List[str]:
    """`from . import _speed` names the package alone, but for its text."""
    asked = re.match(r"cannot import name '(\w+)'", str(error))
    return [str(error.name), f"{error.name}.{asked[1]}"] if asked else [str(error.name)]


def _folders_of(package: str) -> Iterator[str]:
    module = sys.modules.get(package)
    if not package:
        yield from sys.path
    elif module is not None:
        yield from getattr(module, "__path__", [])
    else:
        # A failed import takes its package out of sys.modules again.
        yield from (os.path.join(entry, *package.split(".")) for entry in sys.path)


def _without_site(error: ImportError) -> Optional[str]:
    top = str(error.name).partition(".")[0]
    if sys.flags.no_site and any(_has(folder, top) for folder in _own_packages()):
        return f"{top} is there, and no-site leaves it out"
    return None


def _has(folder: str, top: str) -> bool:
    return any(os.path.exists(os.path.join(folder, name)) for name in (top, f"{top}.py"))


def _own_packages() -> List[str]:
    return [os.path.join(_prefix(), "lib", f"python{_version()}", "site-packages")]


def _settings() -> str:
    return os.path.join(_prefix(), "pyvenv.cfg")


def _prefix() -> str:
    """Not sys.prefix: where pyvenv.cfg cannot be read, and with no-site, that is another one."""
    return os.path.dirname(os.path.dirname(os.path.abspath(_INTERPRETER)))


def _version() -> str:
    return "%d.%d" % sys.version_info[:2]
