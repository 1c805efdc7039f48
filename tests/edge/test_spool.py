"""Spooled payloads: in memory while small, then in a file without a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from miroir.core.wire.errors import MiroirError
from miroir.edge.spool import IN_MEMORY, Spool, SpoolBudget


@pytest.mark.parametrize("size", [10, IN_MEMORY // 3])
def test_what_went_in_comes_out_by_shard(size: int, tmp_path: Path) -> None:
    budget = SpoolBudget(10 * IN_MEMORY)
    spool = Spool(budget, str(tmp_path / "spool"))
    pieces = [(number % 3, bytes([number]) * size) for number in range(8)]
    for shard, data in pieces:
        spool.add(shard, data, b"ends")
    for shard in range(3):
        assert spool.read(spool.shards[shard]) == [data for owner, data in pieces if owner == shard]
    assert budget.taken == 8 * size
    assert not list(tmp_path.glob("spool/*"))
    spool.close()
    spool.close()
    assert budget.taken == 0


def test_all_payloads_share_one_budget(tmp_path: Path) -> None:
    budget = SpoolBudget(100)
    first, second = Spool(budget, str(tmp_path)), Spool(budget, str(tmp_path))
    first.add(0, b"x" * 60, b"")
    with pytest.raises(MiroirError, match="payload_too_large"):
        second.add(0, b"x" * 60, b"")
    first.close()
    second.add(0, b"x" * 60, b"")


def test_a_spool_that_cannot_be_written_says_so_and_logs_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    spool = Spool(SpoolBudget(10 * IN_MEMORY), str(tmp_path / "file"))
    with capture_logs() as logged, pytest.raises(MiroirError, match="no_space_left_on_device"):
        spool.add(0, b"x" * (IN_MEMORY + 1), b"")
    assert [line["spool_dir"] for line in logged] == [str(tmp_path / "file")]
