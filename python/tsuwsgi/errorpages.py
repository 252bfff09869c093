"""The server's own pages, and files in their place (`error-page-404`, `error-page-500`)."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

# By status. Filled once, before the workers are forked.
error_pages: Dict[str, Sequence[str]] = {}


def error_page(status: str, plain: bytes) -> Tuple[List[Tuple[str, str]], bytes]:
    """Headers and page: the first file for this status that can be read, as it is now; `plain` without one."""
    kind, page = "text/plain", plain
    for path in error_pages.get(status, ()):
        try:
            with open(path, "rb") as file:
                kind, page = "text/html", file.read()
            break
        except OSError:
            continue  # as in uWSGI the next one is tried
    return [("Content-Type", kind), ("Content-Length", str(len(page)))], page
