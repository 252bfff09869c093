"""What an application finds when it is imported: the search path, sys.argv, other modules; and where it is afterwards."""

from __future__ import annotations

import glob
import os
import sys
from typing import List, Sequence

from tsuwsgi import log
from tsuwsgi.config import ApplicationSource, Config
from tsuwsgi.loader import LoadError, import_source


def prepare(config: Config) -> None:
    """Once, in the spawner: also where each worker imports the application itself."""
    prepare_path(config.python_path)
    sys.argv[1:] = config.arguments
    if config.executable is not None:
        sys.executable = config.executable
    for name, location in config.aliases:
        _import_alias(name, location)
    _import_all(config.shared_imports, "shared-import")


def import_beside(config: Config) -> None:
    """The modules of `import`: just before the applications, wherever those are loaded."""
    _import_all(config.imports, "import")


def prepare_path(entries: Sequence[str]) -> None:
    """sys.path as uWSGI has it: what was configured, the last first, then the current directory under its two names."""
    found = [path for entry in entries for path in _find_folders(entry)]
    sys.path[:0] = [*reversed(found), ".", ""]


def _find_folders(pattern: str) -> List[str]:
    """As glob(3) with GLOB_MARK and GLOB_NOCHECK: folders end in a slash, and what matches nothing stays as it is."""
    found = sorted(glob.glob(pattern)) or [pattern]
    return [path if path.endswith("/") or not os.path.isdir(path) else path + "/" for path in found]


def enter_directory(config: Config) -> None:
    """`chdir2`: the applications are loaded, and run elsewhere."""
    if config.directory_after is None:
        return
    try:
        os.chdir(config.directory_after)
    except OSError as error:
        raise LoadError(f"chdir2 = {config.directory_after}: {error.strerror}") from None


def _import_all(locations: Sequence[str], option: str) -> None:
    """As in uWSGI the server goes on without one that cannot be imported: its traceback was shown."""
    for location in locations:
        try:
            import_source(_source(location))
        except LoadError as error:
            log.say(f"{option} = {location}: {error}; the server goes on without it")


def _import_alias(name: str, location: str) -> None:
    try:
        sys.modules[name] = import_source(_source(location))
    except LoadError as error:
        log.say(f"pymodule-alias = {name}={location}: {error}; the server goes on without it")


def _source(location: str) -> ApplicationSource:
    is_file = location.endswith(".py") or "/" in location
    return ApplicationSource("import" if is_file else "module", location, "")
