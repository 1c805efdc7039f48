//! Routes that change documents. Each answers with a task that is already durable.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::{delete, post};
use serde_json::Value;

use super::filter_syntax;
use crate::app::App;
use crate::body::{self, Encoding};
use crate::error::{ApiError, codes};
use crate::indexes::uid;
use crate::payload::{self, Format};
use crate::query::Query;
use crate::tasks::routes::{Accepted, accepted};
use crate::tasks::{Content, Method, Task};

type Result<T> = std::result::Result<T, ApiError>;
type Shared = State<Arc<App>>;

pub fn routes() -> Router<Arc<App>> {
    let all = post(replace).put(update).delete(clear);
    Router::new()
        .route("/indexes/{uid}/documents", all)
        .route("/indexes/{uid}/documents/delete-batch", post(delete_batch))
        .route("/indexes/{uid}/documents/delete", post(delete_by_filter))
        .route("/indexes/{uid}/documents/{id}", delete(delete_one))
}

async fn replace(
    app: Shared,
    index: Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Accepted> {
    add(app, index, headers, uri, body, Method::Replace).await
}

async fn update(
    app: Shared,
    index: Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Accepted> {
    add(app, index, headers, uri, body, Method::Update).await
}

async fn add(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
    method: Method,
) -> Result<Accepted> {
    let access = app.access(&headers, "documents.add")?;
    app.authorize(&headers, "documents.add", Some(&index))?;
    uid::check(&index)?;
    let query = Query::parse(
        &uri,
        &[
            "primaryKey",
            "csvDelimiter",
            "customMetadata",
            "skipCreation",
        ],
    )?;
    let skip_creation = skip_creation(&query)?;
    let format = match body::content_type(&headers, &["application/json", "application/x-ndjson"])?
    {
        "application/json" => Format::Json,
        _ => Format::Ndjson,
    };
    let stored = payload::receive(body, Encoding::of(&headers)?, format, app.payloads()).await?;
    let may_create = access.may_in("indexes.create", &index);
    let content = Content::Addition {
        payload: stored.uuid,
        bytes: stored.bytes,
        method,
        primary_key: query.text("primaryKey").map(str::to_owned),
        received: stored.documents,
        may_create,
        skip_creation,
    };
    accepted(
        app.enqueue(Task::new(Some(index), content, metadata(&query)))
            .await?,
    )
}

fn skip_creation(query: &Query) -> Result<bool> {
    match query
        .text("skipCreation")
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let text = format!(
                "Invalid value in parameter `skipCreation`: could not parse `{other}` as a boolean, expected either \
                 `true` or `false`"
            );
            Err(ApiError::new(codes::INVALID_SKIP_CREATION, text))
        }
    }
}

async fn delete_one(
    State(app): Shared,
    Path((index, id)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Accepted> {
    let query = may_delete(&app, &headers, &index, &uri)?;
    delete_ids(&app, index, vec![id], &query).await
}

async fn delete_batch(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Accepted> {
    let query = may_delete(&app, &headers, &index, &uri)?;
    let ids = match body::json(&headers, body).await? {
        Value::Array(ids) => ids,
        other => {
            let text = format!(
                "Json deserialize error: invalid type: {}, expected a sequence",
                kind(&other)
            );
            return Err(ApiError::new(codes::BAD_REQUEST, text));
        }
    };
    let ids = ids.into_iter().map(|id| match id {
        Value::String(text) => text,
        other => other.to_string(),
    });
    delete_ids(&app, index, ids.collect(), &query).await
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("boolean `{value}`"),
        Value::Number(value) if value.is_f64() => format!("floating point `{value}`"),
        Value::Number(value) => format!("integer `{value}`"),
        Value::String(value) => format!("string {value:?}"),
        Value::Array(_) => "sequence".to_owned(),
        Value::Object(_) => "map".to_owned(),
    }
}

async fn delete_ids(
    app: &Arc<App>,
    index: String,
    ids: Vec<String>,
    query: &Query,
) -> Result<Accepted> {
    let content = Content::DeletionByIds { ids };
    accepted(
        app.enqueue(Task::new(Some(index), content, metadata(query)))
            .await?,
    )
}

async fn delete_by_filter(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Accepted> {
    let query = may_delete(&app, &headers, &index, &uri)?;
    let mut fields = body::object(&headers, body).await?;
    if let Some(name) = fields.keys().find(|name| *name != "filter") {
        return Err(body::unknown_field(name, std::iter::once("filter")));
    }
    let Some(filter) = fields.remove("filter") else {
        return Err(ApiError::new(
            codes::MISSING_DOCUMENT_FILTER,
            "Missing field `filter`",
        ));
    };
    filter_syntax::check(&filter)?;
    let content = Content::DeletionByFilter { filter };
    accepted(
        app.enqueue(Task::new(Some(index), content, metadata(&query)))
            .await?,
    )
}

async fn clear(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Accepted> {
    let query = may_delete(&app, &headers, &index, &uri)?;
    accepted(
        app.enqueue(Task::new(Some(index), Content::Clear, metadata(&query)))
            .await?,
    )
}

fn may_delete(app: &App, headers: &HeaderMap, index: &str, uri: &Uri) -> Result<Query> {
    app.authorize(headers, "documents.delete", Some(index))?;
    uid::check(index)?;
    Query::parse(uri, &["customMetadata"])
}

fn metadata(query: &Query) -> Option<String> {
    query.text("customMetadata").map(str::to_owned)
}
