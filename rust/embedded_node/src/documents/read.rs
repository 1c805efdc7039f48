//! Reading documents over HTTP: the list in both forms, and one by its id. Nothing here writes.

mod list;
mod request;
mod sort;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::{get, post};
use axum::{Json, Router};
use milli_core::Object;

use self::list::{Context, Page};
use self::request::{ListForm, ListRequest, OneForm};
use crate::app::App;
use crate::error::ApiError;
use crate::params::{json_params, query_string};

const ACTION: &str = "documents.get";

/// `GET /indexes/{uid}/documents`, `POST …/documents/fetch` and `GET …/documents/{id}`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/indexes/{uid}/documents", get(list_by_query))
        .route("/indexes/{uid}/documents/fetch", post(list_by_body))
        .route("/indexes/{uid}/documents/{id}", get(one))
}

async fn list_by_query(
    State(app): State<Arc<App>>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Page>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request = query_string::<ListForm>(&uri)?.into_request();
    list(&app, &uid, &headers, request).await
}

async fn list_by_body(
    State(app): State<Arc<App>>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Page>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request = json_params(&headers, body).await?;
    list(&app, &uid, &headers, request).await
}

async fn list(
    app: &App,
    uid: &str,
    headers: &HeaderMap,
    request: ListRequest,
) -> Result<Json<Page>, ApiError> {
    let context = Context {
        index: app.index(uid)?,
        features: app.features(),
        show_sort_values: is_proxied(headers),
    };
    app.run_search(move || list::list(&context, &request))
        .await
        .map(Json)
}

async fn one(
    State(app): State<Arc<App>>,
    Path((uid, id)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Object>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request = query_string::<OneForm>(&uri)?;
    let index = app.index(&uid)?;
    app.run_search(move || list::one(&index, &id, &request))
        .await
        .map(Json)
}

/// The header by which an instance in front asks for the sort values of each document.
fn is_proxied(headers: &HeaderMap) -> bool {
    headers
        .get("meili-proxy-search")
        .is_some_and(|value| value.as_bytes() == b"true")
}

#[cfg(test)]
mod tests;
