"""The master key, by Meilisearch's rules: it opens everything; without one configured everything is open."""

from __future__ import annotations

import hmac

from miroir.core.wire.errors import MiroirError

_SCHEME = b"Bearer "


def check_master_key(authorization: bytes | None, master_key: bytes) -> None:
    """Raise MiroirError unless the Authorization header opens the door; the comparison takes constant time.

    No header, or another scheme: missing_authorization_header (401), the latter also where everything is open. A wrong
    or empty token: invalid_api_key (403), whatever was asked for, so that nobody learns what exists.
    """
    if authorization is None:
        if not master_key:
            return
        raise _missing()
    if not authorization.startswith(_SCHEME) and authorization != _SCHEME.strip():
        raise _missing()
    if master_key and not hmac.compare_digest(authorization[len(_SCHEME) :], master_key):
        raise MiroirError("invalid_api_key", "The provided API key is invalid.")


def _missing() -> MiroirError:
    message = "The Authorization header is missing. It must use the bearer authorization method."
    return MiroirError("missing_authorization_header", message)
