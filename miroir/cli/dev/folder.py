"""The data folder of `miroir dev`: its layout, its keys and who may use it. No process is started here."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from miroir.cli.dev.error import DevError


@dataclass(frozen=True, slots=True)
class Layout:
    """What may not change between two starts in one folder, since documents lie where it put them."""

    nodes: int
    replication_factor: int
    groups: int
    shards: int = 64

    def problem(self) -> str | None:
        """Why no cluster can be built like this, in one sentence."""
        if min(self.nodes, self.replication_factor, self.groups) < 1:
            return "There must be at least one node, one group and a replication factor of one."
        smallest = self.nodes // self.groups
        if smallest < self.replication_factor:
            return (
                f"{self.nodes} nodes in {self.groups} groups leave {smallest} in a group, "
                f"too few for a replication factor of {self.replication_factor}."
            )
        return None

    def node_ids(self) -> list[str]:
        return [f"node-{number}" for number in range(self.nodes)]

    def options(self) -> str:
        return f"--nodes {self.nodes} --replication-factor {self.replication_factor} --groups {self.groups}"


@dataclass(frozen=True, slots=True)
class Keys:
    """Random, made with the folder and kept in it for its owner alone."""

    master_key: str
    node_master_key: str


_Kept = TypeVar("_Kept", Layout, Keys)


@dataclass(frozen=True, slots=True)
class Folder:
    """An open data folder. `node(id)` and `log(id)` are where a process keeps its data and writes its log."""

    path: Path
    layout: Layout
    keys: Keys

    def node(self, node_id: str) -> Path:
        return self.path / "nodes" / node_id

    def log(self, process_id: str) -> Path:
        return self.path / "logs" / f"{process_id}.log"

    @property
    def config(self) -> Path:
        return self.path / "miroir.yaml"

    @property
    def filled(self) -> Path:
        """A mark: it is there when the movies have been loaded to the end, once."""
        return self.path / "movies-loaded"

    @property
    def keys_file(self) -> Path:
        return self.path / "keys.json"


@contextmanager
def open_folder(path: Path, layout: Layout) -> Iterator[Folder]:
    """Make or find the folder and hold it until the block ends. Raises DevError when it cannot be used."""
    _make(path)
    with (path / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DevError(f"Another `miroir dev` is running in {path}.") from None
        _agree(path, layout)
        yield Folder(path, layout, _keys(path / "keys.json"))


def _make(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise DevError(f"{path} is no folder; choose one with --data.")
    try:
        path.mkdir(parents=True, exist_ok=True)
        strangers = {entry.name for entry in path.iterdir()} - {"lock"}
    except OSError as error:
        raise DevError(f"The data folder {path} cannot be used: {error.strerror}.") from None
    if strangers and not (path / "layout.json").exists():
        raise DevError(f"{path} holds other files and was not made by `miroir dev`; choose another folder with --data.")
    for name in ("nodes", "logs", "spool"):
        (path / name).mkdir(exist_ok=True)


def _agree(path: Path, layout: Layout) -> None:
    """The layout found must be the one asked for; a new folder takes the one asked for."""
    file = path / "layout.json"
    if not file.exists():
        write_private(file, json.dumps(asdict(layout)) + "\n")
        return
    found = _read(file, Layout)
    if found.options() != layout.options():
        raise DevError(
            f"{path} was made with {found.options()}; start it like that, or choose another folder with --data."
        )
    if found != layout:
        raise DevError(f"{path} was made with {found.shards} shards, not {layout.shards}; choose another with --data.")


def _keys(file: Path) -> Keys:
    if not file.exists():
        made = Keys(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        write_private(file, json.dumps(asdict(made), indent=2) + "\n")
    return _read(file, Keys)


def _read(file: Path, kind: type[_Kept]) -> _Kept:
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        return kind(**{field.name: found[field.name] for field in fields(kind)})
    except (OSError, ValueError, KeyError, TypeError):
        raise DevError(f"{file} cannot be read; remove {file.parent} to begin anew.") from None


def write_private(file: Path, text: str) -> None:
    """Write a whole file that only its owner may read; a reader sees the old or the new one, never half."""
    fresh = file.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    fresh.replace(file)
