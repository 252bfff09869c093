"""Applications that PasteDeploy makes from a file: `paste = config:/srv/app/production.ini#main`."""

from __future__ import annotations

import os
from typing import Any

from tsuwsgi.config import ApplicationSource


class PasteMissing(Exception):
    """PasteDeploy is not installed where the application runs."""

    def __str__(self) -> str:
        return (
            "paste needs PasteDeploy, which this Python does not have: install the Debian package python3-pastedeploy, "
            "or in a virtualenv run pip install PasteDeploy"
        )


def make_application(source: ApplicationSource) -> Any:
    """Whatever the factory returns. Relative files are seen from the current directory."""
    loadapp = _find_loader()
    if source.is_logged:
        _set_logging_up(source.location)
    return loadapp(source.location, name=source.callable or None, relative_to=os.getcwd())


def _find_loader() -> Any:
    try:
        from paste.deploy import loadapp
    except ModuleNotFoundError as error:
        if error.name not in ("paste", "paste.deploy"):
            raise
        raise PasteMissing from None
    return loadapp


def _set_logging_up(uri: str) -> None:
    # Not at the top: an application without Paste need not have it in memory.
    from logging.config import fileConfig

    scheme, _, rest = uri.partition(":")
    if scheme != "config":
        return
    path = os.path.abspath(rest.partition("#")[0])
    fileConfig(path, {"__file__": path, "here": os.path.dirname(path)})
