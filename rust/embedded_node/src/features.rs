//! The experimental flags: stored, shown and changed here; what they switch lies with their users.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::{App, blocking};
use crate::body;
use crate::error::{ApiError, codes};
use crate::store::Result;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Features {
    pub metrics: bool,
    pub logs_route: bool,
    pub edit_documents_by_function: bool,
    pub contains_filter: bool,
    pub dynamic_search_rules: bool,
    pub network: bool,
    pub get_task_documents_route: bool,
    pub task_queue_compaction_route: bool,
    pub composite_embedders: bool,
    pub chat_completions: bool,
    pub multimodal: bool,
    pub foreign_keys: bool,
    pub disable_documents_fetch_queue: bool,
    pub legacy_search: Option<bool>,
    pub render_route: bool,
}

impl Features {
    /// These flags with those of `patch` changed.
    fn patched(&self, patch: &Map<String, Value>) -> Result<Self> {
        let Value::Object(mut flags) = serde_json::to_value(self).map_err(ApiError::internal)?
        else {
            return Ok(self.clone());
        };
        let names = body::expected(flags.keys().map(String::as_str));
        for (name, value) in patch {
            let Some(flag) = flags.get_mut(name) else {
                return Err(ApiError::new(
                    codes::BAD_REQUEST,
                    format!("Unknown field `{name}`: {names}"),
                ));
            };
            match value {
                Value::Bool(_) => *flag = value.clone(),
                Value::Null => {}
                other => {
                    return Err(body::wrong_type(
                        codes::BAD_REQUEST,
                        &format!(".{name}"),
                        "a boolean",
                        other,
                    ));
                }
            }
        }
        serde_json::from_value(Value::Object(flags)).map_err(ApiError::internal)
    }
}

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/experimental-features", get(show).patch(change))
}

async fn show(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Features>> {
    app.authorize(&headers, "experimental.get", None)?;
    Ok(Json(app.features()))
}

async fn change(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Features>> {
    app.authorize(&headers, "experimental.update", None)?;
    let features = app
        .features()
        .patched(&body::object(&headers, body).await?)?;
    let stored = features.clone();
    blocking(move || app.set_features(stored)).await?;
    Ok(Json(features))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_only_what_it_names() {
        let patch = serde_json::json!({"containsFilter": true});
        let features = Features::default()
            .patched(patch.as_object().unwrap())
            .unwrap();
        assert_eq!(
            features,
            Features {
                contains_filter: true,
                ..Features::default()
            }
        );
    }

    #[test]
    fn an_unknown_flag_is_refused() {
        let patch = serde_json::json!({"nope": true});
        let error = Features::default()
            .patched(patch.as_object().unwrap())
            .unwrap_err();
        assert!(
            error
                .message
                .starts_with("Unknown field `nope`: expected one of `metrics`, `logsRoute`")
        );
    }
}
