"""The command itself: its options, the order in which things happen, and what the console says."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import httpx
import typer
from rich.console import Console
from rich.progress import Progress

from miroir.cli.dev import movies
from miroir.cli.dev.check import check as check_against_one_engine
from miroir.cli.dev.children import Family, family, require_port, wait_for_death
from miroir.cli.dev.client import Client
from miroir.cli.dev.cluster import Cluster, start
from miroir.cli.dev.error import DevError
from miroir.cli.dev.folder import Folder, Layout, open_folder, write_private
from miroir.cli.dev.searches import show


class _Stopped(BaseException):
    """A signal asked us to end. Like KeyboardInterrupt, no ordinary handler may swallow it."""


def dev(
    nodes: Annotated[int, typer.Option(help="How many engines to start.")] = 3,
    replication_factor: Annotated[int, typer.Option(help="How many of a group's engines hold each document.")] = 2,
    groups: Annotated[int, typer.Option(help="How many groups of engines hold everything.")] = 1,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where Miroir listens on 127.0.0.1.")] = 7700,
    data: Annotated[Path, typer.Option(help="Folder for documents, keys and logs.")] = Path("miroir-data"),
    check: Annotated[
        bool, typer.Option("--check", help="Compare with one engine that holds the movies as they came; exit 0 or 1.")
    ] = False,
) -> None:
    """Run a local cluster on embedded engines, filled with real movies, until Ctrl-C."""
    console = Console(highlight=False)
    layout = Layout(nodes, replication_factor, groups)
    try:
        with _signals_stop():
            agreed = _run(console, layout, port, data.absolute(), check)
    except DevError as refusal:
        Console(stderr=True).print(str(refusal), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except _Stopped:
        console.print("Stopped; the data stays where it is.")
        raise typer.Exit(1 if check else 0) from None
    raise typer.Exit(0 if agreed else 1)


def _run(console: Console, layout: Layout, port: int, data: Path, check: bool) -> bool:
    """False when the comparison found differences. Otherwise ends only by a signal or a DevError."""
    if problem := layout.problem():
        raise DevError(problem)
    require_port(port)
    with open_folder(data, layout) as folder, family() as members, httpx.Client(trust_env=False, timeout=60) as http:
        cluster = start(members, folder, port, http, console)
        _fill(console, folder, cluster.client)
        show(console, cluster.client)
        if not check:
            _tell(console, folder, cluster)
            _stand_by(console, members, cluster)
        return check_against_one_engine(members, folder, cluster.client, http, console)


def _fill(console: Console, folder: Folder, miroir: Client) -> None:
    """Load what was never loaded to the end, or is gone. What a user has made of the movies stays as it is."""
    found = movies.count(miroir)
    if found is not None and folder.filled.exists():
        console.print(f"Found {found} movies from before.")
        return
    with Progress(console=console) as progress:
        bar = progress.add_task("Loading movies", total=movies.COUNT)
        movies.load(miroir, lambda number: progress.advance(bar, number))
    write_private(folder.filled, "")


def _tell(console: Console, folder: Folder, cluster: Cluster) -> None:
    console.print()
    console.print(f"Miroir    {cluster.client.url}  (HTTP/1.1 and HTTP/2)", style="bold")
    for name, address in cluster.nodes.items():
        console.print(f"{name:9} {address}")
    console.print(f"Keys      {folder.keys_file}", soft_wrap=True)
    console.print(f"Logs      {folder.log('miroir').parent}", soft_wrap=True)
    console.print("Ctrl-C stops everything; the data stays.")


def _stand_by(console: Console, members: Family, cluster: Cluster) -> NoReturn:
    """Until a signal. A node that ends is told, and the others go on; without Miroir there is nothing to wait for."""
    living = list(members.children)
    while True:
        dead = wait_for_death(living)
        if dead is cluster.miroir:
            raise DevError(str(dead.obituary()))
        living.remove(dead)
        console.print(f"{dead.obituary()} The others go on.", style="yellow", soft_wrap=True)


@contextmanager
def _signals_stop() -> Iterator[None]:
    """Inside, Ctrl-C, SIGTERM and a closed terminal raise `_Stopped` in whatever is being done."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
