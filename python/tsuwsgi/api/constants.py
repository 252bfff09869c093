"""The names of the module that hold a value, with uWSGI's types."""

from __future__ import annotations

import grp
import time
from typing import Any, Dict, Iterable, Mapping, Tuple, Union

from tsuwsgi.config import Config
from tsuwsgi.texts import encoded

# The uWSGI whose behaviour this is: what an application means that compares versions.
_BASE_VERSION = (2, 0, 21)

OptionValue = Union[bytes, bool]


def constants(config: Config, generation: int) -> Dict[str, Any]:
    """As of the moment when this generation of the code is loaded."""
    custom = f"tsuwsgi-{config.version}".encode()
    options = option_table(config.options)
    return {
        "version": b"%d.%d.%d-" % _BASE_VERSION + custom,
        "version_info": (*_BASE_VERSION, 0, custom),
        "hostname": config.node.encode(),
        "numproc": config.processes,
        "cores": config.threads,
        "buffer_size": config.buffer_size,
        # Threads of the application always run.
        "has_threads": 1,
        "opt": options,
        "magic_table": magic_table(config.magic),
        "sockets": [direct.fd for direct in config.direct_sockets],
        "started_on": int(time.time()),
        "is_a_reload": generation > 1,
        "applications": None,
        "loop": None,
        "unbit": None,
        # What a task of the spooler answers: done, once more, later.
        "SPOOL_OK": -2,
        "SPOOL_RETRY": -1,
        "SPOOL_IGNORE": 0,
        **{name: options[name] for name in ("mode", "pidfile") if name in options},
    }


def magic_table(magic: Mapping[str, str]) -> Dict[bytes, bytes]:
    """The magic variables of config files, by letter."""
    table = {**magic}
    if "g" in magic:
        table["G"] = _group_name(int(magic["g"]))
    return {letter.encode(): encoded(value) for letter, value in table.items()}


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def option_table(options: Iterable[Tuple[str, Union[str, bool]]]) -> Dict[str, OptionValue]:
    """The options as they were written, in order: the last value of a name, True for a flag of the command line that has none."""
    return {name: value if isinstance(value, bool) else encoded(value) for name, value in options}
