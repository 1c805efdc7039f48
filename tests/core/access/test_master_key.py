"""The master key opens and refuses exactly as Meilisearch does."""

from __future__ import annotations

import pytest

from miroir.core.access import check_master_key
from miroir.core.wire.errors import MiroirError


@pytest.mark.parametrize(
    ("header", "key"),
    [(b"Bearer secret", b"secret"), (None, b""), (b"Bearer anything", b""), (b"Bearer ", b""), (b"Bearer", b"")],
)
def test_the_right_key_opens_and_no_key_means_open(header: bytes | None, key: bytes) -> None:
    check_master_key(header, key)


@pytest.mark.parametrize(
    ("header", "key", "code", "status"),
    [
        (None, b"secret", "missing_authorization_header", 401),
        (b"Basic c2VjcmV0", b"secret", "missing_authorization_header", 401),
        (b"bearer secret", b"secret", "missing_authorization_header", 401),
        (b"secret", b"secret", "missing_authorization_header", 401),
        (b"Basic x", b"", "missing_authorization_header", 401),
        (b"Bearer wrong", b"secret", "invalid_api_key", 403),
        (b"Bearer ", b"secret", "invalid_api_key", 403),
        (b"Bearer", b"secret", "invalid_api_key", 403),
        (b"Bearer secret2", b"secret", "invalid_api_key", 403),
        (b"Bearer \xff", b"secret", "invalid_api_key", 403),
    ],
)
def test_anything_else_is_refused_with_meilisearchs_code(
    header: bytes | None, key: bytes, code: str, status: int
) -> None:
    with pytest.raises(MiroirError) as caught:
        check_master_key(header, key)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert "secret" not in caught.value.message
