"""Names of uWSGI's behind which there is nothing here: whoever calls one is told so, and what serves instead."""

from __future__ import annotations

from typing import Any, Callable, Container, Dict, NamedTuple, NoReturn, Optional, Type


class Absence(NamedTuple):
    # What uWSGI raises where the thing is not configured, if it raises something.
    error: Type[Exception]
    reason: str
    remedy: str


_MULES = Absence(ValueError, "there are no mules and no farms", "use a task queue (Celery, RQ, Huey)")
_WEBSOCKETS = Absence(
    NotImplementedError,
    "WebSockets are not served",
    "serve them by an ASGI server (uvicorn, hypercorn) and let the web server in front send them there",
)
_ASYNC = Absence(OSError, "there is no asynchronous mode", "wait in the thread of the request, with select.poll()")
_IMPORTERS = Absence(NotImplementedError, "nothing is embedded in this program", "put the folder or the ZIP file on the path with pythonpath")

_FUNCTIONS: Dict[str, Absence] = {
    **dict.fromkeys(("mule_msg", "mule_get_msg", "farm_msg", "farm_get_msg"), _MULES),
    **dict.fromkeys(("websocket_handshake", "websocket_recv", "websocket_recv_nb", "websocket_send", "websocket_send_binary"), _WEBSOCKETS),
    **dict.fromkeys(("wait_fd_read", "wait_fd_write"), _ASYNC),
    "route": Absence(NotImplementedError, "rules run before and after the application", "write a route into the configuration (docs/routing.md)"),
    "add_var": Absence(
        NotImplementedError,
        "the variables of a request are those that the web server sent",
        "put it into the environ for the application, or use uwsgi.set_logvar() for the log",
    ),
    "set_warning_message": Absence(
        NotImplementedError, "the answer to a ping holds no message", "tell the load balancer by stats-http, or by a page of the application"
    ),
    "embedded_data": Absence(ValueError, "nothing is embedded in this program", "read a file"),
}
_TYPES: Dict[str, Absence] = dict.fromkeys(("SymbolsImporter", "SymbolsZipImporter", "ZipImporter"), _IMPORTERS)

_TASKS = Absence(NotImplementedError, "there is no spooler", "use a task queue (Celery, RQ, Huey)")
_QUEUES = Absence(NotImplementedError, "there are no queues", "use a list in Redis")
_AREAS = Absence(NotImplementedError, "there are no shared areas", "use multiprocessing.shared_memory")
_ERLANG = Absence(NotImplementedError, "no node of Erlang is joined", "talk to it over HTTP, or with a library of its protocol")
_SNMP = Absence(NotImplementedError, "there is no SNMP", "read the statistics (stats, stats-http)")

_TASK_NAMES = (
    *("spool", "send_to_spooler", "spooler_jobs", "spooler_pid", "spooler_pids"),
    *("set_spooler_frequency", "spooler_get_task"),
)
_QUEUE_NAMES = tuple(f"queue_{what}" for what in ("get", "last", "pop", "pull", "pull_slot", "push", "set", "slot"))
_AREA_NAMES = (
    *(f"sharedarea_{verb}{kind}" for verb in ("read", "write") for kind in ("", "8", "16", "32", "64", "byte", "long")),
    *(f"sharedarea_{verb}{kind}" for verb in ("inc", "dec") for kind in ("32", "64")),
    *("sharedarea_inclong", "sharedarea_memoryview", "sharedarea_object"),
    *("sharedarea_rlock", "sharedarea_wlock", "sharedarea_unlock"),
)
_SNMP_NAMES = (
    "snmp_set_community",
    *(f"snmp_{verb}_{kind}" for verb in ("set", "incr", "decr") for kind in ("counter32", "counter64", "gauge")),
)

# What uWSGI has with an option only, by that option.
_WITH_OPTION: Dict[str, Dict[str, Absence]] = {
    "spooler": dict.fromkeys(_TASK_NAMES, _TASKS),
    "queue": dict.fromkeys(_QUEUE_NAMES, _QUEUES),
    "sharedarea": dict.fromkeys(_AREA_NAMES, _AREAS),
    "erlang": {"erlang_register_process": _ERLANG},
    "snmp": dict.fromkeys(_SNMP_NAMES, _SNMP),
}


def absent(name: str, absence: Absence) -> Exception:
    """What to raise in a function of this name."""
    return absence.error(f"uwsgi.{name}(): {absence.reason}; {absence.remedy}")


def absent_names(options: Container[str]) -> Dict[str, Any]:
    """The names that uWSGI would have with these options, as what raises an error when it is called."""
    functions = dict(_FUNCTIONS)
    for option, absences in _WITH_OPTION.items():
        if option in options:
            functions.update(absences)
    return {
        **{name: _refusal(name, absence) for name, absence in functions.items()},
        **{name: _refused_type(name, absence) for name, absence in _TYPES.items()},
    }


def why_missing(name: str) -> Optional[str]:
    """For a name that is not there, and in uWSGI only with an option: what the AttributeError says."""
    for option, absences in _WITH_OPTION.items():
        absence = absences.get(name)
        if absence:
            return f"uwsgi.{name} is there with the option {option} of uWSGI; here {absence.reason}: {absence.remedy}"
    return None


def _refusal(name: str, absence: Absence) -> Callable[..., NoReturn]:
    def refuse(*arguments: Any, **named: Any) -> NoReturn:
        raise absent(name, absence)

    refuse.__name__ = refuse.__qualname__ = name
    return refuse


def _refused_type(name: str, absence: Absence) -> type:
    return type(name, (), {"__init__": _refusal(name, absence), "__module__": "uwsgi"})
