"""The file of recorded answers: JSON lines, compressed. The first line is the scene, every other one a case."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.recorded.exchange import Exchange

FILE = Path(__file__).parent / "answers.jsonl.gz"
Json = Any


@dataclass(frozen=True, slots=True)
class Scene:
    """What was recorded of what: the binary's version, Miroir's configuration, the catalog's rows."""

    version: str
    config: dict[str, Json]
    catalog: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a client; `body` is None, or JSON as text."""

    method: str
    path: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request: what one node with everything answered, and what Miroir's nodes answered to Miroir."""

    name: str
    request: Request
    status: int
    headers: dict[str, str]
    body: bytes
    exchanges: tuple[Exchange, ...]


def write(file: Path, scene: Scene, cases: Sequence[Recorded]) -> None:
    """The same answers give the same bytes."""
    catalog = [[uid, view.decode()] for uid, view in scene.catalog]
    lines: list[Json] = [{"version": scene.version, "config": scene.config, "catalog": catalog}]
    for case in cases:
        request = [case.request.method, case.request.path, case.request.body]
        answer = [case.status, case.headers, case.body.decode()]
        told = [exchange.to_json() for exchange in case.exchanges]
        lines.append({"name": case.name, "request": request, "answer": answer, "nodes": told})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def read(file: Path = FILE) -> tuple[Scene, list[Recorded]]:
    """The scene and its cases."""
    first, *rest = map(json.loads, gzip.decompress(file.read_bytes()).decode().splitlines())
    catalog = tuple((uid, view.encode()) for uid, view in first["catalog"])
    return Scene(first["version"], first["config"], catalog), [_case(line) for line in rest]


def _case(line: Json) -> Recorded:
    status, headers, body = line["answer"]
    exchanges = tuple(Exchange.from_json(told) for told in line["nodes"])
    return Recorded(line["name"], Request(*line["request"]), status, headers, body.encode(), exchanges)
