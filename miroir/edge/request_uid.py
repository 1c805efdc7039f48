"""UUIDs of version 7 for `requestUid`: the time in milliseconds, then chance, so that they sort by age."""

from __future__ import annotations

import os
import time


def new_request_uid() -> str:
    """A fresh UUIDv7 as Meilisearch writes it: lower case, with hyphens."""
    millis = time.time_ns() // 1_000_000
    number = (millis << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
