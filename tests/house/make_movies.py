"""Makes `miroir/data/movies.ndjson.gz` from `data/movies.json` of the npm package vega-datasets, once and reproducibly.

npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz
python -m tests.house.make_movies package/data/movies.json miroir/data/movies.ndjson.gz
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any


def rename(name: str) -> str:
    """Attribute names with spaces are awkward in filters: lower case, and an underscore for each space."""
    return name.lower().replace(" ", "_")


def movie(number: int, row: dict[str, Any]) -> dict[str, Any]:
    """One row as a document: its id first, every value as it stands, the year of its release last."""
    fields = {rename(name): value for name, value in row.items()}
    return {"id": number, **fields, "year": year(row["Release Date"])}


def year(release_date: str) -> int | None:
    """The last word of a date such as `Jun 12 1998`, when it is a number."""
    last = release_date.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else None


def compressed(rows: list[dict[str, Any]]) -> bytes:
    lines = [json.dumps(movie(number, row), ensure_ascii=False) + "\n" for number, row in enumerate(rows, 1)]
    return gzip.compress("".join(lines).encode(), 9, mtime=0)


def main(source: str, target: str) -> None:
    rows = json.loads(Path(source).read_text(encoding="utf-8"))
    Path(target).write_bytes(compressed(rows))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
