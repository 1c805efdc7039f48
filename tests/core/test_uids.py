"""Names of indexes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir.core.uids import birth_uid, check_uid, physical_uid
from miroir.core.wire.errors import MiroirError

uids = st.text("abcXYZ019-_", min_size=1, max_size=400).filter(lambda uid: not uid.startswith("_miroir_"))


@given(uids, st.integers(1, 10**9), st.integers(1, 10**6))
def test_a_node_accepts_every_name_that_ours_become(uid: str, incarnation: int, epoch: int) -> None:
    assert check_uid(uid) == uid
    assert check_uid(physical_uid(uid, incarnation, epoch, "a0z9"))
    assert check_uid(birth_uid(uid, incarnation))


@given(st.lists(uids, min_size=2, max_size=2, unique=True))
def test_two_indexes_never_share_a_name(pair: list[str]) -> None:
    assert birth_uid(pair[0], 1) != birth_uid(pair[1], 1)


def test_incarnation_epoch_and_nonce_all_count() -> None:
    names = {physical_uid("m", *rest) for rest in ((1, 1, "aaaa"), (2, 1, "aaaa"), (1, 2, "aaaa"), (1, 1, "aaab"))}
    assert len(names) == 4


@pytest.mark.parametrize("uid", ["", "a b", "é", "a/b", "x" * 401, "_miroir_catalog", "a.b"])
def test_other_names_are_refused(uid: str) -> None:
    with pytest.raises(MiroirError, match="invalid_index_uid"):
        check_uid(uid)
