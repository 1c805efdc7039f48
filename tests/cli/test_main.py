"""The command line: what it says and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

_GOOD = {
    "master_key": "client-secret",
    "node_master_key": "node-secret",
    "nodes": [{"id": "a", "address": "http://127.0.0.1:1"}],
    "server": {"bind": "127.0.0.1"},
}


def _miroir(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "miroir", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={"PATH": "/usr/bin"})


def _file(folder: Path, **changes: object) -> str:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**_GOOD, **changes}))
    return str(path)


def test_a_good_configuration_is_called_good(tmp_path: Path) -> None:
    done = _miroir("config", "check", _file(tmp_path))
    assert done.returncode == 0
    assert done.stdout.endswith("is good: 1 nodes, 64 shards for each new index.\n")


@pytest.mark.parametrize("command", [["config", "check"], ["config", "show"], ["serve", "--config"]])
def test_a_bad_configuration_is_one_sentence_and_exit_1(tmp_path: Path, command: list[str]) -> None:
    done = _miroir(*command, _file(tmp_path, sherds=1))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "sherds: there is no such key; did you mean shards?\n"


def test_show_prints_every_key_and_no_secret(tmp_path: Path) -> None:
    done = _miroir("config", "show", _file(tmp_path, shards=8))
    shown = yaml.safe_load(done.stdout)
    assert (shown["shards"], shown["server"]["port"]) == (8, 7700)
    assert "secret" not in done.stdout


def test_show_needs_no_key(tmp_path: Path) -> None:
    done = _miroir("config", "show", _file(tmp_path, node_master_key=None, master_key=None))
    assert (done.returncode, done.stderr) == (0, "")
    assert yaml.safe_load(done.stdout)["node_master_key"] == ""


@pytest.mark.parametrize("command", [["config", "check"], ["serve", "--config"]])
def test_what_the_machine_lacks_is_one_sentence_and_exit_1(tmp_path: Path, command: list[str]) -> None:
    tls = {"cert_file": "/none.pem", "key_file": "/none.pem"}
    done = _miroir(*command, _file(tmp_path, server={"bind": "127.0.0.1", "tls": tls}))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "server.tls.cert_file: cannot read /none.pem: No such file or directory.\n"


def test_an_unknown_command_is_wrong_usage() -> None:
    assert _miroir("serf").returncode == 2


@pytest.mark.parametrize("port", ["0", "99999"])
def test_a_port_that_cannot_be_is_wrong_usage(port: str) -> None:
    done = _miroir("dev", "--port", port)
    assert done.returncode == 2
    assert "Invalid value for '--port'" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_every_command() -> None:
    done = _miroir("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("serve", "dev", "config"))
