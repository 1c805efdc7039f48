"""The data folder keeps one layout, its keys for its owner alone, and one user at a time."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from miroir.cli.dev.error import DevError
from miroir.cli.dev.folder import Layout, open_folder

THREE = Layout(nodes=3, replication_factor=2, groups=1)


def test_keys_are_random_for_each_folder_and_stay(tmp_path: Path) -> None:
    with open_folder(tmp_path / "a", THREE) as first, open_folder(tmp_path / "b", THREE) as other:
        assert first.keys.master_key != first.keys.node_master_key
        assert first.keys != other.keys
    with open_folder(tmp_path / "a", THREE) as again:
        assert again.keys == first.keys


def test_only_the_owner_can_read_the_keys(tmp_path: Path) -> None:
    with open_folder(tmp_path / "data", THREE) as folder:
        assert stat.S_IMODE(folder.keys_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("other", [Layout(4, 2, 1), Layout(3, 1, 1), Layout(3, 1, 3), Layout(3, 2, 1, shards=8)])
def test_a_folder_of_another_layout_is_refused_in_one_sentence(tmp_path: Path, other: Layout) -> None:
    with open_folder(tmp_path, THREE):
        pass
    with pytest.raises(DevError, match=r"was made with [^.]*\.$"), open_folder(tmp_path, other):
        pass


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(DevError, match="holds other files"), open_folder(tmp_path, THREE):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with open_folder(tmp_path, THREE), pytest.raises(DevError, match="Another"), open_folder(tmp_path, THREE):
        pass


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DevError, match="cannot be used"), open_folder(tmp_path / "file" / "data", THREE):
        pass


def test_a_file_in_place_of_the_folder_is_called_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DevError, match="file is no folder"), open_folder(tmp_path / "file", THREE):
        pass


def test_half_written_keys_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with open_folder(tmp_path, THREE) as folder:
        folder.keys_file.write_text('{"master_key": ')
    with pytest.raises(DevError, match=r"keys\.json cannot be read"), open_folder(tmp_path, THREE):
        pass


@pytest.mark.parametrize(
    "layout", [Layout(0, 1, 1), Layout(3, 0, 1), Layout(3, 4, 1), Layout(3, 2, 2), Layout(2, 1, 3)]
)
def test_a_layout_that_cannot_be_is_named(layout: Layout) -> None:
    assert layout.problem()


@pytest.mark.parametrize("layout", [Layout(1, 1, 1), THREE, Layout(4, 2, 2), Layout(5, 2, 2)])
def test_a_layout_with_enough_nodes_in_each_group_is_fine(layout: Layout) -> None:
    assert layout.problem() is None
