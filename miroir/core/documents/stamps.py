"""Our two fields in the bytes of a document: how they look, and how they are cut out again."""

from __future__ import annotations

import re

from miroir._merge_core import encode_shard
from miroir.core.wire.reserved import PREFIX

_DIGIT = "[" + re.escape("".join(encode_shard(digit)[-1] for digit in range(8))) + "]"
_STAMP = f'"{PREFIX}(?:shard|seq)":"{_DIGIT}{{4,16}}"'.encode()
_OURS = re.compile(rb"," + _STAMP + rb"|" + _STAMP + rb",?")


def without_stamps(document: bytes) -> bytes:
    """A document's JSON without our fields. Inside a string their pattern cannot stand: its quotes are escaped."""
    return _OURS.sub(b"", document)
