"""What `miroir dev` tells Miroir is a configuration that Miroir takes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from miroir.cli.dev.cluster import config
from miroir.cli.dev.folder import Folder, Layout, open_folder, write_private
from miroir.config.loading import load


def told(folder: Folder) -> Path:
    nodes = {name: f"http://127.0.0.1:{7800 + number}" for number, name in enumerate(folder.layout.node_ids())}
    write_private(folder.config, yaml.safe_dump(config(folder, nodes, 7701)))
    return folder.config


@pytest.mark.parametrize("layout", [Layout(3, 2, 1), Layout(1, 1, 1), Layout(5, 2, 2)])
def test_the_configuration_says_what_was_asked_for(tmp_path: Path, layout: Layout) -> None:
    with open_folder(tmp_path, layout) as folder:
        read = load(told(folder), {})
    assert (len(read.nodes), read.replication_factor, read.replica_groups) == (
        layout.nodes,
        layout.replication_factor,
        layout.groups,
    )
    assert read.master_key.get_secret_value() == folder.keys.master_key
    assert (read.server.bind, read.server.port) == ("127.0.0.1", 7701)


def test_groups_are_as_even_as_can_be(tmp_path: Path) -> None:
    with open_folder(tmp_path, Layout(5, 2, 2)) as folder:
        groups = Counter(node["replica_group"] for node in config(folder, dict.fromkeys("abcde", ""), 1)["nodes"])
    assert groups == {0: 3, 1: 2}
