"""The floors of the package: drawn once, in pyproject.toml, and each of them inhabited."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.sources import ROOT, name


def floors() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = project["tool"]["importlinter"]["contracts"]
    return [module.strip() for layer in contract["layers"] for module in layer.split("|")]


def rooms() -> list[Path]:
    """Every folder of the package that is not a cache."""
    folders = [folder for folder in (ROOT / "miroir").rglob("*") if folder.is_dir()]
    return [folder for folder in folders if "__pycache__" not in folder.parts]


@pytest.mark.parametrize("floor", floors())
def test_a_floor_exists_with_files(floor: str) -> None:
    place = ROOT.joinpath(*floor.split("."))
    assert place.with_suffix(".py").is_file() or any(place.rglob("*.py"))


def test_every_room_of_the_package_stands_on_a_floor() -> None:
    drawn = {floor.split(".")[1] for floor in floors()}
    standing = {
        entry.stem for entry in (ROOT / "miroir").iterdir() if entry.suffix == ".py" or (entry / "__init__.py").exists()
    }
    assert standing - drawn == {"__init__"}


def test_every_room_of_the_package_holds_a_file() -> None:
    assert [name(room) for room in rooms() if not any(entry.is_file() for entry in room.rglob("*"))] == []


def test_a_folder_uses_only_folders_below_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
