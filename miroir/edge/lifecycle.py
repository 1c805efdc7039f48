"""Where this process stands between start and end. Set by the server, read by the readiness route."""

from __future__ import annotations


class StartError(Exception):
    """The process cannot start as it is set up, and trying again would not help. `str()` is one sentence."""


class Lifecycle:
    """Draining: requests are still answered, and whoever sends them should turn elsewhere."""

    __slots__ = ("draining",)

    def __init__(self) -> None:
        self.draining = False

    def __repr__(self) -> str:
        return f"<Lifecycle draining={self.draining}>"
