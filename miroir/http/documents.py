"""`POST` and `PUT /indexes/{uid}/documents` on raw ASGI: a body is read piece by piece, as fast as it is worked on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import trio

from miroir.core.access import check_master_key
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.http.body import ClientGoneError, header
from miroir.http.meili.common import writes_of
from miroir.http.refusals import stalled
from miroir.http.sending import respond
from miroir.writes.documents import Upload

if TYPE_CHECKING:
    from miroir.app import App

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
_TYPES = ("application/json", "application/x-ndjson", "text/csv")
_ACCEPTED = "Accepted values for the Content-Type header are: " + ", ".join(f"`{one}`" for one in _TYPES)
_PARAMETERS = ("primaryKey", "csvDelimiter", "customMetadata", "skipCreation")
_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


async def upload(app: App, scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Take one payload and answer it. A client that leaves half-way raises ClientGoneError: nothing is applied then.

    The request's deadline begins when the last byte of the body is there. Before that only the wait for the next part
    is limited: a large payload may take its time, and one that no longer moves is given up with 504.
    """
    try:
        asked = _upload_of(app, scope)
        seconds = app.config.server.request_timeout_ms / 1000
        reply = await writes_of(app).documents.add(asked, _chunks(receive, seconds), deadline_after=seconds)
    except MiroirError as error:
        reply = error.reply()
    await respond(send, reply)


def _upload_of(app: App, scope: dict[str, Any]) -> Upload:
    """Everything that is refused before the body is read, in Meilisearch's order."""
    headers = scope["headers"]
    check_master_key(header(headers, b"authorization"), app.config.master_key.get_secret_value().encode())
    uid = check_uid(scope["path"].rstrip("/").split("/")[2])
    query = _query(scope["query_string"])
    kind = _content_type(header(headers, b"content-type"))
    if "csvDelimiter" in query and kind != "text/csv":
        raise MiroirError(
            "invalid_content_type",
            f"The Content-Type `{kind}` does not support the use of a csv delimiter. "
            "The csv delimiter can only be used with the Content-Type `text/csv`.",
        )
    if kind == "text/csv":
        raise MiroirError("miroir_not_supported", "CSV payloads are not supported: send JSON or NDJSON.")
    return Upload(
        uid,
        scope["method"],
        ndjson=kind == "application/x-ndjson",
        encoding=_encoding(header(headers, b"content-encoding")),
        primary_key=_primary_key(query.get("primaryKey")),
        custom_metadata=query.get("customMetadata"),
        skip_creation=_skip_creation(query.get("skipCreation")),
    )


def _query(raw: bytes) -> dict[str, str]:
    query = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))
    for name in query:
        if name not in _PARAMETERS:
            known = ", ".join(f"`{one}`" for one in _PARAMETERS)
            raise MiroirError("bad_request", f"Unknown parameter `{name}`: expected one of {known}")
    return query


def _content_type(value: bytes | None) -> str:
    if value is None:
        raise MiroirError("missing_content_type", f"A Content-Type header is missing. {_ACCEPTED}")
    kind = value.decode("latin-1").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise MiroirError("invalid_content_type", f"The Content-Type `{kind}` is invalid. {_ACCEPTED}")
    return kind


def _encoding(value: bytes | None) -> str:
    name = "" if value is None else value.decode("latin-1").strip().lower()
    if name not in _ENCODINGS:
        raise MiroirError(
            "unsupported_media_type", f"The Content-Encoding `{name}` is not supported: use `gzip` or `deflate`."
        )
    return name


def _primary_key(text: str | None) -> str | None:
    if text is None or text.strip():
        return text
    raise MiroirError("invalid_index_primary_key", "The parameter `primaryKey` must not be empty.")


def _skip_creation(text: str | None) -> bool:
    if text is None or text.lower() in ("true", "false"):
        return text is not None and text.lower() == "true"
    raise MiroirError(
        "invalid_skip_creation",
        f"Invalid value in parameter `skipCreation`: could not parse `{text}` as a boolean, "
        "expected either `true` or `false`",
    )


async def _chunks(receive: Receive, patience: float) -> AsyncIterator[bytes]:
    """The body's parts; gives up when for `patience` seconds none comes, as when a client's network is gone."""
    while True:
        message = None
        with trio.move_on_after(patience):
            message = await receive()
        if message is None:
            raise stalled(patience)
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body", False):
            return
