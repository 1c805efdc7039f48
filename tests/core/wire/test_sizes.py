"""Sizes are told as Meilisearch tells them."""

from __future__ import annotations

import pytest

from miroir.core.wire.sizes import too_large


@pytest.mark.parametrize(
    ("limit", "size"),
    [(10 * 1024**2, "10 MiB"), (100_000_000, "100 MB"), (104_857_600, "100 MiB"), (2_621_440, "2.5 MiB")],
)
def test_the_limit_is_told_in_meilisearchs_words(limit: int, size: str) -> None:
    told = f"The provided payload reached the size limit. The maximum accepted payload size is {size}."
    assert too_large(limit).message == told
