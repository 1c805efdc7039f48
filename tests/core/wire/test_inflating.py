"""Compressed bodies: all members are unpacked, whatever the pieces, and nothing that is not whole is taken."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir.core.wire import inflating
from miroir.core.wire.inflating import PIECE, CutOffError, InflateError, Inflater, TooLongError, inflate

Pack = Callable[[bytes], bytes]
packs = pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.integers(1, 70))
def test_all_members_of_a_gzip_body_are_unpacked_however_it_is_cut_up(members: list[bytes], step: int) -> None:
    packed, inflater = b"".join(gzip.compress(member) for member in members), Inflater()
    found = b"".join(piece for at in range(0, len(packed), step) for piece in inflater.feed(packed[at : at + step]))
    inflater.finish()
    assert found == b"".join(members)


@packs
def test_a_long_body_comes_in_pieces_of_bounded_size(pack: Pack) -> None:
    body = bytes(3 * PIECE + 5)
    inflater = Inflater()
    pieces = list(inflater.feed(pack(body)))
    inflater.finish()
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= PIECE


@packs
def test_a_body_without_its_end_is_cut_off(pack: Pack) -> None:
    whole = pack(b"plain" * 100)
    for length in range(len(whole)):
        with pytest.raises(CutOffError):
            inflate(whole[:length], 1000)


def test_a_second_member_without_its_end_is_cut_off() -> None:
    first, second = gzip.compress(b"one"), gzip.compress(b"two")
    for length in range(1, len(second)):
        with pytest.raises(CutOffError):
            inflate(first + second[:length], 1000)


@packs
@pytest.mark.parametrize("rest", [b"\0", b"garbage", b"\x1f garbage", zlib.compress(b"x")])
def test_what_follows_a_whole_body_and_is_no_member_is_an_error(pack: Pack, rest: bytes) -> None:
    with pytest.raises(InflateError):
        inflate(pack(b"plain") + rest, 1000)


def test_a_zlib_stream_has_no_further_members() -> None:
    with pytest.raises(InflateError):
        inflate(zlib.compress(b"one") + gzip.compress(b"two"), 1000)


@pytest.mark.parametrize("members", [1, 50])
def test_a_body_that_grows_without_end_is_given_up_at_the_limit(members: int) -> None:
    with pytest.raises(TooLongError):
        inflate(gzip.compress(bytes(40 * PIECE // members)) * members, PIECE)


def test_members_without_number_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflating, "MOST_MEMBERS", 3)
    assert inflate(gzip.compress(b"x") * 3, 10) == b"xxx"
    with pytest.raises(InflateError):
        inflate(gzip.compress(b"x") * 4, 10)
