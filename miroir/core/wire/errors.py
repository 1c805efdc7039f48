"""Every error that Miroir itself answers: code, HTTP status and type, each declared once.

Errors that a node found are passed on as the node wrote them and are not listed here.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from miroir.core.wire.reply import JSON, Reply

_REQUEST, _AUTH, _SYSTEM, _INTERNAL = "invalid_request", "auth", "system", "internal"

CODES: dict[str, tuple[int, str]] = {
    # Meilisearch's own, answered by Miroir where no node is asked
    "bad_request": (400, _REQUEST),
    "bad_parameter": (400, _REQUEST),
    "document_not_found": (404, _REQUEST),
    "feature_not_enabled": (400, _REQUEST),
    "immutable_index_created_at": (400, _REQUEST),
    "immutable_index_updated_at": (400, _REQUEST),
    "index_already_exists": (409, _REQUEST),
    "index_not_found": (404, _REQUEST),
    "index_primary_key_already_exists": (400, _REQUEST),
    "index_primary_key_multiple_candidates_found": (400, _REQUEST),
    "index_primary_key_no_candidate_found": (400, _REQUEST),
    "internal": (500, _INTERNAL),
    "invalid_api_key": (403, _AUTH),
    "invalid_content_type": (415, _REQUEST),
    "invalid_document_fields": (400, _REQUEST),
    "invalid_document_filter": (400, _REQUEST),
    "invalid_document_id": (400, _REQUEST),
    "invalid_document_ids": (400, _REQUEST),
    "invalid_document_limit": (400, _REQUEST),
    "invalid_document_offset": (400, _REQUEST),
    "invalid_index_limit": (400, _REQUEST),
    "invalid_index_offset": (400, _REQUEST),
    "invalid_index_primary_key": (400, _REQUEST),
    "invalid_index_uid": (400, _REQUEST),
    "invalid_multi_search_facet_order": (400, _REQUEST),
    "invalid_multi_search_query_ranking_rules": (400, _REQUEST),
    "invalid_search_facets": (400, _REQUEST),
    "invalid_search_filter": (400, _REQUEST),
    "invalid_search_sort": (400, _REQUEST),
    "invalid_task_from": (400, _REQUEST),
    "invalid_task_limit": (400, _REQUEST),
    "invalid_task_reverse": (400, _REQUEST),
    "invalid_task_statuses": (400, _REQUEST),
    "invalid_task_types": (400, _REQUEST),
    "invalid_task_uids": (400, _REQUEST),
    "malformed_payload": (400, _REQUEST),
    "missing_authorization_header": (401, _AUTH),
    "missing_content_type": (415, _REQUEST),
    "missing_document_filter": (400, _REQUEST),
    "missing_document_id": (400, _REQUEST),
    "missing_index_uid": (400, _REQUEST),
    "missing_payload": (400, _REQUEST),
    "no_space_left_on_device": (422, _SYSTEM),
    "payload_too_large": (413, _REQUEST),
    "task_not_found": (404, _REQUEST),
    "invalid_batch_uids": (400, _REQUEST),
    "invalid_task_canceled_by": (400, _REQUEST),
    "invalid_task_before_enqueued_at": (400, _REQUEST),
    "invalid_task_before_started_at": (400, _REQUEST),
    "invalid_task_before_finished_at": (400, _REQUEST),
    "invalid_task_after_enqueued_at": (400, _REQUEST),
    "invalid_task_after_started_at": (400, _REQUEST),
    "invalid_task_after_finished_at": (400, _REQUEST),
    "invalid_document_retrieve_vectors": (400, _REQUEST),
    "invalid_document_sort": (400, _REQUEST),
    "invalid_document_csv_delimiter": (400, _REQUEST),
    "invalid_skip_creation": (400, _REQUEST),
    "invalid_index_custom_metadata": (400, _REQUEST),
    "unsupported_media_type": (415, _REQUEST),
    # what only Miroir can say
    "miroir_conflict": (409, _REQUEST),
    "miroir_feature_disabled": (403, _REQUEST),
    "miroir_limit_exceeded": (400, _REQUEST),
    "miroir_no_quorum": (503, _SYSTEM),
    "miroir_not_ready": (503, _SYSTEM),
    "miroir_not_supported": (501, _REQUEST),
    "miroir_overloaded": (503, _SYSTEM),
    "miroir_reserved_field": (400, _REQUEST),
    "miroir_shard_unavailable": (503, _SYSTEM),
    "miroir_task_store_unavailable": (503, _SYSTEM),
    "miroir_timeout": (504, _SYSTEM),
    "miroir_write_unsettled": (503, _SYSTEM),
}

RETRY_AFTER: tuple[bytes, bytes] = (b"retry-after", b"10")
_DOCS = "https://docs.meilisearch.com/errors#"
_OWN_DOCS = "docs/errors.md#"


@dataclass
class MiroirError(Exception):
    """An answer that is an error. Raised by services, turned into a reply by `http`; `code` is a key of `CODES`."""

    code: str
    message: str

    def __post_init__(self) -> None:
        super().__init__(self.code, self.message)

    @property
    def status(self) -> int:
        return CODES[self.code][0]

    def as_dict(self) -> dict[str, str]:
        """The four fields of Meilisearch's error body, as they also stand in a failed task."""
        docs = _OWN_DOCS if self.code.startswith("miroir_") else _DOCS
        return {"message": self.message, "code": self.code, "type": CODES[self.code][1], "link": docs + self.code}

    def reply(self) -> Reply:
        headers = (JSON, RETRY_AFTER) if self.status == 503 else (JSON,)
        return Reply(self.status, orjson.dumps(self.as_dict()), headers)
