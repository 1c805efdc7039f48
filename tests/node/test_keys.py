"""API keys: their values, and what each lets through."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.harness.client import Engine
from tests.harness.node import MASTER_KEY
from tests.node.shapes import TIME, assert_error, assert_task_error

Make = Callable[..., Any]


@pytest.fixture
def make(engine: Engine) -> Make:
    """Creates a key with the given actions and indexes; answers its view."""

    def create(actions: list[str], indexes: list[str] | None = None, **more: Any) -> Any:
        body = {"actions": actions, "indexes": indexes or ["*"], "expiresAt": None, **more}
        answer = engine.ask("POST", "/keys", body)
        assert answer.status == 201, answer.raw
        return answer.body

    return create


def test_a_key_is_the_hmac_of_its_uid(make: Make) -> None:
    uid = str(uuid.uuid4())
    view = make(["search"], uid=uid, name="mine", description="for tests")
    assert list(view) == [
        "name",
        "description",
        "key",
        "uid",
        "actions",
        "indexes",
        "expiresAt",
        "createdAt",
        "updatedAt",
    ]
    assert view["key"] == hmac.new(MASTER_KEY.encode(), uid.encode(), hashlib.sha256).hexdigest()
    assert (view["uid"], view["name"], view["description"]) == (uid, "mine", "for tests")
    assert (view["actions"], view["indexes"], view["expiresAt"]) == (["search"], ["*"], None)
    assert TIME.match(view["createdAt"])


def test_a_uid_is_drawn_when_none_is_given(make: Make) -> None:
    assert uuid.UUID(make(["search"])["uid"]).version == 4


def test_a_uid_is_used_once(engine: Engine, make: Make) -> None:
    uid = str(uuid.uuid4())
    make(["search"], uid=uid)
    body = {"actions": ["search"], "indexes": ["*"], "expiresAt": None, "uid": uid}
    message = assert_error(engine.ask("POST", "/keys", body), 409, "api_key_already_exists")
    assert message == f"`uid` field value `{uid}` is already an existing API key."


@pytest.mark.parametrize("by", ["uid", "key"])
def test_a_key_is_read_by_uid_or_value(engine: Engine, make: Make, by: str) -> None:
    view = make(["search"])
    assert engine.get(f"/keys/{view[by]}") == view
    assert view in engine.get("/keys?limit=1000")["results"]


def test_a_missing_key_is_not_found(engine: Engine) -> None:
    missing = str(uuid.uuid4())
    message = assert_error(engine.ask("GET", f"/keys/{missing}"), 404, "api_key_not_found")
    assert message == f"API key `{missing}` not found."


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"actions": None}, "invalid_api_key_actions"),
        ({"actions": ["fly"]}, "invalid_api_key_actions"),
        ({"indexes": "x"}, "invalid_api_key_indexes"),
        ({"indexes": ["a b"]}, "invalid_api_key_indexes"),
        ({"expiresAt": "soon"}, "invalid_api_key_expires_at"),
        ({"expiresAt": "2001-01-01"}, "invalid_api_key_expires_at"),
        ({"uid": "x"}, "invalid_api_key_uid"),
        ({"name": 1}, "invalid_api_key_name"),
        ({"description": 1}, "invalid_api_key_description"),
        ({"colour": 1}, "bad_request"),
    ],
)
def test_bad_keys_are_refused(engine: Engine, change: dict[str, Any], code: str) -> None:
    body = {"actions": ["search"], "indexes": ["*"], "expiresAt": None, **change}
    assert_error(engine.ask("POST", "/keys", body), 400, code)


@pytest.mark.parametrize("field", ["actions", "indexes", "expiresAt"])
def test_required_fields_are_missed_by_name(engine: Engine, field: str) -> None:
    body: dict[str, Any] = {"actions": ["search"], "indexes": ["*"], "expiresAt": None}
    del body[field]
    code = {"actions": "actions", "indexes": "indexes", "expiresAt": "expires_at"}[field]
    assert_error(engine.ask("POST", "/keys", body), 400, f"missing_api_key_{code}")


REQUESTS: list[tuple[str, str, str, Any]] = [
    ("search", "POST", "/indexes/books/search", {}),
    ("documents.get", "GET", "/indexes/books/documents", None),
    ("documents.get", "POST", "/indexes/books/documents/fetch", {}),
    ("documents.get", "GET", "/indexes/books/documents/1", None),
    ("indexes.get", "GET", "/indexes", None),
    ("indexes.get", "GET", "/indexes/books", None),
    ("settings.get", "GET", "/indexes/books/settings", None),
    ("stats.get", "GET", "/stats", None),
    ("tasks.get", "GET", "/tasks", None),
    ("version", "GET", "/version", None),
    ("keys.get", "GET", "/keys", None),
]


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(("action", "method", "path", "body"), REQUESTS)
def test_an_action_lets_through_its_routes_and_no_others(
    engine: Engine, make: Make, action: str, method: str, path: str, body: Any
) -> None:
    with_it = engine.with_key(make([action])["key"])
    others = sorted({each for each, *_ in REQUESTS} - {action})
    without = engine.with_key(make(others)["key"])
    assert with_it.ask(method, path, body).status == 200
    assert_error(without.ask(method, path, body), 403, "invalid_api_key")
    with_it.close()
    without.close()


@pytest.mark.usefixtures("books")
def test_wildcards_cover_their_family(engine: Engine, make: Make) -> None:
    family = engine.with_key(make(["documents.*"])["key"])
    assert family.ask("GET", "/indexes/books/documents").status == 200
    assert_error(family.ask("GET", "/indexes/books"), 403, "invalid_api_key")
    everything = engine.with_key(make(["*"])["key"])
    assert everything.ask("GET", "/keys").status == 200


@pytest.mark.usefixtures("books")
def test_index_patterns_bound_what_a_key_sees(engine: Engine, make: Make, uid: str) -> None:
    engine.create(f"{uid}-a")
    scoped = engine.with_key(make(["search", "indexes.get"], [f"{uid}-*"])["key"])
    assert scoped.ask("POST", f"/indexes/{uid}-a/search", {}).status == 200
    assert_error(scoped.ask("POST", "/indexes/books/search", {}), 403, "invalid_api_key")
    assert [view["uid"] for view in scoped.get("/indexes")["results"]] == [f"{uid}-a"]


def test_a_write_key_without_creation_is_accepted_but_its_task_fails(engine: Engine, make: Make, uid: str) -> None:
    writer = engine.with_key(make(["documents.*", "settings.*", "tasks.get"])["key"])
    for method, path, body in (
        ("POST", f"/indexes/{uid}/documents", [{"id": 1}]),
        ("PUT", f"/indexes/{uid}/settings/stop-words", ["a"]),
        ("PATCH", f"/indexes/{uid}/settings", {"stopWords": ["a"]}),
    ):
        assert_task_error(writer.fail(method, path, body), "index_not_found")
    assert_error(engine.ask("GET", f"/indexes/{uid}"), 404, "index_not_found")
    engine.create(uid)
    writer.add(uid, [{"id": 1}])
    assert_error(writer.ask("POST", "/indexes", {"uid": "x"}), 403, "invalid_api_key")
    assert_error(writer.ask("DELETE", f"/indexes/{uid}"), 403, "invalid_api_key")


def test_a_deleted_key_opens_nothing(engine: Engine, make: Make) -> None:
    view = make(["version"])
    holder = engine.with_key(view["key"])
    assert holder.ask("GET", "/version").status == 200
    answer = engine.ask("DELETE", f"/keys/{view['uid']}")
    assert (answer.status, answer.raw) == (204, b"")
    assert_error(holder.ask("GET", "/version"), 403, "invalid_api_key")


def test_key_values_are_read_in_any_case(engine: Engine, make: Make) -> None:
    assert engine.with_key(make(["version"])["key"].upper()).ask("GET", "/version").status == 200
