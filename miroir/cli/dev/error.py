"""The one expected failure of `miroir dev`: it cannot go on, and one sentence says why."""

from __future__ import annotations


class DevError(Exception):
    """Shown as it is, without a traceback; the program then ends with 1."""
