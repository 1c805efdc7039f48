"""Another Hypercorn than the one this code was written for is refused at the start."""

from __future__ import annotations

import pytest

from miroir.server import seam


def test_the_installed_hypercorn_is_taken_over() -> None:
    seam.install()


def test_another_version_is_refused_with_the_command_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "version", lambda _: "0.19.1")
    with pytest.raises(seam.SeamError) as caught:
        seam.install()
    assert str(caught.value) == (
        "Miroir serves through Hypercorn 0.18.*, and found 0.19.1; "
        'install it with: pip install "hypercorn[trio]==0.18.*".'
    )


def test_another_shape_is_refused_whatever_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("hypercorn.trio.run.TCPServer")
    with pytest.raises(seam.SeamError):
        seam.install()
