"""Sizes of payloads, and the refusal of one that is too large, in Meilisearch's words."""

from __future__ import annotations

from miroir.core.wire.errors import MiroirError

_BINARY = (1024, ("B", "KiB", "MiB", "GiB"))
_DECIMAL = (1000, ("B", "kB", "MB", "GB"))


def too_large(limit: int) -> MiroirError:
    """The error for a body beyond the limit in bytes."""
    message = "The provided payload reached the size limit. The maximum accepted payload size is"
    return MiroirError("payload_too_large", f"{message} {size_text(limit)}.")


def size_text(size: int) -> str:
    """In binary units if the number divides by 1024, else in decimal ones."""
    base, units = _BINARY if size % 1024 == 0 else _DECIMAL
    value, unit = float(size), units[0]
    for unit in units:
        if value < base or unit == units[-1]:
            break
        value /= base
    return f"{value:.2f}".rstrip("0").rstrip(".") + f" {unit}"
