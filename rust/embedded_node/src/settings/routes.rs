//! Routes of settings: the whole object, and each setting by itself.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use serde_json::{Map, Value};

use super::{ALL, Setting, Verb, checked_patch, reset_patch, view};
use crate::app::{App, blocking};
use crate::body;
use crate::error::ApiError;
use crate::indexes::uid;
use crate::tasks::routes::{Accepted, accepted};
use crate::tasks::{Content, Task};

type Result<T> = std::result::Result<T, ApiError>;

type Shared = State<Arc<App>>;

pub fn routes() -> Router<Arc<App>> {
    let whole = get(show_all).patch(change_all).delete(reset_all);
    let router = Router::new().route("/indexes/{uid}/settings", whole);
    ALL.iter().fold(router, |router, setting| {
        router.route(
            &format!("/indexes/{{uid}}/settings/{}", setting.route),
            routes_of(setting),
        )
    })
}

fn routes_of(setting: &'static Setting) -> MethodRouter<Arc<App>> {
    let show = move |app: Shared, path: Path<String>, headers: HeaderMap| {
        show_one(app, path, headers, setting)
    };
    let change = move |app: Shared, path: Path<String>, headers: HeaderMap, body: Body| {
        change_one(app, path, headers, body, setting)
    };
    let reset = move |app: Shared, path: Path<String>, headers: HeaderMap| {
        reset_one(app, path, headers, setting)
    };
    let shown = get(show).delete(reset);
    match setting.verb {
        Verb::Put => shown.put(change),
        Verb::Patch => shown.patch(change),
    }
}

async fn show_all(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>> {
    app.authorize(&headers, "settings.get", Some(&index))?;
    read(app, index, |index, rtxn| {
        Ok(Value::Object(view::all(index, rtxn)?))
    })
    .await
}

async fn show_one(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    setting: &'static Setting,
) -> Result<Json<Value>> {
    app.authorize(&headers, "settings.get", Some(&index))?;
    read(app, index, move |index, rtxn| {
        view::one(index, rtxn, setting.key)
    })
    .await
}

async fn read(
    app: Arc<App>,
    uid: String,
    view: impl FnOnce(&milli_core::Index, &milli_core::heed::RoTxn<'_>) -> Result<Value>
    + Send
    + 'static,
) -> Result<Json<Value>> {
    let shown = blocking(move || {
        let index = app.index(&uid)?;
        let rtxn = index.read_txn()?;
        view(&index, &rtxn)
    });
    Ok(Json(shown.await?))
}

async fn change_all(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Accepted> {
    let may_create = may_change(&app, &headers, &index)?;
    let patch = checked_patch(body::object(&headers, body).await?)?;
    accept(&app, index, patch, false, may_create).await
}

async fn reset_all(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
) -> Result<Accepted> {
    may_change(&app, &headers, &index)?;
    accept(&app, index, reset_patch(), true, false).await
}

async fn change_one(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Body,
    setting: &'static Setting,
) -> Result<Accepted> {
    let may_create = may_change(&app, &headers, &index)?;
    let value = body::json(&headers, body).await?;
    setting.check(&value, "")?;
    accept(&app, index, single(setting, value), false, may_create).await
}

async fn reset_one(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    setting: &'static Setting,
) -> Result<Accepted> {
    may_change(&app, &headers, &index)?;
    accept(&app, index, single(setting, Value::Null), true, false).await
}

fn single(setting: &Setting, value: Value) -> Map<String, Value> {
    Map::from_iter([(setting.key.to_owned(), value)])
}

/// Refuses who may not change the settings; says whether the sender may also create the index.
fn may_change(app: &App, headers: &HeaderMap, index: &str) -> Result<bool> {
    app.authorize(headers, "settings.update", Some(index))?;
    uid::check(index)?;
    Ok(app
        .access(headers, "settings.update")?
        .may_in("indexes.create", index))
}

async fn accept(
    app: &Arc<App>,
    index: String,
    patch: Map<String, Value>,
    reset: bool,
    may_create: bool,
) -> Result<Accepted> {
    let content = Content::Settings {
        patch,
        reset,
        may_create,
    };
    let task = app.enqueue(Task::new(Some(index), content, None)).await?;
    accepted(task)
}
