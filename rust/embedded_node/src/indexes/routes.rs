//! Routes of indexes: create, list, get, change, delete, swap.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value};

use super::uid;
use super::view::IndexView;
use crate::app::{App, blocking};
use crate::auth::refused;
use crate::body;
use crate::error::{ApiError, codes};
use crate::query::{Query, page};
use crate::tasks::routes::{Accepted, accepted};
use crate::tasks::{Content, Swap, Task};

type Result<T> = std::result::Result<T, ApiError>;
type Shared = State<Arc<App>>;

const DEFAULT_LIMIT: usize = 20;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/indexes", get(list).post(create))
        .route("/indexes/{uid}", get(show).patch(change).delete(delete))
        .route("/swap-indexes", post(swap))
}

async fn list(State(app): Shared, headers: HeaderMap, uri: Uri) -> Result<Json<Value>> {
    let access = app.access(&headers, "indexes.get")?;
    let query = Query::parse(&uri, &["offset", "limit"])?;
    let offset = query
        .number("offset", codes::INVALID_INDEX_OFFSET)?
        .unwrap_or(0);
    let limit = query
        .number("limit", codes::INVALID_INDEX_LIMIT)?
        .unwrap_or(DEFAULT_LIMIT);
    let listed = blocking(move || {
        let names: Vec<_> = app
            .indexes
            .names()
            .into_iter()
            .filter(|(uid, _)| access.reaches(uid))
            .collect();
        let total = names.len();
        let wanted = names.into_iter().skip(offset).take(limit);
        let views =
            wanted.map(|(uid, directory)| IndexView::read(uid, &app.indexes.open(directory)?));
        Ok((views.collect::<Result<Vec<_>>>()?, total))
    });
    let (views, total) = listed.await?;
    let mut shown = page(views, 0, limit);
    shown["offset"] = Value::from(offset);
    shown["total"] = Value::from(total);
    Ok(Json(shown))
}

async fn show(
    State(app): Shared,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Json<IndexView>> {
    app.authorize(&headers, "indexes.get", Some(&uid))?;
    let shown = blocking(move || IndexView::read(uid.clone(), &app.index(&uid)?));
    Ok(Json(shown.await?))
}

async fn create(State(app): Shared, headers: HeaderMap, body: Body) -> Result<Accepted> {
    let access = app.access(&headers, "indexes.create")?;
    let fields = body::object(&headers, body).await?;
    known(&fields, &["uid", "primaryKey"])?;
    if let Some(null @ Value::Null) = fields.get("uid") {
        return Err(body::wrong_type(
            codes::INVALID_INDEX_UID,
            ".uid",
            "a string",
            null,
        ));
    }
    let index = match text(&fields, "uid", codes::INVALID_INDEX_UID)? {
        Some(index) => index,
        None => {
            return Err(ApiError::new(
                codes::MISSING_INDEX_UID,
                "Missing field `uid`",
            ));
        }
    };
    check_uid(&index)?;
    if !access.reaches(&index) {
        return Err(refused());
    }
    let primary_key = text(&fields, "primaryKey", codes::INVALID_INDEX_PRIMARY_KEY)?;
    accepted(
        app.enqueue(Task::new(
            Some(index),
            Content::IndexCreation { primary_key },
            None,
        ))
        .await?,
    )
}

async fn change(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Accepted> {
    app.authorize(&headers, "indexes.update", Some(&index))?;
    uid::check(&index)?;
    let fields = body::object(&headers, body).await?;
    for (name, code) in [
        ("createdAt", codes::IMMUTABLE_INDEX_CREATED_AT),
        ("updatedAt", codes::IMMUTABLE_INDEX_UPDATED_AT),
    ] {
        if fields.contains_key(name) {
            let text = format!("Immutable field `{name}`: expected one of `primaryKey`, `uid`");
            return Err(ApiError::new(code, text));
        }
    }
    known(&fields, &["primaryKey", "uid"])?;
    let primary_key = text(&fields, "primaryKey", codes::INVALID_INDEX_PRIMARY_KEY)?;
    let new_uid = text(&fields, "uid", codes::INVALID_INDEX_UID)?;
    if let Some(new) = &new_uid {
        check_uid(new)?;
        app.authorize(&headers, "indexes.update", Some(new))?;
    }
    let content = Content::IndexUpdate {
        primary_key,
        new_uid,
    };
    accepted(app.enqueue(Task::new(Some(index), content, None)).await?)
}

async fn delete(
    State(app): Shared,
    Path(index): Path<String>,
    headers: HeaderMap,
) -> Result<Accepted> {
    app.authorize(&headers, "indexes.delete", Some(&index))?;
    uid::check(&index)?;
    accepted(
        app.enqueue(Task::new(Some(index), Content::IndexDeletion, None))
            .await?,
    )
}

async fn swap(State(app): Shared, headers: HeaderMap, body: Body) -> Result<Accepted> {
    let access = app.access(&headers, "indexes.swap")?;
    let swaps = read_swaps(&body::json(&headers, body).await?)?;
    if swaps
        .iter()
        .any(|swap| !access.reaches(&swap.indexes.0) || !access.reaches(&swap.indexes.1))
    {
        return Err(refused());
    }
    accepted(
        app.enqueue(Task::new(None, Content::Swaps { swaps }, None))
            .await?,
    )
}

fn read_swaps(body: &Value) -> Result<Vec<Swap>> {
    let Value::Array(items) = body else {
        return Err(body::wrong_type(codes::BAD_REQUEST, "", "an array", body));
    };
    let swaps: Vec<Swap> = items
        .iter()
        .enumerate()
        .map(|(position, item)| read_swap(item, position))
        .collect::<Result<_>>()?;
    let mut seen = BTreeSet::new();
    for uid in swaps
        .iter()
        .flat_map(|swap| [&swap.indexes.0, &swap.indexes.1])
    {
        if !seen.insert(uid) {
            let text = format!(
                "Indexes must be declared only once during a swap. `{uid}` was specified several times."
            );
            return Err(ApiError::new(
                codes::INVALID_SWAP_DUPLICATE_INDEX_FOUND,
                text,
            ));
        }
    }
    Ok(swaps)
}

fn read_swap(item: &Value, position: usize) -> Result<Swap> {
    let place = format!("[{position}]");
    let Value::Object(fields) = item else {
        return Err(body::wrong_type(
            codes::BAD_REQUEST,
            &place,
            "an object",
            item,
        ));
    };
    known(fields, &["indexes", "rename"])?;
    let rename = match fields.get("rename") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(rename)) => *rename,
        Some(other) => {
            return Err(body::wrong_type(
                codes::INVALID_SWAP_RENAME,
                &format!("{place}.rename"),
                "a boolean",
                other,
            ));
        }
    };
    let Some(indexes) = fields.get("indexes") else {
        return Err(ApiError::new(
            codes::MISSING_SWAP_INDEXES,
            format!("Missing field `indexes` inside `{place}`"),
        ));
    };
    let wrong = || {
        body::wrong_type(
            codes::INVALID_SWAP_INDEXES,
            &format!("{place}.indexes"),
            "an array",
            indexes,
        )
    };
    let list = indexes.as_array().ok_or_else(wrong)?;
    let uids: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    match uids.as_slice() {
        [left, right] if list.len() == 2 => {
            check_uid(left)?;
            check_uid(right)?;
            Ok(Swap {
                indexes: ((*left).to_owned(), (*right).to_owned()),
                rename,
            })
        }
        _ => {
            let count = list.len();
            let text = format!(
                "Two indexes must be given for each swap. The list `{indexes}` contains {count} indexes."
            );
            Err(ApiError::new(codes::INVALID_SWAP_INDEXES, text))
        }
    }
}

fn known(fields: &Map<String, Value>, names: &[&str]) -> Result<()> {
    match fields.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(body::unknown_field(name, names.iter().copied())),
        None => Ok(()),
    }
}

fn text(
    fields: &Map<String, Value>,
    name: &str,
    code: crate::error::Code,
) -> Result<Option<String>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(body::wrong_type(
            code,
            &format!(".{name}"),
            "a string",
            other,
        )),
    }
}

/// A uid given in a body.
fn check_uid(given: &str) -> Result<()> {
    match uid::is_valid(given) {
        true => Ok(()),
        false => Err(body::wrong_value(
            codes::INVALID_INDEX_UID,
            ".uid",
            &uid::message(given),
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(body: &Value) -> (&'static str, String) {
        let error = read_swaps(body).unwrap_err();
        (error.code.name, error.message)
    }

    #[test]
    fn wrong_swaps_are_refused_with_their_code() {
        assert_eq!(
            refusal(&json!([{"indexes": ["a"]}])),
            (
                "invalid_swap_indexes",
                "Two indexes must be given for each swap. The list `[\"a\"]` contains 1 indexes."
                    .to_owned()
            )
        );
        assert_eq!(
            refusal(&json!([{"indexes": ["a", "a"]}])).0,
            "invalid_swap_duplicate_index_found"
        );
        assert_eq!(refusal(&json!([{}])).0, "missing_swap_indexes");
        assert_eq!(
            refusal(&json!([{"indexes": ["a", "b"], "rename": 1}])).0,
            "invalid_swap_rename"
        );
    }

    #[test]
    fn a_good_swap_is_read() {
        let swaps = read_swaps(&json!([{"indexes": ["a", "b"]}])).unwrap();
        assert_eq!(
            swaps,
            [Swap {
                indexes: ("a".to_owned(), "b".to_owned()),
                rename: false
            }]
        );
    }
}
