"""What kind of JSON a value is: the few shapes that requests are checked for."""

from __future__ import annotations

from typing import Any


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def is_filter(value: Any) -> bool:
    """A string, or an array of strings and of arrays of strings."""
    if isinstance(value, str):
        return True
    return isinstance(value, list) and all(isinstance(item, str) or is_texts(item) for item in value)


def is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1
