"""The applications of a worker, each below its mountpoint, and which of them a request is for.

uWSGI chooses by SCRIPT_NAME, which the web server sets, or which `manage-script-name` cuts from the path (core/uwsgi.c, uwsgi_get_app_id).
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from tsuwsgi.errorpages import error_page
from tsuwsgi.wsgi import Application, Environ


class Mounted(NamedTuple):
    """An application below a path; '' is the server's own."""

    mountpoint: str
    application: Application
    # Its number, which the log's `app` is; -1 where nothing could be loaded.
    number: int

    @property
    def is_loaded(self) -> bool:
        return self.number >= 0


class Mounts:
    def __init__(self, mounted: Sequence[Mounted], manages_script_name: bool = False, has_default: bool = True) -> None:
        self._by_mountpoint = {each.mountpoint: each for each in mounted}
        # The longest first: the nearest one is meant.
        self._prefixes = sorted((each.mountpoint for each in mounted if each.mountpoint), key=len, reverse=True)
        self._manages_script_name = manages_script_name
        # As in uWSGI the one without a mountpoint, or the first.
        self._default = self._by_mountpoint.get("", mounted[0]) if has_default else _NOWHERE

    @property
    def mountpoints(self) -> Dict[int, str]:
        """By the number of the application."""
        return {each.number: each.mountpoint for each in self._by_mountpoint.values()}

    @property
    def only(self) -> Optional[Mounted]:
        """The application that all requests are for, whatever their path; None where they have to be looked at."""
        alone = len(self._by_mountpoint) == 1 and self._default is not _NOWHERE
        return self._default if alone and not self._manages_script_name else None

    def choose(self, environ: Environ) -> Mounted:
        """The application for this request, whose SCRIPT_NAME and PATH_INFO are then as it expects them."""
        if self._manages_script_name:
            self._cut_path(environ)
        script_name = environ.setdefault("SCRIPT_NAME", "")
        return self._by_mountpoint.get(environ.get("UWSGI_APPID") or script_name, self._default)

    def _cut_path(self, environ: Environ) -> None:
        path = environ.get("PATH_INFO", "")
        for prefix in self._prefixes:
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
                environ["SCRIPT_NAME"] = prefix
                environ["PATH_INFO"] = path[len(prefix) :]
                return


def _nowhere(environ: Environ, start_response: Callable[..., Any]) -> List[bytes]:
    """Stands outside all mountpoints where there is no default application."""
    headers, page = error_page("404", b"404 Not Found\n")
    start_response("404 Not Found", headers)
    return [page]


_NOWHERE = Mounted("", _nowhere, -1)
