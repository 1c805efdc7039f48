"""What to do with an exception that reached the edge of one request or one connection: it must not go further."""

from __future__ import annotations

import structlog
import trio

log = structlog.get_logger(__name__)


def contain(
    error: Exception | BaseExceptionGroup[BaseException], where: str
) -> BaseExceptionGroup[trio.Cancelled] | None:
    """Log the failures in `error`, and return its cancellations, which the caller must raise again.

    Raises `error` itself when it holds more than failures and cancellations: a wish to end the process.
    """
    if isinstance(error, Exception):
        log.error(f"A failure ended {where}.", exc_info=error)
        return None
    cancelled, rest = error.split(trio.Cancelled)
    if rest is None:
        return cancelled
    if not isinstance(rest, Exception):
        raise error
    log.error(f"A failure ended {where}.", exc_info=rest)
    return cancelled
