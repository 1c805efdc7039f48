"""`miroir dev`: a whole cluster on this machine, filled with real movies, until Ctrl-C.

It is a program of processes: embedded nodes and `miroir serve` are its children, and it talks to them over HTTP as any
client would. Nothing here may reach into Miroir's own services.
"""

from __future__ import annotations

import typer

from miroir.cli.dev.main import dev

command = typer.Typer(add_completion=False)
command.command(help=dev.__doc__)(dev)
