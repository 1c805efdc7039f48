"""The root of the command line: which sub-commands there are, and which module holds each."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "serve": "miroir.cli.serve",
    "dev": "miroir.cli.dev",
    "config": "miroir.cli.config",
}
"""Name to module; the module's `command` is a `typer.Typer` with that one command, or with its sub-commands."""


class _Lazy(TyperGroup):
    """Imports a command's module when the command is called or described, not before."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = typer.main.get_command(importlib.import_module(module).command)
        command.name = cmd_name
        return command


root = typer.Typer(
    name="miroir",
    cls=_Lazy,
    help="Many stock Meilisearch nodes that answer as one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@root.callback()
def _root() -> None:
    """Many stock Meilisearch nodes that answer as one."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 failed, 2 usage."""
    try:
        root()
    except KeyboardInterrupt:
        sys.exit(130)


def fail(sentence: str, code: int = 1) -> typer.Exit:
    """Say why on standard error; the caller raises what this returns."""
    typer.echo(sentence, err=True)
    return typer.Exit(code)
