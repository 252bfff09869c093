"""What `import uwsgi` gives."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Iterable, NamedTuple

from tsuwsgi import running
from tsuwsgi.api import files, request, sockets
from tsuwsgi.api.absent import absent_names, why_missing
from tsuwsgi.api.cache import Caches
from tsuwsgi.api.constants import constants
from tsuwsgi.api.locks import Locks
from tsuwsgi.api.metrics import Metrics
from tsuwsgi.api.process import ProcessFunctions, WorkerLink
from tsuwsgi.api.rpc import Rpc
from tsuwsgi.api.signals import Signals
from tsuwsgi.config import Config

_NAME = "uwsgi"


class UwsgiModule(ModuleType):
    """A module on which the application sets what it likes: its hooks, among others."""

    def __getattr__(self, name: str) -> Any:
        if name == "env":
            # Only while a request runs, as in uWSGI.
            now = running.request_of_this_thread()
            if now is not None:
                return now[1]
        version = vars(self).get("__version__", "")
        raise AttributeError(why_missing(name) or f"uwsgi.{name} is not available in tsuwsgi {version}".rstrip())

    def __dir__(self) -> Iterable[str]:
        now = running.request_of_this_thread()
        return [*vars(self), *(["env"] if now is not None else [])]


# The only one of the process; `import uwsgi` finds it once it is installed.
uwsgi = UwsgiModule(_NAME)


class Installed(NamedTuple):
    """What must be told of the worker that the module gets into, and of what the master says."""

    process: ProcessFunctions
    signals: Signals
    caches: Caches
    metrics: Metrics

    def share(self) -> None:
        """In the spawner: opens what all workers share. Raises CacheError."""
        self.caches.open()
        self.metrics.open()

    def enter(self, worker: WorkerLink) -> None:
        self.process.enter(worker)
        self.signals.enter(worker.number, worker.control)


def install(config: Config, generation: int) -> Installed:
    """Puts the module in the place where the application will import it from."""
    process, signals = ProcessFunctions(config), Signals()
    locks = Locks(config.scoreboard_path, 1 + config.locks)
    caches, metrics = Caches(config.shared), Metrics(config.shared, process.server_metrics)
    attributes = vars(uwsgi)
    attributes["__version__"] = config.version
    attributes.update(constants(config, generation))
    attributes.update(absent_names(attributes["opt"]))
    own = (process.functions(), signals.functions(), locks.functions(), Rpc().functions(), caches.functions(), metrics.functions())
    for functions in (*own, request.functions(config), sockets.functions(config), files.functions()):
        attributes.update({function.__name__: function for function in functions})
    sys.modules[_NAME] = uwsgi
    return Installed(process, signals, caches, metrics)
