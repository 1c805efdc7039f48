"""`miroir serve`: check the configuration, then become the supervisor."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from miroir.cli.main import fail
from miroir.config.loading import ConfigError, load
from miroir.config.machine import check_machine

command = typer.Typer()

FILE = Path("/etc/miroir/config.yaml")


@command.command()
def serve(
    config: Annotated[Path, typer.Option("--config", help="The configuration file.")] = FILE,
    workers: Annotated[int | None, typer.Option("--workers", min=0, help="Processes; 0 means one per core.")] = None,
) -> None:
    """Serve the Meilisearch API over the configured nodes."""
    try:
        check_machine(load(config, os.environ, workers=workers))
    except ConfigError as error:
        raise fail(str(error)) from None
    _become(["--config", str(config), *([] if workers is None else ["--workers", str(workers)])])


def _become(arguments: list[str]) -> None:
    """Replace this process, so that signals reach the supervisor itself; those of the change wait until it is ready."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    os.execv(sys.executable, [sys.executable, "-m", "miroir.server", *arguments])  # noqa: S606 - our own module
