"""Saying once what is wrong for as long as it is: loops that try again and again must not fill the log."""

from __future__ import annotations

from structlog.typing import FilteringBoundLogger


class Complaints:
    """One complaint at a time about each thing. A new one is logged, the same one is not, and neither is its end."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log
        self._said: dict[str, str] = {}

    def say(self, about: str, complaint: str, **more: object) -> None:
        """Log what is wrong, unless it was the last thing said about this. Empty: nothing is wrong any more."""
        if complaint and self._said.get(about) != complaint:
            self._log.warning(complaint, **more)
        self._said[about] = complaint
