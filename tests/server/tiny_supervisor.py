"""A supervisor of tiny workers: `python -m tests.server.tiny_supervisor PORT WORKERS DRAIN_SECONDS`."""

from __future__ import annotations

import signal
import sys

from miroir.server.signals import Signals

if __name__ == "__main__":
    signals = Signals((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD))
    from miroir.config.loading import from_mapping
    from miroir.server.supervisor import BindError, run

    port, workers, drain = (int(argument) for argument in sys.argv[1:])
    config = from_mapping(
        {
            "node_master_key": "tests",
            "nodes": [{"id": "a", "address": "http://127.0.0.1:1"}],
            "server": {"bind": "127.0.0.1", "port": port, "workers": workers, "drain_timeout_s": drain},
        }
    )
    try:
        sys.exit(run(config, signals, (sys.executable, "-m", "tests.server.tiny_worker")))
    except BindError as error:
        sys.exit(str(error))
