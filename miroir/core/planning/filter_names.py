"""Which attributes a filter names. A small reader, not a parser: what it does not surely read names nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<mark>[()\[\],]|[!<>]?=|[<>])|(?P<word>[^\s()\[\],!=<>"'\\]+))\s*"""
)
_BEFORE = frozenset(["", "(", "AND", "OR", "NOT"])
_AFTER = frozenset(["=", "!=", ">", ">=", "<", "<=", "IN", "NOT", "EXISTS", "IS", "CONTAINS", "STARTS"])
_LONGEST = 64 * 1024


def filter_names(client_filter: Any) -> frozenset[str]:
    """The attributes that a filter compares; a value between two numbers (`a 1 TO 2`) is not recognised."""
    if isinstance(client_filter, list):
        return frozenset().union(*map(filter_names, client_filter))
    if not isinstance(client_filter, str) or len(client_filter) > _LONGEST:
        return frozenset()
    return frozenset(_names(_tokens(client_filter)))


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            return []
        found.append(match[0].strip())
        at = match.end()
    return found


def _names(tokens: list[str]) -> Iterator[str]:
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        if before.upper() in _BEFORE and after.upper() in _AFTER and token.upper() not in _BEFORE | {"["}:
            yield token[1:-1] if token[0] in "\"'" else token
