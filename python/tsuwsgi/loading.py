"""All applications of a server, between the hooks before and after."""

from __future__ import annotations

from typing import Any, List, NoReturn, Tuple

from tsuwsgi import hooks, log, surroundings
from tsuwsgi.config import Config, MountedSource
from tsuwsgi.loader import LoadError, load
from tsuwsgi.mounts import Mounted
from tsuwsgi.wsgi import Application


def load_between_hooks(config: Config) -> List[Mounted]:
    """The applications, in the order of the configuration. With `need-app = false` one that cannot be loaded answers 500."""
    hooks.run(config.hooks["pre-app"])
    surroundings.import_beside(config)
    mounted = [Mounted(each.mountpoint, *_load_or_stand_in(each, config.need_app)) for each in config.applications]
    surroundings.enter_directory(config)
    hooks.run(config.hooks["post-app"])
    return mounted or [without_any(config.need_app)]


def without_any(is_needed: bool) -> Mounted:
    reason = "no application was named (wsgi-file, module)"
    if is_needed:
        raise LoadError(reason)
    log.say(reason)
    return Mounted("", without_application, -1)


def _load_or_stand_in(mounted: MountedSource, is_needed: bool) -> Tuple[Application, int]:
    try:
        return load(mounted.source), mounted.number
    except LoadError as error:
        if is_needed:
            raise
        log.say(str(error))
        return without_application, -1


def without_application(environ: Any, start_response: Any) -> NoReturn:
    """Stands in for an application that could not be loaded while the server was told to go on (`need-app = false`)."""
    raise LoadError("no application is loaded; the log of the start says why")
