//! Several searches in one request: answered one by one, or as one federated list. What a single search does lives beside
//! this folder, never in it.

mod answer;
mod federated;
mod federation;
mod merge;
mod order;
mod query;
mod rules;

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use deserr::Deserr;
use milli_core::Index;
use serde::Serialize;

use self::federation::Federation;
use self::query::Query;
use super::answer::Answer;
use super::run::{self, Context};
use super::{ACTION, wants_metadata};
use crate::app::App;
use crate::auth::refused;
use crate::error::{ApiError, Code, codes};
use crate::features::Features;
use crate::params::{JsonFault, json_params};

#[derive(Debug, Deserr)]
#[deserr(error = JsonFault, rename_all = camelCase, deny_unknown_fields)]
struct Request {
    queries: Vec<Query>,
    #[deserr(default)]
    federation: Option<Federation>,
}

#[derive(Debug, Serialize)]
struct Answers {
    results: Vec<Named>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    index_uid: String,
    #[serde(flatten)]
    answer: Answer,
}

/// What all queries of a request share.
struct Shared {
    app: Arc<App>,
    features: Features,
    include_metadata: bool,
    started: Instant,
}

/// `POST /multi-search`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/multi-search", post(multi_search))
}

async fn multi_search(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let access = app.access(&headers, ACTION)?;
    let request: Request = json_params(&headers, body).await?;
    for (position, query) in request.queries.iter().enumerate() {
        if !access.reaches(&query.index_uid) {
            return Err(inside(position, refused()));
        }
    }
    let shared = Shared {
        features: app.features(),
        include_metadata: wants_metadata(&headers),
        started: Instant::now(),
        app: app.clone(),
    };
    let Request {
        queries,
        federation,
    } = request;
    match federation {
        None => {
            let answers = app.run_search(move || shared.each(queries)).await?;
            Ok(Json(answers).into_response())
        }
        Some(federation) => {
            let answer = app
                .run_search(move || federated::run(&shared, queries, &federation))
                .await?;
            Ok(Json(answer).into_response())
        }
    }
}

/// An error of one query says which.
fn inside(position: usize, error: ApiError) -> ApiError {
    let message = format!("Inside `.queries[{position}]`: {}", error.message);
    ApiError::new(error.code, message)
}

impl Shared {
    /// Answers the queries in their order; the first that fails fails all.
    fn each(&self, queries: Vec<Query>) -> Result<Answers, ApiError> {
        let answers = queries
            .into_iter()
            .enumerate()
            .map(|(position, query)| self.one(query).map_err(|error| inside(position, error)));
        let results = answers.collect::<Result<Vec<_>, ApiError>>()?;
        Ok(Answers { results })
    }

    fn one(&self, query: Query) -> Result<Named, ApiError> {
        if query.options.is_some() {
            let message = "Using `federationOptions` is not allowed in a non-federated search.\n - Hint: remove `federationOptions` from the query or add `federation` to the request.";
            return Err(ApiError::new(
                codes::INVALID_MULTI_SEARCH_FEDERATION_OPTIONS,
                message,
            ));
        }
        run::check(&query.search, &self.features)?;
        let context = Context {
            index: self.index(&query.index_uid)?,
            uid: query.index_uid.clone(),
            features: self.features.clone(),
            include_metadata: self.include_metadata,
            started: Instant::now(),
        };
        Ok(Named {
            answer: run::run(&context, query.search)?,
            index_uid: query.index_uid,
        })
    }

    /// The index; it is no part of the address here, so that its absence is the request's fault.
    fn index(&self, uid: &str) -> Result<Index, ApiError> {
        self.app.index(uid).map_err(|error| {
            let code = Code {
                status: 400,
                ..error.code
            };
            match error.code == codes::INDEX_NOT_FOUND {
                true => ApiError::new(code, error.message),
                false => error,
            }
        })
    }
}
