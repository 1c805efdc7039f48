"""The smallest request that still shows an unexplained difference: less parameters, entries of lists, words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.engine.exact.asking import Ask, Body

Shows = Callable[[Ask], bool]
"""Whether a request shows the difference."""
MOST = 400
"""How many smaller requests are tried."""


def shrink(ask: Ask, shows: Shows) -> Ask:
    """Drops what may be dropped until nothing more can go. `shows` is asked at most `MOST` times."""
    tried = 0
    smaller = True
    while smaller:
        smaller = False
        for body in _smaller(ask.body or {}):
            tried += 1
            if tried > MOST:
                return ask
            if shows(ask.with_body(body)):
                ask, smaller = ask.with_body(body), True
                break
    return ask


def _smaller(value: Body) -> Iterator[Body]:
    """The same less one of its parts, the larger parts first."""
    for name in value:
        yield {other: part for other, part in value.items() if other != name}
    for name, part in value.items():
        for less in _less(part):
            yield {**value, name: less}


def _less(part: Any) -> Iterator[Any]:
    match part:
        case str() if len(part.split()) > 1:
            words = part.split()
            yield from (" ".join(words[:at] + words[at + 1 :]) for at in range(len(words)))
        case list():
            yield from (part[:at] + part[at + 1 :] for at in range(len(part)))
            for at, inner in enumerate(part):
                yield from ([*part[:at], less, *part[at + 1 :]] for less in _less(inner))
        case dict():
            yield from _smaller(part)
