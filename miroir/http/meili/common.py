"""What Meilisearch's routes share: reading JSON bodies and query strings, and its words for what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
import trio
from quart import Response, request

from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.http.body import decode_body
from miroir.http.sending import as_response

if TYPE_CHECKING:
    from miroir.app import App
    from miroir.writes.service import Writes

Json = Any
_LARGEST = 2**64 - 1
_DIGITS = 20
_ACCEPTED = "Accepted values for the Content-Type header are: `application/json`"


def writes_of(app: App) -> Writes:
    """The writer, in the worker that has it."""
    if app.writes is None:
        raise MiroirError("miroir_not_ready", "This worker takes no writes.")
    return app.writes


def deadline_of(app: App) -> float:
    """The moment, on Trio's clock, by which this request must be answered."""
    return trio.current_time() + app.config.server.request_timeout_ms / 1000


def answer_json(value: Json, status: int = 200) -> Response:
    return as_response(Reply(status, orjson.dumps(value)))


async def body_of(app: App) -> bytes:
    """The decoded body of a JSON route. Raises MiroirError for its content type, its size and its encoding."""
    kind = request.headers.get("Content-Type")
    if kind is None:
        raise MiroirError("missing_content_type", f"A Content-Type header is missing. {_ACCEPTED}")
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise MiroirError("invalid_content_type", f"The Content-Type `{kind}` is invalid. {_ACCEPTED}")
    return decode_body(list(request.scope["headers"]), await request.data, app.config.server.max_body_bytes)


def parsed(body: bytes) -> Json:
    """The body as JSON. Raises MiroirError `missing_payload` or `malformed_payload`."""
    if not body:
        raise MiroirError("missing_payload", "A json payload is missing.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MiroirError("malformed_payload", f"The json payload provided is malformed. `{error}`.") from error


def an_object(value: Json) -> dict[str, Json]:
    """A JSON object, of whatever fields."""
    if not isinstance(value, dict):
        raise MiroirError("bad_request", f"Invalid value type: expected an object, but found {described(value)}")
    return value


def object_with(value: Json, fields: Sequence[str]) -> dict[str, Json]:
    """A JSON object with no other fields than these."""
    given = an_object(value)
    for name in given:
        if name not in fields:
            known = ", ".join(f"`{field}`" for field in fields)
            raise MiroirError("bad_request", f"Unknown field `{name}`: expected one of {known}")
    return given


def text_or_none(fields: Mapping[str, Json], name: str, code: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise MiroirError(code, f"Invalid value type at `.{name}`: expected a string, but found {described(value)}")


def described(value: Json) -> str:
    """A JSON value as Meilisearch's validation names it."""
    shown = f": `{orjson.dumps(value).decode()}`"
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean" + shown
        case int():
            return ("a positive integer" if value >= 0 else "a negative integer") + shown
        case float():
            return "a number" + shown
        case str():
            return "a string" + shown
        case list():
            return "an array" + shown
    return "an object" + shown


def query_of(known: Sequence[str]) -> dict[str, str]:
    """The query string, with no other parameters than these."""
    query: dict[str, str] = dict(request.args.items())
    for name in query:
        if name not in known:
            if not known:
                raise MiroirError("bad_request", f"Unknown parameter `{name}`")
            listed = ", ".join(f"`{one}`" for one in known)
            raise MiroirError("bad_request", f"Unknown parameter `{name}`: expected one of {listed}")
    return query


def positive(query: Mapping[str, str], name: str, code: str, default: int) -> int:
    """A number of zero or more out of the query string."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text.lstrip("0")) <= _DIGITS and int(text) <= _LARGEST):
        raise MiroirError(code, f"Invalid value in parameter `{name}`: could not parse `{text}` as a positive integer")
    return int(text)
