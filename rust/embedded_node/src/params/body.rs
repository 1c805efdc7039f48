//! JSON request bodies as typed parameters.

use axum::body::Body;
use axum::http::HeaderMap;
use deserr::Deserr;
use serde_json::Value;

use super::fault::JsonFault;
use crate::body;
use crate::error::ApiError;

/// Reads a JSON body into its parameters. Errors: those of reading the body, then the code of the first wrong field.
pub async fn json_params<T: Deserr<JsonFault>>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, ApiError> {
    let value = body::json(headers, body).await?;
    deserr::deserialize::<T, Value, JsonFault>(value).map_err(ApiError::from)
}
