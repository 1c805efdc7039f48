"""The published Python client works against Miroir over three nodes as it does against Meilisearch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import meilisearch
import pytest
from meilisearch.errors import MeilisearchApiError

from miroir.cli.dev.movies import lines
from tests.harness import cluster
from tests.harness.cluster import CLIENT_KEY

PATIENCE_MS = 60_000
PLANETS = [{"id": number, "name": name} for number, name in enumerate(("Mercury", "Venus", "Earth", "Mars"))]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[meilisearch.Client]:
    folder: Path = tmp_path_factory.mktemp("compat")
    made = cluster.start("compat", folder, nodes=3, copies=2)
    try:
        yield meilisearch.Client(made.engine.url, CLIENT_KEY)
    finally:
        made.close()


def finished(client: meilisearch.Client, task: Any) -> str:
    return str(client.wait_for_task(task.task_uid, PATIENCE_MS).status)


def test_an_index_is_created_filled_and_searched(client: meilisearch.Client) -> None:
    assert finished(client, client.create_index("planets", {"primaryKey": "id"})) == "succeeded"
    index = client.index("planets")
    assert finished(client, index.add_documents(PLANETS)) == "succeeded"
    found = index.search("mercry")
    assert found["hits"] == [{"id": 0, "name": "Mercury"}]


def test_documents_alone_create_their_index_and_find_its_primary_key(client: meilisearch.Client) -> None:
    index = client.index("implicit")
    assert finished(client, index.add_documents([{"planet_id": "a-1", "name": "Saturn"}])) == "succeeded"
    assert client.get_index("implicit").primary_key == "planet_id"
    assert index.search("saturn")["hits"] == [{"planet_id": "a-1", "name": "Saturn"}]


def test_ndjson_is_taken_as_it_is(client: meilisearch.Client) -> None:
    index = client.index("films")
    assert finished(client, index.add_documents_ndjson(b"".join(lines()[:500]), "id")) == "succeeded"
    assert index.get_stats().number_of_documents == 500


def test_filters_facets_and_sort_work_once_they_are_set(client: meilisearch.Client) -> None:
    index = client.index("films-set")
    settings = {"filterableAttributes": ["year", "major_genre"], "sortableAttributes": ["year"]}
    assert finished(client, index.add_documents_ndjson(b"".join(lines()[:500]), "id")) == "succeeded"
    assert finished(client, index.update_settings(settings)) == "succeeded"
    asked = {"filter": "year >= 2000", "sort": ["year:desc"], "facets": ["major_genre"], "limit": 10}
    found = index.search("", asked)
    years = [hit["year"] for hit in found["hits"]]
    assert years == sorted(years, reverse=True)
    assert min(years) >= 2000
    assert sum(found["facetDistribution"]["major_genre"].values()) > len(years)


def test_settings_are_read_back_as_they_were_set(client: meilisearch.Client) -> None:
    assert finished(client, client.create_index("read-back")) == "succeeded"
    index = client.index("read-back")
    assert finished(client, index.update_filterable_attributes(["colour"])) == "succeeded"
    assert index.get_filterable_attributes() == ["colour"]
    assert index.get_displayed_attributes() == ["*"]


def test_deleted_documents_are_not_found(client: meilisearch.Client) -> None:
    index = client.index("shrinking")
    assert finished(client, index.add_documents(PLANETS, "id")) == "succeeded"
    assert finished(client, index.delete_document(3)) == "succeeded"
    assert finished(client, index.delete_documents([0])) == "succeeded"
    assert {hit["name"] for hit in index.search("")["hits"]} == {"Venus", "Earth"}


def test_an_unknown_index_is_the_error_that_clients_know(client: meilisearch.Client) -> None:
    with pytest.raises(MeilisearchApiError) as raised:
        client.index("nowhere").search("anything")
    assert (raised.value.status_code, raised.value.code) == (404, "index_not_found")


def test_a_wrong_key_is_the_error_that_clients_know(client: meilisearch.Client) -> None:
    with pytest.raises(MeilisearchApiError) as raised:
        meilisearch.Client(client.config.url, "wrong").index("planets").search("earth")
    assert (raised.value.status_code, raised.value.code) == (403, "invalid_api_key")


def test_tasks_are_listed_with_what_they_did(client: meilisearch.Client) -> None:
    index = client.index("listed")
    task = index.add_documents(PLANETS, "id")
    assert finished(client, task) == "succeeded"
    seen = client.get_task(task.task_uid)
    assert (seen.type, seen.index_uid) == ("documentAdditionOrUpdate", "listed")
    assert seen.details
    assert seen.details["indexedDocuments"] == len(PLANETS)
