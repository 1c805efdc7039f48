//! Routes about the process: `/`, `/health`, `/version`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::app::App;
use crate::store::Result;

/// The version of the HTTP API this server speaks.
const API_VERSION: &str = "1.50.0";

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(greet))
        .route("/health", get(health))
        .route("/version", get(version))
}

async fn greet() -> Json<Value> {
    Json(json!({"status": "Meilisearch is running"}))
}

async fn health() -> Json<Value> {
    Json(json!({"status": "available"}))
}

async fn version(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Value>> {
    app.authorize(&headers, "version", None)?;
    Ok(Json(
        json!({"commitSha": "unknown", "commitDate": "unknown", "pkgVersion": API_VERSION}),
    ))
}
