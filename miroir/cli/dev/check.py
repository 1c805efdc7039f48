"""`--check`: the same movies in one engine, and whether Miroir gives the same answers. Nothing is repaired here."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from miroir.cli.dev import movies
from miroir.cli.dev.children import Family, node_binary
from miroir.cli.dev.client import Client
from miroir.cli.dev.cluster import start_node
from miroir.cli.dev.folder import Folder
from miroir.cli.dev.searches import SEARCHES

_DEPTH = 100
_OF_ONE_RUN = ("processingTimeMs", "requestUid")


def check(family: Family, folder: Folder, miroir: Client, http: httpx.Client, console: Console) -> bool:
    """Load everything into one engine of its own, compare counts and answers, and say what differs."""
    with tempfile.TemporaryDirectory(prefix="one-engine-", dir=folder.path) as scratch:
        alone = Folder(Path(scratch), folder.layout, folder.keys)
        alone.log("engine").parent.mkdir()
        engine = start_node(family, alone, node_binary(), "engine", http)
        try:
            movies.load(engine, lambda _: None)
            return report(differences(miroir, engine), console)
        finally:
            family.stop_last()


def report(found: list[str], console: Console) -> bool:
    for line in found:
        console.print(line, style="red", markup=False, highlight=False)
    if not found:
        console.print(f"The same {movies.COUNT} movies and the same answers as one engine.", style="green")
    return not found


def differences(miroir: Client, engine: Client) -> list[str]:
    """One line for each thing that is not the same; hits in order, as deep as a page of 100."""
    found = []
    counts = {client.name: movies.count(client) or 0 for client in (miroir, engine)}
    if set(counts.values()) != {movies.COUNT}:
        found.append(f"Documents: {counts}, but there are {movies.COUNT} movies.")
    for search in SEARCHES:
        body = {**search.body, "limit": _DEPTH}
        ours, theirs = (client.search(movies.INDEX, body) for client in (miroir, engine))
        found += [f"{search.what}: {line}" for line in unlike(ours, theirs)]
    return found


def unlike(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Where two answers differ. Fields of a document have no order; everything else has."""
    hits, expected = ours["hits"], theirs["hits"]
    found = [
        f"hit {place} is {mine}, one engine says {its}"
        for place, (mine, its) in enumerate(zip(hits, expected, strict=False))
        if mine != its
    ]
    if len(hits) != len(expected):
        found.append(f"{len(hits)} hits, one engine gives {len(expected)}")
    for name in sorted({*ours, *theirs} - {"hits", *_OF_ONE_RUN}):
        mine, its = (json.dumps(answer.get(name)) for answer in (ours, theirs))
        if mine != its:
            found.append(f"{name} is {mine}, one engine says {its}")
    return found
