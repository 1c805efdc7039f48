"""What `_merge_core.Splitter` does, in plain Python over a whole payload. No chunks, no speed; only for tests."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

from miroir import _merge_core
from miroir.core.wire.reserved import is_reserved

_SPACE = re.compile(r"[ \t\n\r]*")
_ID = re.compile(r"[A-Za-z0-9_-]{1,511}", re.ASCII)


@dataclass
class SplitFailedError(Exception):
    """Why a payload cannot be split: the code, and which document."""

    code: str
    position: int


_DEEPEST = 127


class _Pairs(list[tuple[str, Any]]):
    """An object as its members, in order and with repetitions."""


def split(payload: bytes, *, ndjson: bool, shards: int, primary_key: str | None) -> tuple[dict[int, bytes], str | None]:
    """Each shard's documents as NDJSON, stamped from 0, and the primary key. Raises SplitFailedError."""
    documents = _documents(payload, ndjson)
    reserved = (at for at, (_, members) in enumerate(documents) if any(is_reserved(name) for name, _ in members))
    for position in reserved:
        raise SplitFailedError("miroir_reserved_field", position)
    if primary_key is None and documents:
        primary_key = _inferred(documents[0][1])
    lines: dict[int, bytes] = {}
    for position, (text, members) in enumerate(documents):
        shard = _merge_core.shard_of(_id(members, primary_key or "", position), shards)
        stamps = f',"_miroir_shard":"{_digits(shard, 4)}","_miroir_seq":"{_digits(position, 16)}"}}\n'
        lines[shard] = lines.get(shard, b"") + (text[:-1] + stamps).encode()
    return lines, primary_key


def _digits(number: int, width: int) -> str:
    return "".join("(),:;?[]"[number >> 3 * place & 7] for place in reversed(range(width)))


def _documents(payload: bytes, ndjson: bool) -> list[tuple[str, _Pairs]]:
    """All documents as they are written, and their members."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        raise SplitFailedError("malformed_payload", 0) from None
    at = _skip(text, 0)
    if not ndjson and text[at : at + 1] == "[":
        return _array(text, at)
    documents: list[tuple[str, _Pairs]] = []
    while at < len(text) or not (ndjson or documents):
        document, at = _object(text, at, len(documents))
        documents.append(document)
        at = _skip(text, at)
        if not ndjson and at < len(text):
            raise SplitFailedError("malformed_payload", 1)
    return documents


def _array(text: str, at: int) -> list[tuple[str, _Pairs]]:
    documents: list[tuple[str, _Pairs]] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        if documents:
            if text[at : at + 1] != ",":
                raise SplitFailedError("malformed_payload", len(documents))
            at = _skip(text, at + 1)
        document, at = _object(text, at, len(documents))
        documents.append(document)
        at = _skip(text, at)
    if _skip(text, at + 1) != len(text):
        raise SplitFailedError("malformed_payload", len(documents))
    return documents


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _object(text: str, at: int, position: int) -> tuple[tuple[str, _Pairs], int]:
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs, parse_constant=_refuse)
    try:
        members, end = decoder.raw_decode(text, at)
    except ValueError:
        raise SplitFailedError("malformed_payload", position) from None
    if not isinstance(members, _Pairs) or not _is_readable(members):
        raise SplitFailedError("malformed_payload", position)
    return (text[at:end], members), end


def _is_readable(value: Any, depth: int = 0) -> bool:
    """Whether a node can read a value: not too deep, no half of a surrogate pair, no number beyond all floats."""
    match value:
        case _Pairs():
            named = [text for name, each in value for text in (name, each)]
            return depth < _DEEPEST and all(_is_readable(each, depth + 1) for each in named)
        case list():
            return depth < _DEEPEST and all(_is_readable(each, depth + 1) for each in value)
        case str():
            return not any("\ud800" <= character <= "\udfff" for character in value)
        case float() | int():
            return abs(value) <= sys.float_info.max
        case _:
            return True


def _inferred(members: _Pairs) -> str:
    candidates = {name for name, _ in members if name.lower().endswith("id")}
    match sorted(candidates):
        case [one]:
            return one
        case []:
            raise SplitFailedError("index_primary_key_no_candidate_found", 0)
        case _:
            raise SplitFailedError("index_primary_key_multiple_candidates_found", 0)


def _id(members: _Pairs, path: str, position: int) -> str:
    found: list[Any] = []
    for name, value in members:
        _find(name, value, path, found, position)
    if not found:
        raise SplitFailedError("missing_document_id", position)
    return str(found[0])


def _find(name: str, value: Any, path: str, found: list[Any], position: int) -> None:
    """Take the value when the path ends with this name, or go on inside it. More than one is an error."""
    if name and path == name:
        if not _is_id(value) or found:
            raise SplitFailedError("invalid_document_id", position)
        found.append(value)
    elif name and path.startswith(name + ".") and isinstance(value, _Pairs):
        for inner, nested in value:
            _find(inner, nested, path[len(name) + 1 :], found, position)


def _is_id(value: Any) -> bool:
    match value:
        case bool():
            return False
        case int():
            return -(2**63) <= value < 2**64
        case str():
            return _ID.fullmatch(value) is not None
        case _:
            return False
