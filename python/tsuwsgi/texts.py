"""Texts as bytes: of the configuration and of the application, either of which may hold bytes that are no UTF-8 (as surrogates, PEP 383)."""

from __future__ import annotations

from typing import Union

Text = Union[str, bytes]


def encoded(text: Text) -> bytes:
    """TypeError for what is neither, in Python's own words."""
    if isinstance(text, str):
        return text.encode("utf-8", "surrogateescape")
    if isinstance(text, bytes):
        return text
    raise TypeError(f"a bytes-like object is required, not {type(text).__name__!r}")
