"""What a configuration file may say, and the sentence for each way in which it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from miroir.config.handover import from_line, to_line
from miroir.config.loading import Config, ConfigError, load
from miroir.config.rules import warnings

KEYS = {"MIROIR_MASTER_KEY": "client-secret", "MIROIR_NODE_MASTER_KEY": "node-secret"}
GOOD = "nodes: [{id: a, address: 'http://a:7700'}, {id: b, address: 'http://b:7700'}]\n"

VISIBLE = "must be of visible ASCII characters, without spaces."
_HOST = "nodes[0].address: must name a host by an IP address or by a name such as node-0.nodes."

REFUSED = {
    "server: {prot: 1}": "server.prot: there is no such key; did you mean port?",
    "serve: {port: 1}": "serve: there is no such key; did you mean server?",
    "server: {tls: {cert: x}}": "server.tls.cert: there is no such key; did you mean cert_file?",
    "nodes: [{id: a, adress: x}]": "nodes[0].adress: there is no such key; did you mean address?",
    "ties: sometimes": "ties: must be one of 'arrival' or 'node'.",
    "shards: 0": "shards: must be at least 1.",
    "shards: 5000": "shards: must be at most 4096.",
    "shards: '64'": "shards: must be a whole number.",
    "shards: 1.5": "shards: must be a whole number.",
    "shards: true": "shards: must be a whole number.",
    "server: {h2c: 1}": "server.h2c: must be true or false.",
    "server: {port: 70000}": "server.port: must be at most 65535.",
    "server: 7700": "server: must be a block of keys.",
    "task_store: {path: ''}": "task_store.path: must not be empty.",
    "task_store: {backend: redis}": "task_store.backend: must be one of 'sqlite' or 'memory'.",
    "task_store: {backend: memory}": (
        "task_store.backend: memory cannot be shared by several workers; set server.workers to 1."
    ),
    "nodes: 5": "nodes: must be a list.",
    "nodes: [5]": "nodes[0]: must be a block of keys.",
    "nodes: [{id: a}]": "nodes[0].address: is required.",
    "nodes: [{id: a b, address: 'http://a'}]": "nodes[0].id: must be 1 to 128 letters, digits or any of _ . : -.",
    "nodes: [{id: a, address: 'a:7700'}]": "nodes[0].address: must be a URL such as http://host:7700.",
    "nodes: [{id: a, address: 'http://u:p@a'}]": (
        "nodes[0].address: must be a plain base URL: no user, password, query or fragment."
    ),
    "nodes: [{id: a, address: 'http://a..b:1'}]": _HOST,
    "nodes: [{id: a, address: 'http://-a:1'}]": _HOST,
    "nodes: [{id: a, address: 'http://a b:1'}]": f"nodes[0].address: {VISIBLE}",
    'nodes: [{id: a, address: "http://a\\r\\nx: y"}]': f"nodes[0].address: {VISIBLE}",
    "nodes: [{id: a, address: 'http://nöd:1'}]": f"nodes[0].address: {VISIBLE}",
    "nodes: [{id: a, address: 'http://300.1.1.1:1'}]": _HOST,
    "nodes: [{id: a, address: 'http://a:0'}]": "nodes[0].address: must have a port from 1 to 65535, or none.",
    "nodes: [{id: a, address: 'http://a', weight: 0}]": "nodes[0].weight: must be above 0.0.",
    "nodes: [{id: a, address: 'http://a', weight: .inf}]": "nodes[0].weight: must be a finite number.",
    "nodes: [{id: a, address: 'http://a'}, {id: a, address: 'http://b'}]": "nodes[1].id: is the same as nodes[0].id.",
    "nodes: [{id: a, address: 'http://a'}, {id: b, address: 'http://a/'}]": (
        "nodes[1].address: is the same as nodes[0].address."
    ),
    "nodes: [{id: a, address: 'http://a', replica_group: 1}]": (
        "nodes[0].replica_group: must be 0 to 0, because replica_groups is 1."
    ),
    "nodes: []": "nodes: is required.",
    "replication_factor: 3": "nodes: group 0 has 2 nodes, too few, because replication_factor is 3.",
    "replica_groups: 2": "nodes: group 1 has 0 nodes, too few, because replication_factor is 1.",
    "multi_search: {total_timeout_ms: 40000}": (
        "multi_search.total_timeout_ms: must not be longer than server.request_timeout_ms."
    ),
    "multi_search: {per_query_timeout_ms: 40000}": (
        "multi_search.per_query_timeout_ms: must not be longer than server.request_timeout_ms."
    ),
    "scatter: {node_timeout_ms: 40000}": (
        "scatter.node_timeout_ms: must not be longer than server.request_timeout_ms."
    ),
    "server: {tls: {cert_file: x}}": "server.tls.key_file: is required, because server.tls.cert_file is set.",
    "server: {port: 1, port: 2}": "port: is given twice, again at line 2.",
    "miroir: {shards: 1}": "miroir: must be the only key at top level, or not be there.",
}


def _load(folder: Path, text: str, environ: dict[str, str] | None = None, workers: int | None = None) -> Config:
    path = folder / "config.yaml"
    path.write_text(text)
    return load(path, KEYS if environ is None else environ, workers=workers)


@pytest.mark.parametrize(("text", "sentence"), REFUSED.items(), ids=list(REFUSED))
def test_a_bad_file_is_refused_with_one_sentence_that_names_the_key(tmp_path: Path, text: str, sentence: str) -> None:
    before = "" if text.startswith("nodes") else GOOD
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, before + text)
    assert str(caught.value) == sentence


def test_keys_stand_at_top_level_or_under_one_root_key(tmp_path: Path) -> None:
    indented = "miroir:\n" + "".join(f"  {line}\n" for line in (GOOD + "shards: 8").splitlines())
    assert _load(tmp_path, GOOD + "shards: 8") == _load(tmp_path, indented)


def test_defaults_are_those_of_the_reference(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD)
    assert (config.shards, config.replication_factor, config.replica_groups, config.ties) == (64, 1, 1, "arrival")
    assert (config.server.port, config.server.bind, config.server.workers) == (7700, "0.0.0.0", 0)  # noqa: S104
    assert (config.scatter.node_timeout_ms, config.health.interval_ms) == (5000, 5000)
    assert config.nodes[0].address == "http://a:7700"


def test_a_block_whose_keys_are_all_commented_out_says_nothing(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD + "server:\nhealth:\n") == _load(tmp_path, GOOD)


def test_the_environment_goes_before_the_file_and_the_command_line_before_both(tmp_path: Path) -> None:
    environ = {
        **KEYS,
        "MIROIR_SHARDS": "16",
        "MIROIR_SERVER__WORKERS": "3",
        "MIROIR_SERVER__H2C": "false",
        "MIROIR_TASK_STORE__PATH": "12",
        "MIROIR_NODES": '[{"id": "z", "address": "http://z:1"}]',
    }
    config = _load(tmp_path, GOOD + "shards: 8\nserver: {workers: 2, port: 1234}", environ, workers=4)
    assert (config.shards, config.server.workers, config.server.h2c, config.server.port) == (16, 4, False, 1234)
    assert config.task_store.path == "12"
    assert [node.id for node in config.nodes] == ["z"]


def test_an_unknown_path_in_the_environment_is_refused_and_what_others_set_is_not(tmp_path: Path) -> None:
    _load(tmp_path, GOOD, {**KEYS, "MIROIR_PORT": "tcp://10.0.0.1:7700", "MIROIR_SERVICE_HOST": "10.0.0.1"})
    with pytest.raises(
        ConfigError, match="MIROIR_SERVER__PROT: there is no such key; did you mean MIROIR_SERVER__PORT"
    ):
        _load(tmp_path, GOOD, {**KEYS, "MIROIR_SERVER__PROT": "1"})
    with pytest.raises(ConfigError, match="did you mean MIROIR_SERVER__PORT"):
        _load(tmp_path, GOOD, {**KEYS, "MIROIR_SERVR__PORT": "1"})
    with pytest.raises(ConfigError, match="MIROIR_SERVER: is a block; set one of its keys"):
        _load(tmp_path, GOOD, {**KEYS, "MIROIR_SERVER": "1"})


def test_secrets_come_from_files_too_without_their_last_newline(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-file\n")
    environ = {"MIROIR_MASTER_KEY_FILE": str(secret), "MIROIR_NODE_MASTER_KEY": "n"}
    assert _load(tmp_path, GOOD, environ).master_key.get_secret_value() == "from-file"


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"MIROIR_MASTER_KEY": ""}, "MIROIR_MASTER_KEY: is set, but empty."),
        ({"MIROIR_MASTER_KEY_FILE": "/none"}, "MIROIR_MASTER_KEY_FILE: cannot read /none: No such file or directory."),
        (
            {"MIROIR_MASTER_KEY_FILE": "x", "MIROIR_MASTER_KEY": "y"},
            "MIROIR_MASTER_KEY: is set beside MIROIR_MASTER_KEY_FILE; set one of them.",
        ),
        (
            {},
            "master_key: is not set, and server.bind 0.0.0.0 would be open to everyone; set MIROIR_MASTER_KEY, "
            "or bind to 127.0.0.1.",
        ),
    ],
)
def test_a_secret_that_is_not_there_is_told(tmp_path: Path, environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD, {"MIROIR_NODE_MASTER_KEY": "n", **environ})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("key", ["master_key", "node_master_key"])
@pytest.mark.parametrize("value", ["schlüssel", "ключ", "a\r\nx-more: b", "a b", "a\0", "\u2028"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD, {**KEYS, f"MIROIR_{key.upper()}": value})
    assert str(caught.value) == f"{key}: {VISIBLE}"


@pytest.mark.parametrize("host", ["a", "node_0.nodes.", "127.0.0.1", "[::1]", "9.nodes", "xn--nd-fka.example", "A-b"])
def test_every_way_to_name_a_host_is_taken(tmp_path: Path, host: str) -> None:
    config = _load(tmp_path, f"nodes: [{{id: a, address: 'http://{host}:7700/base/'}}]")
    assert config.nodes[0].address == f"http://{host}:7700/base"


def test_without_a_master_key_only_a_loopback_address_is_served(tmp_path: Path) -> None:
    only_node_key = {"MIROIR_NODE_MASTER_KEY": "n"}
    config = _load(tmp_path, GOOD + "server: {bind: 127.0.0.1}", only_node_key)
    assert config.master_key.get_secret_value() == ""
    assert warnings(config) == ["master_key is not set: every program of this machine may do everything on 127.0.0.1."]


def test_an_empty_file_lacks_nodes_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^nodes: is required\.$"):
        _load(tmp_path, "", {})


def test_without_any_key_a_configuration_can_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(GOOD)
    assert load(tmp_path / "config.yaml", {}, keys=False).node_master_key.get_secret_value() == ""


def test_no_secret_is_shown(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD)
    assert "secret" not in repr(config) + str(config) + config.model_dump_json().replace("_secret", "")
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD + "master_key: [hidden-secret]", {})
    assert "hidden" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_yaml_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^Cannot read .*none.yaml: No such file or directory\.$"):
        load(tmp_path / "none.yaml", KEYS)
    with pytest.raises(ConfigError, match=r"is not YAML: line 1, column \d+: .*\.$"):
        _load(tmp_path, "nodes: [")
    with pytest.raises(ConfigError, match=r"^The configuration must be a block of keys\.$"):
        _load(tmp_path, "- 1")


def test_few_shards_are_warned_of(tmp_path: Path) -> None:
    assert warnings(_load(tmp_path, GOOD)) == []
    told = warnings(_load(tmp_path, GOOD + "shards: 15"))
    assert told == ["shards is 15, fewer than 8 for each of the 2 nodes of a group: data may lie unevenly."]


def test_a_worker_gets_what_the_supervisor_read_secrets_included(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD + "server: {drain_timeout_s: 7}")
    assert from_line(to_line(config)) == config
    assert to_line(config).count(b"\n") == 1
