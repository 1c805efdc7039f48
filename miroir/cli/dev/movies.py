"""The movies of the package, and how they get into an index. Origin and licence: `miroir/data/README.md`."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

from miroir.cli.dev.client import Client

INDEX = "movies"
COUNT = 3201
BATCH = 200
SETTINGS: dict[str, Any] = {
    "filterableAttributes": [
        "id",
        "year",
        "major_genre",
        "mpaa_rating",
        "director",
        "imdb_rating",
        "imdb_votes",
        "source",
    ],
    "sortableAttributes": ["title", "year", "imdb_rating", "imdb_votes", "worldwide_gross"],
    "pagination": {"maxTotalHits": 5000},
}


def lines() -> list[bytes]:
    """The documents, one JSON text each with its newline, ids 1 to 3201 in order."""
    packed = files("miroir").joinpath("data", "movies.ndjson.gz").read_bytes()
    return gzip.decompress(packed).splitlines(keepends=True)


def batches() -> Iterator[tuple[int, bytes]]:
    """(number of documents, NDJSON)"""
    all_lines = lines()
    for start in range(0, len(all_lines), BATCH):
        part = all_lines[start : start + BATCH]
        yield len(part), b"".join(part)


def count(client: Client) -> int | None:
    """How many documents the index holds; None when there is no index."""
    stats = client.find(f"/indexes/{INDEX}/stats")
    return None if stats is None else int(stats["numberOfDocuments"])


def load(client: Client, loaded: Callable[[int], None]) -> None:
    """Create the index and fill it. `loaded` hears of each batch that can be found. Repeating it changes nothing."""
    if client.find(f"/indexes/{INDEX}") is None:
        client.finish(client.call("POST", "/indexes", json={"uid": INDEX, "primaryKey": "id"}))
    client.finish(client.call("PATCH", f"/indexes/{INDEX}/settings", json=SETTINGS))
    kind = {"content-type": "application/x-ndjson"}
    tasks = [
        (number, client.call("POST", f"/indexes/{INDEX}/documents", content=body, headers=kind))
        for number, body in batches()
    ]
    for number, task in tasks:
        client.finish(task)
        loaded(number)
