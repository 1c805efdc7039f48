"""Names that a client uses in a search although they are Miroir's: they must behave like unknown fields.

On the nodes two of them are filterable and sortable. So a reserved attribute is sent under another name of the same
length that no document can have, and turned back in the text of the error (`unalias`). Values in filters are not
touched: a document may hold a reserved name as a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from miroir.core.wire.reserved import PREFIX, alias, is_reserved

_TOKEN = re.compile(
    r"""(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<mark>[()\[\],!=<>])|(?P<word>[^\s()\[\],!=<>"']+)"""
)
_BEFORE_ATTRIBUTE = {"AND", "OR", "NOT", "("}


def alias_filter(expression: str) -> str:
    """A filter in which every attribute with a reserved name has its alias."""
    if PREFIX not in expression:
        return expression
    pieces: list[str] = []
    end, attribute_next = 0, True
    for token in _TOKEN.finditer(expression):
        text = token.group()
        pieces.append(expression[end : token.start()])
        end = token.end()
        if attribute_next and text not in _BEFORE_ATTRIBUTE:
            text = text[0] + alias(text[1:]) if token.lastgroup == "quoted" else alias(text)
        pieces.append(text)
        attribute_next = text in _BEFORE_ATTRIBUTE
    return "".join(pieces) + expression[end:]


def alias_filters(given: Any) -> list[Any]:
    """A client's filter, checked to be a string or an array (of arrays) of strings, as the array to send; no blanks."""
    if isinstance(given, str):
        given = [given]
    out: list[Any] = []
    for item in given:
        if isinstance(item, list):
            out.append([alias_filter(part) for part in item])
        elif item.strip():
            out.append(alias_filter(item))
    return out


def uses_reserved(condition: Any) -> bool:
    """Whether a filter, of whatever JSON, names an attribute of Miroir's own. Values may be called as they like."""
    if isinstance(condition, list):
        return any(uses_reserved(part) for part in condition)
    return isinstance(condition, str) and alias_filter(condition) != condition


def without_reserved(names: Iterable[str]) -> list[str]:
    """The names that are not Miroir's own."""
    return [name for name in names if not is_reserved(name)]


def alone(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A request as it came, but that the node shall ask no others."""
    return dict(asked) | ({"useNetwork": False} if asked.get("useNetwork") is True else {})
