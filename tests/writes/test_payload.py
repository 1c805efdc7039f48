"""Payloads as they are read: compressed ones whole or not at all."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miroir.core.wire.errors import MiroirError
from miroir.edge.spool import Spool, SpoolBudget
from miroir.writes.payload import Payload, read_payload

MEGABYTE = 1024 * 1024
ONE, TWO = gzip.compress(b'{"id":1}\n'), gzip.compress(b'{"id":2}\n{"id":3}\n')


async def _read(folder: Path, body: bytes) -> Payload:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    spool = Spool(SpoolBudget(64 * MEGABYTE), str(folder))
    return await read_payload(chunks(), spool, ndjson=True, shards=4, primary_key="id", limit=MEGABYTE, encoding="gzip")


async def test_documents_of_all_gzip_members_are_taken(tmp_path: Path) -> None:
    assert (await _read(tmp_path, ONE + TWO)).documents == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (ONE + TWO[:-3], "bad_request"),
        (ONE + b"garbage", "bad_request"),
        (ONE + gzip.compress(b" " * 64 * MEGABYTE), "payload_too_large"),
    ],
    ids=["cut", "garbage", "bomb"],
)
async def test_a_payload_whose_second_member_is_bad_is_refused_whole(tmp_path: Path, body: bytes, code: str) -> None:
    with pytest.raises(MiroirError) as caught:
        await _read(tmp_path, body)
    assert caught.value.code == code
