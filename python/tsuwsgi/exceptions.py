"""What an exception of the application brings besides its traceback in the log: a page that tells of it, another worker."""

from __future__ import annotations

import traceback
from typing import Any, List, Mapping, NamedTuple, Sequence

from tsuwsgi import log


class ExceptionRules(NamedTuple):
    """`catch-exceptions` and `reload-on-exception*`."""

    are_shown: bool = False
    reloads_on_any: bool = False
    # With or without the module, as "ValueError" and "builtins.ValueError".
    types: Sequence[str] = ()
    values: Sequence[str] = ()
    # As "ValueError: message".
    reprs: Sequence[str] = ()

    def ends_worker(self, error: BaseException) -> bool:
        """Whether the worker is to be replaced after this exception."""
        if self.reloads_on_any:
            return True
        if not (self.types or self.values or self.reprs):
            return False
        names, text = _names(error), _text(error)
        reprs = [f"{name}: {text}" for name in names]
        return text in self.values or any(name in self.types for name in names) or any(each in self.reprs for each in reprs)


def exception_page(error: BaseException, environ: Mapping[str, Any]) -> bytes:
    """For a developer: the exception, where it was raised, and the variables of the request."""
    name, text = _names(error)[-1], _text(error)
    lines = [
        f'the application has failed for "{environ.get("REQUEST_METHOD", "")} {environ.get("REQUEST_URI", "")}" (catch-exceptions)',
        f"Exception: {name}: {text}",
        f"Exception class: {name}",
        f"Exception message: {text}",
        "\n".join(["Backtrace:", *_places(error)]),
        "\n".join(f"{key} = {value}" for key, value in environ.items() if key.isupper() and isinstance(value, str)),
    ]
    return ("\n\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def describe(error: BaseException) -> str:
    """`ZeroDivisionError: division by zero`, named as a traceback does."""
    short, full = _names(error)
    name, text = short if type(error).__module__ in ("builtins", "__main__") else full, _text(error)
    return f"{name}: {text}" if text else name


def _names(error: BaseException) -> List[str]:
    kind = type(error)
    return [kind.__qualname__, f"{kind.__module__}.{kind.__qualname__}"]


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:
        return f"(its text cannot be shown: {type(second).__name__})"


def _places(error: BaseException) -> List[str]:
    trace = log.without_our_frames(error.__traceback__)
    return [f'filename: "{frame.filename}" line: {frame.lineno} function: "{frame.name}"' for frame in traceback.extract_tb(trace)]
