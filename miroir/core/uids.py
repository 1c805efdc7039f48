"""Names of indexes: which uids clients may use, and what an index is called on the nodes (design W2).

A physical uid is never used twice: it carries the incarnation of the index, and an epoch with a nonce.
"""

from __future__ import annotations

import hashlib
import re

from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reserved import is_reserved

_VALID = re.compile(r"[A-Za-z0-9_-]{1,400}")
_LONGEST = 340
"""What is left of a node's 400 bytes for the uid itself, with room for every suffix."""


def check_uid(uid: str) -> str:
    """The uid, when a client may use it; else MiroirError `invalid_index_uid` in Meilisearch's words."""
    if _VALID.fullmatch(uid) is None or is_reserved(uid):
        raise MiroirError(
            "invalid_index_uid",
            f"`{uid}` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric "
            "characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.",
        )
    return uid


def birth_uid(uid: str, incarnation: int) -> str:
    """The name under which an index is created on a node. Nothing is ever read or written under it."""
    return f"{_stem(uid)}-i{incarnation}-e0"


def physical_uid(uid: str, incarnation: int, epoch: int, nonce: str) -> str:
    """The name under which an index is used on the nodes. `nonce` is four characters of a-z and 0-9."""
    return f"{_stem(uid)}-i{incarnation}-e{epoch}{nonce}"


def _stem(uid: str) -> str:
    if len(uid) <= _LONGEST:
        return uid
    return f"{uid[:300]}-h{hashlib.sha256(uid.encode()).hexdigest()[:16]}"
