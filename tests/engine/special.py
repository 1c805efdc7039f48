"""Fixed worlds for one question each: places closer than a geo bucket is wide, values that look like numbers."""

from __future__ import annotations

import math
import random
from typing import Any

from tests.engine.worlds import BASE, World

ANCHORS = [(48.85, 2.35), (0.0, 0.0), (-33.86, 151.2)]
METRE = 1 / 111_194.93  # in degrees of latitude
EARTH = 6_372_797.560856  # the radius that the engine uses, in metres


def _place(chance: random.Random) -> dict[str, Any]:
    """0.3 to 3 m from an anchor, to the north, on a grid so that some are the same; every fifth as text."""
    lat, lng = chance.choice(ANCHORS)
    lat += chance.randint(1, 10) * 0.3 * METRE
    return {"lat": str(lat), "lng": str(lng)} if chance.random() < 0.2 else {"lat": lat, "lng": lng}


def _near(count: int = 150) -> World:
    chance = random.Random(77)
    documents = []
    for number in range(count):
        made: dict[str, Any] = {"id": number, "title": chance.choice(["sun", "moon"]), "n": chance.randint(0, 5)}
        if chance.random() < 0.85:
            made["_geo"] = _place(chance)
        documents.append(made)
    return World(documents, BASE)


def metres(place: tuple[float, float], document: dict[str, Any]) -> float:
    """The distance of a document; infinite without a place."""
    if "_geo" not in document:
        return math.inf
    there = (float(document["_geo"]["lat"]), float(document["_geo"]["lng"]))
    (lat1, lng1), (lat2, lng2) = (tuple(map(math.radians, each)) for each in (place, there))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))


TEXTS = ["1", "1.0", "01", "1e3", "10", "9", "-0", "0", "-1", "+1", "inf", "nan", "0x10", "1_000", "٣", "½"]
ZEROS: list[Any] = [0, 0.0, -0.0, 1, 1.0, -1, -1.5, 1e15, 5e-324, 1e300, 9007199254740993, None]


def _numbers(count: int = 120) -> World:
    chance = random.Random(78)
    documents = [
        {"id": n, "title": "sun", "text": chance.choice(TEXTS), "zero": chance.choice(ZEROS)} for n in range(count)
    ]
    return World(documents, {**BASE, "filterableAttributes": ["text", "zero"], "sortableAttributes": ["text", "zero"]})


SPECIAL = {"near": _near(), "numbers": _numbers()}
