//! Search over HTTP: both forms of the request, one answer. The ranking itself is the engine's.

mod answer;
mod distinct;
mod facet_search;
mod facets;
pub mod fields;
pub mod filter;
#[cfg(test)]
pub mod fixture;
mod format;
pub mod geo;
mod hits;
mod hybrid;
mod multi;
mod nearest;
mod paging;
mod prepared;
pub mod query_form;
mod request;
mod run;
mod score;
mod semantic;
mod similar;
#[cfg(test)]
mod tests;
mod vector_leg;
pub mod vectors;

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::get;
use axum::{Json, Router};

use crate::app::App;
use crate::error::ApiError;
use crate::indexes;
use crate::params::{json_params, query_string};

pub use answer::Answer;
pub use prepared::criteria;
pub use request::SearchRequest;

const ACTION: &str = "search";

/// `GET` and `POST /indexes/{uid}/search`, and what is searched beside documents.
pub fn routes() -> Router<Arc<App>> {
    let search = get(search_by_query).post(search_by_body);
    Router::new()
        .route("/indexes/{uid}/search", search)
        .merge(facet_search::routes())
        .merge(multi::routes())
        .merge(similar::routes())
}

async fn search_by_query(
    State(app): State<Arc<App>>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Answer>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request = query_string::<query_form::SearchForm>(&uri)?.into_request()?;
    search(&app, uid, &headers, request).await
}

async fn search_by_body(
    State(app): State<Arc<App>>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Answer>, ApiError> {
    app.authorize(&headers, ACTION, Some(&uid))?;
    let request = json_params(&headers, body).await?;
    search(&app, uid, &headers, request).await
}

async fn search(
    app: &App,
    uid: String,
    headers: &HeaderMap,
    request: SearchRequest,
) -> Result<Json<Answer>, ApiError> {
    let started = Instant::now();
    let features = app.features();
    indexes::uid::check(&uid)?;
    run::check(&request, &features)?;
    let context = run::Context {
        index: app.index(&uid)?,
        uid,
        features,
        include_metadata: wants_metadata(headers),
        started,
    };
    app.run_search(move || run::run(&context, request))
        .await
        .map(Json)
}

/// `Meili-Include-Metadata: true` (or `1`), in any case.
fn wants_metadata(headers: &HeaderMap) -> bool {
    let value = headers
        .get("meili-include-metadata")
        .and_then(|value| value.to_str().ok());
    value.is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"))
}
