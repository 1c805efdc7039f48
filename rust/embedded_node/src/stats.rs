//! Routes of statistics: of the node and of one index.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::get;
use axum::{Json, Router};
use milli_core as milli;
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::app::{App, blocking};
use crate::error::{ApiError, codes};
use crate::query::Query;

type Result<T> = std::result::Result<T, ApiError>;
type Shared = State<Arc<App>>;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/stats", get(node))
        .route("/indexes/{uid}/stats", get(index))
}

/// How sizes are shown.
#[derive(Clone, Copy)]
struct Shape {
    internal: bool,
    human: bool,
}

impl Shape {
    fn read(uri: &Uri) -> Result<Self> {
        let query = Query::parse(uri, &["showInternalDatabaseSizes", "sizeFormat"])?;
        let code = codes::INVALID_STATS_SHOW_INTERNAL_DATABASE_SIZES;
        let internal = query
            .flag("showInternalDatabaseSizes", code)?
            .unwrap_or(false);
        let human = match query.text("sizeFormat") {
            None | Some("raw") => false,
            Some("human") => true,
            Some(other) => {
                let text = format!(
                    "Unknown value `{other}` for parameter `sizeFormat`: expected one of `raw`, `human`"
                );
                return Err(ApiError::new(codes::INVALID_STATS_SIZE_FORMAT, text));
            }
        };
        Ok(Self { internal, human })
    }

    fn size(self, bytes: u64) -> Value {
        match self.human {
            true => Value::from(human(bytes)),
            false => Value::from(bytes),
        }
    }
}

/// `1.00 KiB`.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{size:.2} {}", UNITS[unit]),
    }
}

async fn node(State(app): Shared, headers: HeaderMap, uri: Uri) -> Result<Json<Value>> {
    let access = app.access(&headers, "stats.get")?;
    let shape = Shape::read(&uri)?;
    let counted = blocking(move || {
        let (mut size, mut used) = app.store.sizes()?;
        let (mut last, mut indexes) = (None, Map::new());
        for (uid, directory) in app.indexes.names() {
            let engine = app.indexes.open(directory)?;
            size += engine.on_disk_size()?;
            used += engine.used_size()?;
            if access.reaches(&uid) {
                let rtxn = engine.read_txn()?;
                last = last.max(Some(engine.updated_at(&rtxn)?));
                indexes.insert(uid.clone(), one(&app, &uid, &engine, shape)?);
            }
        }
        let last = last
            .map(|at| at.format(&Rfc3339))
            .transpose()
            .map_err(ApiError::internal)?;
        Ok(json!({
            "databaseSize": shape.size(size),
            "usedDatabaseSize": shape.size(used),
            "lastUpdate": last,
            "indexes": indexes,
        }))
    });
    Ok(Json(counted.await?))
}

async fn index(
    State(app): Shared,
    Path(uid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Value>> {
    app.authorize(&headers, "stats.get", Some(&uid))?;
    let shape = Shape::read(&uri)?;
    let counted = blocking(move || {
        let engine = app.index(&uid)?;
        one(&app, &uid, &engine, shape)
    });
    Ok(Json(counted.await?))
}

fn one(app: &App, uid: &str, index: &milli::Index, shape: Shape) -> Result<Value> {
    let rtxn = index.read_txn()?;
    let documents = index.documents_stats(&rtxn)?.unwrap_or_default();
    let embeddings = index.arroy_stats(&rtxn)?;
    let mut stats = Map::new();
    stats.insert(
        "numberOfDocuments".to_owned(),
        index.number_of_documents(&rtxn)?.into(),
    );
    stats.insert(
        "rawDocumentDbSize".to_owned(),
        shape.size(documents.total_size()),
    );
    stats.insert(
        "avgDocumentSize".to_owned(),
        shape.size(documents.average_value_size()),
    );
    stats.insert("isIndexing".to_owned(), app.is_indexing(uid)?.into());
    if shape.internal {
        let sizes = index.database_sizes(&rtxn)?.into_iter();
        let sizes: Map<_, _> = sizes
            .map(|(name, bytes)| (name.to_owned(), shape.size(bytes as u64)))
            .collect();
        stats.insert("internalDatabaseSizes".to_owned(), sizes.into());
    }
    stats.insert(
        "numberOfEmbeddings".to_owned(),
        embeddings.number_of_embeddings.into(),
    );
    stats.insert(
        "numberOfEmbeddedDocuments".to_owned(),
        embeddings.documents.len().into(),
    );
    let fields = index.field_distribution(&rtxn)?;
    stats.insert(
        "fieldDistribution".to_owned(),
        fields
            .into_iter()
            .map(|(name, n)| (name, n.into()))
            .collect::<Map<_, _>>()
            .into(),
    );
    Ok(stats.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn human_sizes_are_binary_with_two_digits() {
        assert_eq!(
            (human(12), human(1024), human(1_572_864)),
            ("12 B".into(), "1.00 KiB".into(), "1.50 MiB".into())
        );
    }
}
