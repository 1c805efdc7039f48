//! Routes of API keys. They need a master key on the node.

mod read;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use crate::app::{App, blocking};
use crate::auth::{Key, KeyView};
use crate::body;
use crate::error::{ApiError, codes};
use crate::query::{Query, page};

type Result<T> = std::result::Result<T, ApiError>;
type Shared = State<Arc<App>>;

const DEFAULT_LIMIT: usize = 20;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/keys", get(list).post(create))
        .route("/keys/{uid_or_key}", get(show).patch(change).delete(delete))
}

async fn list(State(app): Shared, headers: HeaderMap, uri: Uri) -> Result<Json<Value>> {
    app.keys.master()?;
    app.authorize(&headers, "keys.get", None)?;
    let query = Query::parse(&uri, &["offset", "limit"])?;
    let offset = query
        .number("offset", codes::INVALID_API_KEY_OFFSET)?
        .unwrap_or(0);
    let limit = query
        .number("limit", codes::INVALID_API_KEY_LIMIT)?
        .unwrap_or(DEFAULT_LIMIT);
    let listed = blocking(move || {
        let rtxn = app.store.read()?;
        let mut keys = app.store.keys(&rtxn)?;
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        let views = keys.iter().map(|key| Ok(key.view(app.keys.master()?)));
        views.collect::<Result<Vec<KeyView>>>()
    });
    Ok(Json(page(listed.await?, offset, limit)))
}

async fn create(
    State(app): Shared,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<KeyView>)> {
    app.keys.master()?;
    app.authorize(&headers, "keys.create", None)?;
    let key = read::new_key(&body::object(&headers, body).await?)?;
    let created = blocking(move || {
        let mut wtxn = app.store.write()?;
        if app.store.key(&wtxn, key.uid)?.is_some() {
            let text = format!(
                "`uid` field value `{}` is already an existing API key.",
                key.uid
            );
            return Err(ApiError::new(codes::API_KEY_ALREADY_EXISTS, text));
        }
        app.store.put_key(&mut wtxn, &key)?;
        wtxn.commit()?;
        app.keys.reload(&app.store)?;
        Ok(key.view(app.keys.master()?))
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

async fn show(
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Json<KeyView>> {
    app.keys.master()?;
    app.authorize(&headers, "keys.get", None)?;
    let shown = blocking(move || {
        let key = find(&app, &name)?;
        Ok(key.view(app.keys.master()?))
    });
    Ok(Json(shown.await?))
}

async fn change(
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<KeyView>> {
    app.keys.master()?;
    app.authorize(&headers, "keys.update", None)?;
    let fields = body::object(&headers, body).await?;
    let changed = blocking(move || {
        let mut key = find(&app, &name)?;
        read::change(&mut key, &fields)?;
        let mut wtxn = app.store.write()?;
        app.store.put_key(&mut wtxn, &key)?;
        wtxn.commit()?;
        app.keys.reload(&app.store)?;
        Ok(key.view(app.keys.master()?))
    });
    Ok(Json(changed.await?))
}

async fn delete(
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    app.keys.master()?;
    app.authorize(&headers, "keys.delete", None)?;
    let deleted = blocking(move || {
        let uid = find(&app, &name)?.uid;
        let mut wtxn = app.store.write()?;
        app.store.delete_key(&mut wtxn, uid)?;
        wtxn.commit()?;
        app.keys.reload(&app.store)
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(app: &App, name: &str) -> Result<Key> {
    let missing = || {
        ApiError::new(
            codes::API_KEY_NOT_FOUND,
            format!("API key `{name}` not found."),
        )
    };
    let uid = app.keys.resolve(name).ok_or_else(missing)?;
    let rtxn = app.store.read()?;
    app.store.key(&rtxn, uid)?.ok_or_else(missing)
}
