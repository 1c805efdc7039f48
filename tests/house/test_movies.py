"""The movies of the package are those of the source, all of them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

import pytest

from tests.house.make_movies import compressed, movie
from tests.house.sources import ROOT

FILE = ROOT / "miroir" / "data" / "movies.ndjson.gz"


@pytest.fixture(scope="module")
def movies() -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(FILE.read_bytes()).splitlines()]


def test_ids_count_from_1_to_3201(movies: list[dict[str, Any]]) -> None:
    assert [movie["id"] for movie in movies] == list(range(1, 3202))


def test_titles_are_as_in_the_source_even_where_they_are_no_text(movies: list[dict[str, Any]]) -> None:
    kinds = Counter(type(movie["title"]).__name__ for movie in movies)
    assert kinds == {"str": 3191, "int": 9, "NoneType": 1}


def test_names_can_stand_in_filters_without_quotes(movies: list[dict[str, Any]]) -> None:
    assert all(name.isidentifier() and name.islower() for movie in movies for name in movie)


def test_every_movie_has_the_same_fields(movies: list[dict[str, Any]]) -> None:
    assert {tuple(movie) for movie in movies} == {tuple(movies[0])}


def test_the_year_is_that_of_the_release(movies: list[dict[str, Any]]) -> None:
    assert all(movie["release_date"].endswith(f" {movie['year']}") for movie in movies)


def test_a_row_becomes_a_document_with_its_values_untouched() -> None:
    row = {"Title": 300, "Release Date": "Mar 09 2007", "IMDB Rating": None}
    assert movie(7, row) == {"id": 7, "title": 300, "release_date": "Mar 09 2007", "imdb_rating": None, "year": 2007}


def test_making_the_file_twice_gives_the_same_bytes() -> None:
    rows = [{"Title": "A", "Release Date": "Jun 12 1998"}]
    assert compressed(rows) == compressed(rows)
