//! The one error of the HTTP layer: Meilisearch's `{message, code, type, link}`, each code declared once.
//! What the engine's own errors become is decided in `error/from_engine.rs`, not here.

mod from_engine;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// A code of the public API: its name, HTTP status and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    pub status: u16,
    pub kind: &'static str,
}

/// An answer that is an error; also what a failed task keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    pub code: Code,
    pub message: String,
}

/// The body of an error, in the order in which clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    pub message: String,
    pub code: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub link: String,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// 404 for an index that is not there.
    pub fn index_not_found(uid: &str) -> Self {
        Self::new(codes::INDEX_NOT_FOUND, format!("Index `{uid}` not found."))
    }

    /// The engine's error as an answer; `index` names the index it happened in, for the message.
    pub fn in_index(error: milli_core::Error, index: &str) -> Self {
        let inner = Self::from(error);
        Self::new(inner.code, format!("Index `{index}`: {}", inner.message))
    }

    /// A fault of this process or its disk, never of the client.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::new(
            codes::INTERNAL,
            format!("An internal error has occurred. `{error}`."),
        )
    }

    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            message: self.message.clone(),
            code: self.code.name.to_owned(),
            kind: self.code.kind.to_owned(),
            link: format!("https://docs.meilisearch.com/errors#{}", self.code.name),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.body())).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }
}

/// `code!(name)` is a 400 of type invalid_request; `code!(name, status, kind)` anything else.
macro_rules! codes {
    ($($constant:ident = $name:literal $(, $status:literal, $kind:literal)?;)*) => {
        pub mod codes {
            use super::Code;
            $(pub const $constant: Code = codes!(@one $name $(, $status, $kind)?);)*
        }
    };
    (@one $name:literal) => { Code { name: $name, status: 400, kind: "invalid_request" } };
    (@one $name:literal, $status:literal, $kind:literal) => { Code { name: $name, status: $status, kind: $kind } };
}

codes! {
    BAD_REQUEST = "bad_request";
    INDEX_NOT_FOUND = "index_not_found", 404, "invalid_request";
    INDEX_ALREADY_EXISTS = "index_already_exists", 409, "invalid_request";
    DOCUMENT_NOT_FOUND = "document_not_found", 404, "invalid_request";
    TASK_NOT_FOUND = "task_not_found", 404, "invalid_request";
    API_KEY_NOT_FOUND = "api_key_not_found", 404, "invalid_request";
    API_KEY_ALREADY_EXISTS = "api_key_already_exists", 409, "invalid_request";
    INTERNAL = "internal", 500, "internal";
    INVALID_STORE_FILE = "invalid_store_file", 500, "internal";
    DATABASE_SIZE_LIMIT_REACHED = "database_size_limit_reached", 500, "internal";
    INVALID_API_KEY = "invalid_api_key", 403, "auth";
    MISSING_AUTHORIZATION_HEADER = "missing_authorization_header", 401, "auth";
    MISSING_MASTER_KEY = "missing_master_key", 401, "auth";
    IO_ERROR = "io_error", 422, "system";
    NO_SPACE_LEFT_ON_DEVICE = "no_space_left_on_device", 422, "system";
    MALFORMED_PAYLOAD = "malformed_payload";
    MISSING_PAYLOAD = "missing_payload";
    PAYLOAD_TOO_LARGE = "payload_too_large", 413, "invalid_request";
    MISSING_CONTENT_TYPE = "missing_content_type", 415, "invalid_request";
    INVALID_CONTENT_TYPE = "invalid_content_type", 415, "invalid_request";
    TOO_MANY_SEARCH_REQUESTS = "too_many_search_requests", 503, "system";
    FEATURE_NOT_ENABLED = "feature_not_enabled";
    INVALID_INDEX_UID = "invalid_index_uid";
    INVALID_INDEX_OFFSET = "invalid_index_offset";
    INVALID_INDEX_LIMIT = "invalid_index_limit";
    INVALID_INDEX_PRIMARY_KEY = "invalid_index_primary_key";
    MISSING_INDEX_UID = "missing_index_uid";
    IMMUTABLE_INDEX_CREATED_AT = "immutable_index_created_at";
    IMMUTABLE_INDEX_UPDATED_AT = "immutable_index_updated_at";
    INDEX_PRIMARY_KEY_ALREADY_EXISTS = "index_primary_key_already_exists";
    INDEX_PRIMARY_KEY_NO_CANDIDATE_FOUND = "index_primary_key_no_candidate_found";
    INDEX_PRIMARY_KEY_MULTIPLE_CANDIDATES_FOUND = "index_primary_key_multiple_candidates_found";
    MAX_FIELDS_LIMIT_EXCEEDED = "max_fields_limit_exceeded";
    MISSING_SWAP_INDEXES = "missing_swap_indexes";
    INVALID_SWAP_INDEXES = "invalid_swap_indexes";
    INVALID_SWAP_DUPLICATE_INDEX_FOUND = "invalid_swap_duplicate_index_found";
    INVALID_SWAP_RENAME = "invalid_swap_rename";
    INVALID_STATS_SHOW_INTERNAL_DATABASE_SIZES = "invalid_stats_show_internal_database_sizes";
    INVALID_STATS_SIZE_FORMAT = "invalid_stats_size_format";
    MISSING_DOCUMENT_ID = "missing_document_id";
    MISSING_DOCUMENT_FILTER = "missing_document_filter";
    INVALID_DOCUMENT_ID = "invalid_document_id";
    INVALID_DOCUMENT_FIELDS = "invalid_document_fields";
    INVALID_DOCUMENT_FILTER = "invalid_document_filter";
    INVALID_DOCUMENT_GEO_FIELD = "invalid_document_geo_field";
    INVALID_SKIP_CREATION = "invalid_skip_creation";
    EDIT_DOCUMENTS_BY_FUNCTION_ERROR = "edit_documents_by_function_error";
    INVALID_VECTOR_DIMENSIONS = "invalid_vector_dimensions";
    INVALID_VECTORS_TYPE = "invalid_vectors_type";
    TOO_MANY_VECTORS = "too_many_vectors";
    VECTOR_EMBEDDING_ERROR = "vector_embedding_error";
    INVALID_SEARCH_FILTER = "invalid_search_filter";
    INVALID_SEARCH_DISTINCT = "invalid_search_distinct";
    INVALID_SEARCH_SORT = "invalid_search_sort";
    INVALID_SEARCH_FACETS = "invalid_search_facets";
    INVALID_SEARCH_EMBEDDER = "invalid_search_embedder";
    MISSING_SEARCH_HYBRID = "missing_search_hybrid";
    INVALID_SEARCH_Q = "invalid_search_q";
    INVALID_SEARCH_LIMIT = "invalid_search_limit";
    INVALID_SEARCH_OFFSET = "invalid_search_offset";
    INVALID_SEARCH_PAGE = "invalid_search_page";
    INVALID_SEARCH_HITS_PER_PAGE = "invalid_search_hits_per_page";
    INVALID_SEARCH_LOCALES = "invalid_search_locales";
    INVALID_SEARCH_VECTOR = "invalid_search_vector";
    INVALID_SEARCH_MEDIA = "invalid_search_media";
    INVALID_SEARCH_MEDIA_AND_VECTOR = "invalid_search_media_and_vector";
    INVALID_SEARCH_HYBRID_QUERY = "invalid_search_hybrid_query";
    INVALID_SEARCH_SEMANTIC_RATIO = "invalid_search_semantic_ratio";
    INVALID_SEARCH_MATCHING_STRATEGY = "invalid_search_matching_strategy";
    INVALID_SEARCH_ATTRIBUTES_TO_RETRIEVE = "invalid_search_attributes_to_retrieve";
    INVALID_SEARCH_ATTRIBUTES_TO_CROP = "invalid_search_attributes_to_crop";
    INVALID_SEARCH_ATTRIBUTES_TO_HIGHLIGHT = "invalid_search_attributes_to_highlight";
    INVALID_SEARCH_CROP_LENGTH = "invalid_search_crop_length";
    INVALID_SEARCH_CROP_MARKER = "invalid_search_crop_marker";
    INVALID_SEARCH_HIGHLIGHT_PRE_TAG = "invalid_search_highlight_pre_tag";
    INVALID_SEARCH_HIGHLIGHT_POST_TAG = "invalid_search_highlight_post_tag";
    INVALID_SEARCH_RANKING_SCORE_THRESHOLD = "invalid_search_ranking_score_threshold";
    INVALID_SEARCH_RETRIEVE_VECTORS = "invalid_search_retrieve_vectors";
    INVALID_SEARCH_SHOW_MATCHES_POSITION = "invalid_search_show_matches_position";
    INVALID_SEARCH_SHOW_RANKING_SCORE = "invalid_search_show_ranking_score";
    INVALID_SEARCH_SHOW_RANKING_SCORE_DETAILS = "invalid_search_show_ranking_score_details";
    INVALID_SEARCH_SHOW_PERFORMANCE_DETAILS = "invalid_search_show_performance_details";
    INVALID_SEARCH_USE_NETWORK = "invalid_search_use_network";
    INVALID_SEARCH_PERSONALIZE = "invalid_search_personalize";
    INVALID_SEARCH_PERSONALIZE_USER_CONTEXT = "invalid_search_personalize_user_context";
    INVALID_DOCUMENT_LIMIT = "invalid_document_limit";
    INVALID_DOCUMENT_OFFSET = "invalid_document_offset";
    INVALID_DOCUMENT_IDS = "invalid_document_ids";
    INVALID_DOCUMENT_SORT = "invalid_document_sort";
    INVALID_DOCUMENT_RETRIEVE_VECTORS = "invalid_document_retrieve_vectors";
    INVALID_DOCUMENT_USE_NETWORK = "invalid_document_use_network";
    INVALID_MULTI_SEARCH_WEIGHT = "invalid_multi_search_weight";
    INVALID_MULTI_SEARCH_REMOTE = "invalid_multi_search_remote";
    INVALID_MULTI_SEARCH_QUERY_POSITION = "invalid_multi_search_query_position";
    INVALID_MULTI_SEARCH_FEDERATION_OPTIONS = "invalid_multi_search_federation_options";
    INVALID_MULTI_SEARCH_QUERY_PAGINATION = "invalid_multi_search_query_pagination";
    INVALID_MULTI_SEARCH_QUERY_FACETS = "invalid_multi_search_query_facets";
    INVALID_MULTI_SEARCH_QUERY_PERSONALIZATION = "invalid_multi_search_query_personalization";
    INVALID_MULTI_SEARCH_QUERY_SHOW_PERFORMANCE_DETAILS = "invalid_multi_search_query_show_performance_details";
    INVALID_MULTI_SEARCH_QUERY_RANKING_RULES = "invalid_multi_search_query_ranking_rules";
    INVALID_MULTI_SEARCH_DISTINCT = "invalid_multi_search_distinct";
    INVALID_MULTI_SEARCH_FACETS_BY_INDEX = "invalid_multi_search_facets_by_index";
    INVALID_MULTI_SEARCH_FACET_ORDER = "invalid_multi_search_facet_order";
    INVALID_MULTI_SEARCH_MERGE_FACETS = "invalid_multi_search_merge_facets";
    INVALID_MULTI_SEARCH_MAX_VALUES_PER_FACET = "invalid_multi_search_max_values_per_facet";
    NOT_FOUND_SIMILAR_ID = "not_found_similar_id";
    INVALID_SIMILAR_ID = "invalid_similar_id";
    INVALID_SIMILAR_EMBEDDER = "invalid_similar_embedder";
    INVALID_SIMILAR_OFFSET = "invalid_similar_offset";
    INVALID_SIMILAR_LIMIT = "invalid_similar_limit";
    INVALID_SIMILAR_FILTER = "invalid_similar_filter";
    INVALID_SIMILAR_ATTRIBUTES_TO_RETRIEVE = "invalid_similar_attributes_to_retrieve";
    INVALID_SIMILAR_RETRIEVE_VECTORS = "invalid_similar_retrieve_vectors";
    INVALID_SIMILAR_SHOW_RANKING_SCORE = "invalid_similar_show_ranking_score";
    INVALID_SIMILAR_SHOW_RANKING_SCORE_DETAILS = "invalid_similar_show_ranking_score_details";
    INVALID_SIMILAR_SHOW_PERFORMANCE_DETAILS = "invalid_similar_show_performance_details";
    INVALID_SIMILAR_RANKING_SCORE_THRESHOLD = "invalid_similar_ranking_score_threshold";
    INVALID_SEARCH_ATTRIBUTES_TO_SEARCH_ON = "invalid_search_attributes_to_search_on";
    FACET_SEARCH_DISABLED = "facet_search_disabled";
    MISSING_FACET_SEARCH_FACET_NAME = "missing_facet_search_facet_name";
    INVALID_FACET_SEARCH_FACET_NAME = "invalid_facet_search_facet_name";
    INVALID_FACET_SEARCH_QUERY = "invalid_facet_search_query";
    INVALID_FACET_SEARCH_EXHAUSTIVE_FACET_COUNT = "invalid_facet_search_exhaustive_facet_count";
    INVALID_SETTINGS_DISPLAYED_ATTRIBUTES = "invalid_settings_displayed_attributes";
    INVALID_SETTINGS_SEARCHABLE_ATTRIBUTES = "invalid_settings_searchable_attributes";
    INVALID_SETTINGS_FILTERABLE_ATTRIBUTES = "invalid_settings_filterable_attributes";
    INVALID_SETTINGS_SORTABLE_ATTRIBUTES = "invalid_settings_sortable_attributes";
    INVALID_SETTINGS_RANKING_RULES = "invalid_settings_ranking_rules";
    INVALID_SETTINGS_STOP_WORDS = "invalid_settings_stop_words";
    INVALID_SETTINGS_NON_SEPARATOR_TOKENS = "invalid_settings_non_separator_tokens";
    INVALID_SETTINGS_SEPARATOR_TOKENS = "invalid_settings_separator_tokens";
    INVALID_SETTINGS_DICTIONARY = "invalid_settings_dictionary";
    INVALID_SETTINGS_SYNONYMS = "invalid_settings_synonyms";
    INVALID_SETTINGS_DISTINCT_ATTRIBUTE = "invalid_settings_distinct_attribute";
    INVALID_SETTINGS_PROXIMITY_PRECISION = "invalid_settings_proximity_precision";
    INVALID_SETTINGS_TYPO_TOLERANCE = "invalid_settings_typo_tolerance";
    INVALID_SETTINGS_FACETING = "invalid_settings_faceting";
    INVALID_SETTINGS_PAGINATION = "invalid_settings_pagination";
    INVALID_SETTINGS_EMBEDDERS = "invalid_settings_embedders";
    INVALID_SETTINGS_SEARCH_CUTOFF_MS = "invalid_settings_search_cutoff_ms";
    INVALID_SETTINGS_LOCALIZED_ATTRIBUTES = "invalid_settings_localized_attributes";
    INVALID_SETTINGS_FACET_SEARCH = "invalid_settings_facet_search";
    INVALID_SETTINGS_PREFIX_SEARCH = "invalid_settings_prefix_search";
    MISSING_TASK_FILTERS = "missing_task_filters";
    INVALID_TASK_UIDS = "invalid_task_uids";
    INVALID_TASK_STATUSES = "invalid_task_statuses";
    INVALID_TASK_TYPES = "invalid_task_types";
    INVALID_TASK_CANCELED_BY = "invalid_task_canceled_by";
    INVALID_TASK_LIMIT = "invalid_task_limit";
    INVALID_TASK_FROM = "invalid_task_from";
    INVALID_TASK_REVERSE = "invalid_task_reverse";
    INVALID_TASK_AFTER_ENQUEUED_AT = "invalid_task_after_enqueued_at";
    INVALID_TASK_BEFORE_ENQUEUED_AT = "invalid_task_before_enqueued_at";
    INVALID_TASK_AFTER_STARTED_AT = "invalid_task_after_started_at";
    INVALID_TASK_BEFORE_STARTED_AT = "invalid_task_before_started_at";
    INVALID_TASK_AFTER_FINISHED_AT = "invalid_task_after_finished_at";
    INVALID_TASK_BEFORE_FINISHED_AT = "invalid_task_before_finished_at";
    INVALID_BATCH_UIDS = "invalid_batch_uids";
    MISSING_API_KEY_ACTIONS = "missing_api_key_actions";
    MISSING_API_KEY_INDEXES = "missing_api_key_indexes";
    MISSING_API_KEY_EXPIRES_AT = "missing_api_key_expires_at";
    INVALID_API_KEY_ACTIONS = "invalid_api_key_actions";
    INVALID_API_KEY_INDEXES = "invalid_api_key_indexes";
    INVALID_API_KEY_EXPIRES_AT = "invalid_api_key_expires_at";
    INVALID_API_KEY_DESCRIPTION = "invalid_api_key_description";
    INVALID_API_KEY_NAME = "invalid_api_key_name";
    INVALID_API_KEY_UID = "invalid_api_key_uid";
    INVALID_API_KEY_OFFSET = "invalid_api_key_offset";
    INVALID_API_KEY_LIMIT = "invalid_api_key_limit";
    IMMUTABLE_API_KEY_ACTIONS = "immutable_api_key_actions";
    IMMUTABLE_API_KEY_CREATED_AT = "immutable_api_key_created_at";
    IMMUTABLE_API_KEY_EXPIRES_AT = "immutable_api_key_expires_at";
    IMMUTABLE_API_KEY_INDEXES = "immutable_api_key_indexes";
    IMMUTABLE_API_KEY_KEY = "immutable_api_key_key";
    IMMUTABLE_API_KEY_UID = "immutable_api_key_uid";
    IMMUTABLE_API_KEY_UPDATED_AT = "immutable_api_key_updated_at";
    INDEX_SCOPED_API_KEY_WITH_GLOBAL_ACTION = "index_scoped_api_key_with_global_action";
}
