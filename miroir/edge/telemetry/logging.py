"""Structured logs on standard error: one JSON object a line, with the fields that every line has.

Callers log sentences and small facts (codes, node ids, durations, counts); never keys, queries, filters or documents.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_QUIET = ("hpack", "h2", "httpx", "httpcore", "hypercorn.error", "hypercorn.access", "quart.serving")


def configure(level: str, style: str, *, pod_id: str, worker: int | None = None) -> None:
    """Send what Miroir and its libraries log to standard error. `style` is `json` or `console`; call once at start."""
    shared = _shared(_identity(pod_id, worker))
    renderer: Processor = _json
    if style == "console":
        renderer = structlog.dev.ConsoleRenderer(event_key="message", colors=sys.stderr.isatty())
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=_LEVELS[level], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _shared(identity: Processor) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        identity,
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
    ]


def _identity(pod_id: str, worker: int | None) -> Processor:
    facts: dict[str, Any] = {"pod_id": pod_id} if worker is None else {"pod_id": pod_id, "worker": worker}

    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {**event, **facts}

    return add


def _json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return orjson.dumps(event, default=repr).decode()
