"""Which requests are logged where requests are not (`disable-logging`): those that went wrong, were slow, large or empty."""

from __future__ import annotations

from typing import Callable, Optional

from tsuwsgi.config import LogSelection
from tsuwsgi.wsgi import Exchange


def selector(selection: LogSelection) -> Optional[Callable[[Exchange, int], bool]]:
    """Judges a finished request and the microseconds that it took; None where nothing is ever selected."""
    if not any(selection):
        return None

    def is_selected(exchange: Exchange, spent_us: int) -> bool:
        status = exchange.status or 500
        return bool(
            (selection.client_errors and 400 <= status < 500)
            or (selection.server_errors and status >= 500)
            or (selection.slow_ms and spent_us >= 1000 * selection.slow_ms)
            or (selection.empty and exchange.body_size == 0)
            or (selection.big_bytes and exchange.body_size >= selection.big_bytes)
            or (selection.files and exchange.via != Exchange.via)
            or (selection.broken and exchange.has_lost_client)
        )

    return is_selected
