"""What a start needs of the machine is refused before the start, with the path of the key."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import trustme

from miroir.config.loading import ConfigError, from_mapping
from miroir.config.machine import check_machine
from miroir.config.models import Config


def _config(folder: Path, **more: Any) -> Config:
    return from_mapping(
        {
            "master_key": "client",
            "node_master_key": "node",
            "nodes": [{"id": "a", "address": "http://a:1"}],
            "writes": {"spool_dir": str(folder / "spool")},
            **more,
        }
    )


def _with_tls(folder: Path, **files: str) -> Config:
    return _config(folder, server={"tls": files})


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A certificate and its key."""
    issued = trustme.CA().issue_cert("localhost")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    return {"cert_file": str(tmp_path / "cert.pem"), "key_file": str(tmp_path / "key.pem")}


def _refusal(config: Config) -> str:
    with pytest.raises(ConfigError) as caught:
        check_machine(config)
    return str(caught.value)


def test_a_certificate_with_its_key_is_taken(tmp_path: Path, files: dict[str, str]) -> None:
    check_machine(_with_tls(tmp_path, **files))


@pytest.mark.parametrize("key", ["cert_file", "key_file"])
def test_a_tls_file_that_is_not_there_is_named(tmp_path: Path, files: dict[str, str], key: str) -> None:
    gone = str(tmp_path / "gone.pem")
    said = _refusal(_with_tls(tmp_path, **{**files, key: gone}))
    assert said == f"server.tls.{key}: cannot read {gone}: No such file or directory."


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path, files: dict[str, str]) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(str(other))
    said = _refusal(_with_tls(tmp_path, cert_file=files["cert_file"], key_file=str(other)))
    assert said.startswith("server.tls.cert_file: ")
    assert str(other) in said


def test_the_spool_folder_is_made_for_its_owner_alone_when_its_parent_is_there(tmp_path: Path) -> None:
    check_machine(_config(tmp_path))
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_spool_folder_without_a_parent_is_refused(tmp_path: Path) -> None:
    said = _refusal(_config(tmp_path / "no"))
    assert said == f"writes.spool_dir: cannot write in {tmp_path}/no/spool: No such file or directory."


def test_a_spool_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    assert _refusal(_config(tmp_path)) == f"writes.spool_dir: cannot write in {tmp_path}/spool: Not a directory."
