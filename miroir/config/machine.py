"""What the configuration needs of this machine, tried out: files that can be read, folders that can be written.

`rules` judges values alone. This is for the process that is about to start, or is asked whether it would.
"""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

from miroir.config.errors import refused
from miroir.config.models import Config, TlsConfig


def check_machine(config: Config) -> None:
    """Raise `ConfigError` for the first thing that is not there. Makes the spool folder when only that is missing."""
    if config.server.tls.enabled:
        _tls_can_be_used(config.server.tls)
    _spool_can_be_used(Path(config.writes.spool_dir))


def _tls_can_be_used(tls: TlsConfig) -> None:
    for key, file in (("cert_file", tls.cert_file), ("key_file", tls.key_file)):
        try:
            Path(file).read_bytes()
        except OSError as error:
            raise refused(f"server.tls.{key}", f"cannot read {file}: {error.strerror}") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.cert_file, tls.key_file, password=_no_password)
    except (OSError, ValueError):
        files = f"{tls.cert_file} and {tls.key_file}"
        why = "are not a certificate and its unencrypted key, both as PEM"
        raise refused("server.tls.cert_file", f"{files} {why}") from None


def _no_password() -> str:
    """An encrypted key must not make the process wait for somebody to type."""
    return ""


def _spool_can_be_used(folder: Path) -> None:
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise refused("writes.spool_dir", f"cannot write in {folder}: {error.strerror}") from None
