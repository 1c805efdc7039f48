"""How the engine orders values of documents: numbers, texts, nothing; and places, by their distance."""

from __future__ import annotations

import math
from typing import Any

_RADIUS = 6_371_000.0


def by_value(number: float) -> tuple[float, bool]:
    """Numbers in order, the positive zero before the negative one."""
    return number, math.copysign(1, number) < 0


def sort_key(value: Any, *, descending: bool) -> tuple[Any, ...]:
    """Numbers, then texts by their UTF-8, then nothing: so in both directions."""
    match value:
        case bool() | None:
            return (2,)
        case int() | float():
            return (0, *by_value(-value if descending else value))
        case str():
            return (1, _Reversed(value.encode()) if descending else value.encode())
        case _:
            return (2,)


class _Reversed:
    """Bytes that sort the other way round."""

    def __init__(self, value: bytes) -> None:
        self.value = value

    def __lt__(self, other: _Reversed) -> bool:
        return other.value < self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def haversine(*degrees: Any) -> float:
    """The distance of two places (latitude, longitude, latitude, longitude) as the engine counts it, to millimetres."""
    latitude, longitude, to_latitude, to_longitude = map(math.radians, degrees)
    across = math.cos(latitude) * math.cos(to_latitude) * (1 - math.cos(to_longitude - longitude)) / 2
    total = (1 - math.cos(to_latitude - latitude)) / 2 + across
    return math.floor(2 * _RADIUS * math.asin(math.sqrt(total)) * 1000 + 0.5) / 1000
