//! The router: every family of routes once, and what holds for all of them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Uri;
use tower::Layer;
use tower::util::MapRequest;
use tower::util::MapRequestLayer;

use crate::app::App;
use crate::{documents, features, indexes, instance, keys, search, settings, stats, tasks};

/// The whole service. A trailing `/` is cut before routing; body limits are those of the readers.
pub fn service(app: Arc<App>) -> MapRequest<Router, fn(Request) -> Request> {
    let router = Router::new()
        .merge(instance::routes())
        .merge(stats::routes())
        .merge(keys::routes())
        .merge(features::routes())
        .merge(tasks::routes::routes())
        .merge(indexes::routes::routes())
        .merge(settings::routes::routes())
        .merge(documents::write::routes())
        .merge(documents::read::routes())
        .merge(search::routes())
        .layer(DefaultBodyLimit::disable())
        .with_state(app);
    MapRequestLayer::new(trim_path as fn(Request) -> Request).layer(router)
}

fn trim_path(mut request: Request) -> Request {
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() || trimmed.len() == path.len() {
        return request;
    }
    let target = match request.uri().query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    };
    if let Ok(uri) = target.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn trimmed(uri: &str) -> String {
        let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
        trim_path(request).uri().to_string()
    }

    #[test]
    fn a_trailing_slash_is_cut_and_the_query_stays() {
        assert_eq!(trimmed("/indexes/"), "/indexes");
        assert_eq!(trimmed("/indexes/?limit=1"), "/indexes?limit=1");
        assert_eq!(trimmed("/"), "/");
    }
}
