"""The three searches that `miroir dev` shows: what is asked, how an answer looks, and how to repeat it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from miroir.cli.dev.client import Client
from miroir.cli.dev.error import DevError
from miroir.cli.dev.movies import INDEX

_COLUMNS = ("id", "title", "year", "major_genre", "imdb_rating")


@dataclass(frozen=True, slots=True)
class Search:
    """One search body, what it shows, and whether its curl line speaks HTTP/2."""

    what: str
    body: dict[str, Any]
    http2: bool = False

    def curl(self, url: str, key: str) -> str:
        words = ["curl", "-s", f"{url}/indexes/{INDEX}/search"]
        words += ["-H", f"Authorization: Bearer {key}", "-H", "Content-Type: application/json"]
        words += ["--data", json.dumps(self.body)]
        if self.http2:
            words.insert(1, "--http2-prior-knowledge")
        return shlex.join(words)


_SHOWN: dict[str, Any] = {"limit": 5, "attributesToRetrieve": list(_COLUMNS)}

SEARCHES = (
    Search("A typo", {"q": "godfahter", **_SHOWN}),
    Search(
        "A filter with facets",
        {"q": "love", "filter": "year >= 1990 AND imdb_rating > 6", "facets": ["major_genre", "mpaa_rating"], **_SHOWN},
    ),
    Search("A sort", {"q": "star", "sort": ["imdb_rating:desc"], **_SHOWN}, http2=True),
)


def show(console: Console, client: Client) -> None:
    for search in SEARCHES:
        console.print()
        try:
            answer = client.search(INDEX, search.body)
        except DevError as refusal:  # the movies' settings are the user's to change
            console.print(f"{search.what}: {refusal}", style="yellow", markup=False, soft_wrap=True)
            continue
        console.print(_headline(search, answer), style="bold", soft_wrap=True)
        console.print(_table(answer["hits"]))
        for name, counts in answer.get("facetDistribution", {}).items():
            console.print(Text(f"{name}: " + ", ".join(f"{value} {number}" for value, number in counts.items())))
        console.print(Text(search.curl(client.url, client.key)), style="dim", soft_wrap=True)


def _headline(search: Search, answer: dict[str, Any]) -> Text:
    asked = json.dumps({name: value for name, value in search.body.items() if name not in _SHOWN})
    return Text(f"{search.what}: {asked}\n{answer['estimatedTotalHits']} found in {answer['processingTimeMs']} ms")


def _table(hits: list[dict[str, Any]]) -> Table:
    table = Table(*_COLUMNS)
    for hit in hits:
        table.add_row(*("" if hit.get(name) is None else Text(str(hit[name])) for name in _COLUMNS))
    return table
