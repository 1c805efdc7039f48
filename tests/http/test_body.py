"""Bodies are read whole, within bounds that hold before and after decoding."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from miroir.core.wire.errors import MiroirError
from miroir.http.body import ClientGoneError, read_body

Receive = Callable[[], Coroutine[Any, Any, dict[str, Any]]]


def receiving(*parts: bytes, cut: bool = False) -> Receive:
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if cut:
        messages.append({"type": "http.disconnect"})
    else:
        messages[-1]["more_body"] = False

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return receive


async def test_parts_become_one_body() -> None:
    assert await read_body([], receiving(b"ab", b"", b"cd"), 10) == b"abcd"


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    assert await read_body([(b"content-length", b"4")], receiving(b"abcd"), 4) == b"abcd"


@pytest.mark.parametrize("parts", [(b"abcde",), (b"abc", b"de", b"never read")])
async def test_a_body_beyond_the_limit_is_refused(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(MiroirError) as caught:
        await read_body([], receiving(*parts), 4)
    assert (caught.value.code, caught.value.status) == ("payload_too_large", 413)


async def test_an_announced_size_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(MiroirError):
        await read_body([(b"content-length", b"5")], receiving(b"never read"), 4)


async def test_a_client_that_leaves_is_told_from_a_short_body() -> None:
    with pytest.raises(ClientGoneError):
        await read_body([], receiving(b"half", cut=True), 100)


@pytest.mark.parametrize(("coding", "pack"), [(b"gzip", gzip.compress), (b"deflate", zlib.compress)])
async def test_encoded_bodies_are_decoded(coding: bytes, pack: Callable[[bytes], bytes]) -> None:
    assert await read_body([(b"content-encoding", coding)], receiving(pack(b"plain")), 100) == b"plain"


async def test_a_body_that_unpacks_beyond_the_limit_is_refused() -> None:
    with pytest.raises(MiroirError) as caught:
        await read_body([(b"content-encoding", b"gzip")], receiving(gzip.compress(b"0" * 100_000)), 1000)
    assert caught.value.code == "payload_too_large"


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        (b"gzip", b"no gzip"),
        (b"gzip", gzip.compress(b"x" * 99)[:-9]),
        (b"gzip", gzip.compress(b"x") + b"y"),
        (b"br", b"x"),
    ],
)
async def test_what_cannot_be_decoded_is_a_bad_request(coding: bytes, data: bytes) -> None:
    with pytest.raises(MiroirError) as caught:
        await read_body([(b"content-encoding", coding)], receiving(data), 1000)
    assert caught.value.code == "bad_request"


async def test_all_members_of_a_gzip_body_are_read() -> None:
    two = gzip.compress(b"one ") + gzip.compress(b"two")
    assert await read_body([(b"content-encoding", b"gzip")], receiving(two), 100) == b"one two"
