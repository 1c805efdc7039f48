//! The one error of the HTTP layer: Meilisearch's `{message, code, type, link}`, each code declared once.
//! What the engine's own errors become is decided in `error/from_engine.rs`, not here.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

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
#[derive(Debug, Clone, Serialize)]
pub struct ErrorBody {
    pub message: String,
    pub code: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub link: String,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
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
        let status = StatusCode::from_u16(self.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.body())).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
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
    DOCUMENT_NOT_FOUND = "document_not_found", 404, "invalid_request";
    INTERNAL = "internal", 500, "internal";
    INVALID_API_KEY = "invalid_api_key", 403, "auth";
    MISSING_AUTHORIZATION_HEADER = "missing_authorization_header", 401, "auth";
    INVALID_INDEX_UID = "invalid_index_uid";
    MALFORMED_PAYLOAD = "malformed_payload";
    MISSING_PAYLOAD = "missing_payload";
    MISSING_CONTENT_TYPE = "missing_content_type", 415, "invalid_request";
    INVALID_CONTENT_TYPE = "invalid_content_type", 415, "invalid_request";
    TOO_MANY_SEARCH_REQUESTS = "too_many_search_requests", 503, "system";
}
