"""`python -m miroir.server`: what `miroir serve` becomes. Signals are collected before anything else is imported."""

from __future__ import annotations

import signal

from miroir.server.signals import Signals

_SIGNALS = Signals((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD))


def main() -> int:
    """Load the configuration and supervise; the exit code."""
    import argparse
    import os
    import sys

    from miroir.config.loading import ConfigError, load
    from miroir.config.rules import warnings
    from miroir.edge.telemetry import logging
    from miroir.server.place import pod_id
    from miroir.server.supervisor import BindError, log, run

    parser = argparse.ArgumentParser(prog="python -m miroir.server")
    parser.add_argument("--config", required=True)
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    try:
        config = load(given.config, os.environ, workers=given.workers)
        logging.configure(config.logging.level, config.logging.format, pod_id=pod_id())
        for warning in warnings(config):
            log.warning(warning)
        return run(config, _SIGNALS)
    except (ConfigError, BindError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - one sentence for the operator
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
