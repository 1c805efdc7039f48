"""What a request is told that is not served for a reason of the process: too many at once, too slow, or our fault."""

from __future__ import annotations

from miroir.core.wire.errors import MiroirError


def overloaded(most: int, what: str = "requests") -> MiroirError:
    return MiroirError("miroir_overloaded", f"More than {most} {what} at the same time. Retry after 10s.")


def timed_out() -> MiroirError:
    return MiroirError("miroir_timeout", "The request took longer than it may, and was given up.")


def stalled(seconds: float) -> MiroirError:
    return MiroirError("miroir_timeout", f"Nothing more of the payload came for {seconds:g} s, and it was given up.")


def internal() -> MiroirError:
    return MiroirError("internal", "An internal error has occurred.")
