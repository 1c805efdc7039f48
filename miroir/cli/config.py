"""`miroir config`: look at a configuration without starting anything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
import yaml

from miroir.cli.main import fail
from miroir.config.loading import Config, ConfigError, load
from miroir.config.machine import check_machine
from miroir.config.rules import warnings

command = typer.Typer(help="Check or show a configuration.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The configuration file.")]


@command.command()
def check(file: File) -> None:
    """Say whether this file, environment and machine let `miroir serve` start; exit 1 if not. No node is asked."""
    config = _load(file)
    try:
        check_machine(config)
    except ConfigError as error:
        raise fail(str(error)) from None
    for warning in warnings(config):
        typer.echo(f"Warning: {warning}", err=True)
    typer.echo(f"{file} is good: {len(config.nodes)} nodes, {config.shards} shards for each new index.")


@command.command()
def show(file: File) -> None:
    """Print every key with its value, defaults and environment included; secrets as stars, empty when not set."""
    typer.echo(yaml.safe_dump(_load(file, keys=False).model_dump(mode="json"), sort_keys=False), nl=False)


def _load(file: Path, *, keys: bool = True) -> Config:
    try:
        return load(file, os.environ, keys=keys)
    except ConfigError as error:
        raise fail(str(error)) from None
