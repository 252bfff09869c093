"""All applications of a server, between the hooks before and after."""

from __future__ import annotations

from time import monotonic
from typing import Any, List, NamedTuple, NoReturn, Tuple

from tsuwsgi import hooks, log, surroundings
from tsuwsgi.config import Config, MountedSource
from tsuwsgi.loader import LoadError, load
from tsuwsgi.mounts import Mounted
from tsuwsgi.wsgi import Application


class Loaded(NamedTuple):
    mounted: List[Mounted]
    # The seconds that each of them took.
    times: List[float]


def load_between_hooks(config: Config) -> Loaded:
    """The applications, in the order of the configuration. With `need-app = false` one that cannot be loaded answers 500."""
    hooks.run(config.hooks["pre-app"])
    surroundings.import_beside(config)
    mounted: List[Mounted] = []
    times: List[float] = []
    for each in config.applications:
        began = monotonic()
        mounted.append(Mounted(each.mountpoint, *_load_or_stand_in(each, config.need_app)))
        times.append(round(monotonic() - began, 3))
    surroundings.enter_directory(config)
    hooks.run(config.hooks["post-app"])
    return Loaded(mounted or [without_any(config.need_app)], times)


def warm_up(config: Config, mounted: List[Mounted], label: str = "") -> None:
    """Asks the applications for what `warmup` says."""
    if config.warmup.requests:
        # Not at the top of the file: most servers never need it.
        from tsuwsgi import warmup

        try:
            warmup.warm_up(config, mounted, label)
        except BaseException as error:
            log.show(error)  # such as want of memory: clients may be served all the same


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
