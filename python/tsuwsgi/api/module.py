"""What `import uwsgi` gives."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from tsuwsgi import running
from tsuwsgi.api import request
from tsuwsgi.api.constants import constants
from tsuwsgi.api.process import ProcessFunctions
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
        raise AttributeError(f"uwsgi.{name} is not available in tsuwsgi {vars(self).get('__version__', '')}".rstrip())


# The only one of the process; `import uwsgi` finds it once it is installed.
uwsgi = UwsgiModule(_NAME)


def install(config: Config, generation: int) -> ProcessFunctions:
    """Puts the module in the place where the application will import it from. Gives back what must be told of the worker that it gets into."""
    process = ProcessFunctions(config)
    attributes = vars(uwsgi)
    attributes["__version__"] = config.version
    attributes.update(constants(config, generation))
    for functions in (process.functions(), request.functions(config)):
        attributes.update({function.__name__: function for function in functions})
    sys.modules[_NAME] = uwsgi
    return process
