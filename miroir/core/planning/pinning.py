"""Filters that pin the primary key: the shards outside which no document can pass one.

A small reader, not a parser: what it does not surely understand pins nothing, and a node judges every filter all the
same. Too many shards cost time, one too few costs an answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from miroir._merge_core import canonical_id, shard_of

MOST_LITERALS = 128
_LONGEST = 400
"""Nodes cut longer values, and find them only in part (design 4)."""
_EXACT = 2**53
"""From here on several integers are one number to a filter."""
_DEEPEST = 64
_LONGEST_FILTER = 64 * 1024

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"\\]*"|'[^'\\]*')|(?P<mark>[()\[\],]|[!<>]?=|[<>])|(?P<word>[^\s()\[\],!=<>"'\\]+))\s*"""
)
_KEYWORDS = frozenset(["AND", "OR", "IN", "NOT", "TO", "EXISTS", "IS", "NULL", "EMPTY", "CONTAINS", "STARTS", "WITH"])

Shards = frozenset[int]


class _Unread(Exception):  # noqa: N818 - control flow within this module, no error
    """The filter is not one that this reader knows."""


class _Token(NamedTuple):
    kind: str
    text: str

    def is_value(self) -> bool:
        return self.kind == "quoted" or (self.kind == "word" and self.text not in _KEYWORDS)


class _Reader:
    """Reads one expression, for one index and one primary key."""

    def __init__(self, primary_key: str, shards: int, most: int) -> None:
        self._primary_key = primary_key
        self._shards = shards
        self._most = most

    def disjunction(self, tokens: Sequence[_Token], depth: int = 0) -> Shards | None:
        """Pinned if every branch of it is."""
        if depth > _DEEPEST:
            raise _Unread
        found = [self._conjunction(branch, depth) for branch in _split(tokens, "OR")]
        return _union(found)

    def _conjunction(self, tokens: Sequence[_Token], depth: int) -> Shards | None:
        """Pinned by any of its parts, and by several to what they have in common."""
        return _common([self._part(part, depth) for part in _split(tokens, "AND")])

    def _part(self, tokens: Sequence[_Token], depth: int) -> Shards | None:
        match tokens:
            case [_Token("mark", "("), *inner, _Token("mark", ")")]:
                return self.disjunction(inner, depth + 1)
            case [name, _Token("mark", "="), value] if self._is_key(name) and value.is_value():
                return self._literals([value])
            case [name, _Token("word", "IN"), _Token("mark", "["), *inner, _Token("mark", "]")] if self._is_key(name):
                return self._literals(_listed(inner))
        return None

    def _is_key(self, token: _Token) -> bool:
        return token.is_value() and token.text == self._primary_key

    def _literals(self, tokens: Sequence[_Token]) -> Shards | None:
        if len(tokens) > self._most:
            return None
        return _union([literal_shards(token.text, self._shards) for token in tokens])


def pinned_shards(filters: Any, primary_key: str | None, shards: int, *, most: int = MOST_LITERALS) -> Shards | None:
    """The only shards whose documents can pass a filter, or None when that is any. Empty: no document can.

    `filters` as a client sends them: a text, or an array of texts and arrays of texts. `most` literals narrow at the
    most. Within a primary key with a dot a document may hold other values: it pins nothing.
    """
    if not primary_key or "." in primary_key or most < 1:
        return None
    reader = _Reader(primary_key, shards, most)
    parts = filters if isinstance(filters, list) else [filters]
    found = []
    for part in parts:
        branches = part if isinstance(part, list) else [part]
        if branches and all(isinstance(text, str) and primary_key in text for text in branches):
            found.append(_union([_read(reader, text) for text in branches]))
    return _common(found)


def literal_shards(text: str, shards: int) -> Shards | None:
    """Where documents are whose id a filter finds by this literal: as a text without case, and as a number.

    None when nodes find more by it than can be told.
    """
    normalized = unicodedata.normalize("NFKD", text.strip()).lower()
    if len(normalized.encode(errors="replace")) > _LONGEST:
        return None
    ids = [canonical_id(orjson.dumps(normalized))]
    number = _number(text)
    if number is not None:
        if abs(number) >= _EXACT:
            return None
        ids.append(str(int(number)) if number.is_integer() else None)
    return frozenset(shard_of(document, shards) for document in ids if document is not None)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _read(reader: _Reader, text: str) -> Shards | None:
    if len(text) > _LONGEST_FILTER:
        return None
    try:
        return reader.disjunction(list(_tokens(text)))
    except _Unread:
        return None


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    while end < len(text):
        found = _TOKEN.match(text, end)
        if found is None or found.lastgroup is None:
            raise _Unread
        end = found.end()
        inside = found[found.lastgroup]
        yield _Token(found.lastgroup, inside[1:-1] if found.lastgroup == "quoted" else inside)


def _split(tokens: Sequence[_Token], keyword: str) -> Iterator[Sequence[_Token]]:
    """The pieces between a keyword that is in no parentheses."""
    depth, start = 0, 0
    for at, token in enumerate(tokens):
        if token.kind == "mark" and token.text in "([":
            depth += 1
        elif token.kind == "mark" and token.text in ")]":
            depth -= 1
            if depth < 0:
                raise _Unread
        elif token == ("word", keyword) and depth == 0:
            yield tokens[start:at]
            start = at + 1
    if depth:
        raise _Unread
    yield tokens[start:]


def _listed(tokens: Sequence[_Token]) -> list[_Token]:
    """The values between commas, of which one may be last."""
    values, commas = tokens[::2], tokens[1::2]
    if not all(token.is_value() for token in values) or any(token != ("mark", ",") for token in commas):
        raise _Unread
    return list(values)


def _union(found: Sequence[Shards | None]) -> Shards | None:
    known = [each for each in found if each is not None]
    return frozenset().union(*known) if len(known) == len(found) else None


def _common(found: Sequence[Shards | None]) -> Shards | None:
    known = [each for each in found if each is not None]
    return known[0].intersection(*known[1:]) if known else None
