//! The query-string form of a search, turned into the same request as the JSON body.

use deserr::Deserr;
use serde_json::Value;

use super::request::*;
use crate::error::{ApiError, codes};
use crate::params::fault::QueryFault;
use crate::params::locales::Locale;
use crate::params::ratio::{ScoreThreshold, SemanticRatio};
use crate::params::{Csv, Param};

#[derive(Debug, Deserr)]
#[deserr(error = QueryFault, rename_all = camelCase, deny_unknown_fields)]
pub struct SearchForm {
    #[deserr(default, error = QueryFault<InvalidQ>)]
    q: Option<String>,
    #[deserr(default, error = QueryFault<InvalidOffset>)]
    offset: Param<usize>,
    #[deserr(default = Param(DEFAULT_LIMIT), error = QueryFault<InvalidLimit>)]
    limit: Param<usize>,
    #[deserr(default, error = QueryFault<InvalidPage>)]
    page: Option<Param<usize>>,
    #[deserr(default, error = QueryFault<InvalidHitsPerPage>)]
    hits_per_page: Option<Param<usize>>,
    #[deserr(default, error = QueryFault<InvalidRetrieve>)]
    attributes_to_retrieve: Option<Csv<String>>,
    #[deserr(default, error = QueryFault<InvalidCrop>)]
    attributes_to_crop: Option<Csv<String>>,
    #[deserr(default = Param(DEFAULT_CROP_LENGTH), error = QueryFault<InvalidCropLength>)]
    crop_length: Param<usize>,
    #[deserr(default = DEFAULT_CROP_MARKER.to_owned(), error = QueryFault<InvalidCropMarker>)]
    crop_marker: String,
    #[deserr(default, error = QueryFault<InvalidHighlight>)]
    attributes_to_highlight: Option<Csv<String>>,
    #[deserr(default = DEFAULT_PRE_TAG.to_owned(), error = QueryFault<InvalidPreTag>)]
    highlight_pre_tag: String,
    #[deserr(default = DEFAULT_POST_TAG.to_owned(), error = QueryFault<InvalidPostTag>)]
    highlight_post_tag: String,
    #[deserr(default, error = QueryFault<InvalidMatchesPosition>)]
    show_matches_position: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidFilter>)]
    filter: Option<String>,
    #[deserr(default, error = QueryFault<InvalidSort>)]
    sort: Option<String>,
    #[deserr(default, error = QueryFault<InvalidDistinct>)]
    distinct: Option<String>,
    #[deserr(default, error = QueryFault<InvalidFacets>)]
    facets: Option<Csv<String>>,
    #[deserr(default, error = QueryFault<InvalidMatching>)]
    matching_strategy: MatchingStrategy,
    #[deserr(default, error = QueryFault<InvalidSearchOn>)]
    attributes_to_search_on: Option<Csv<String>>,
    #[deserr(default, error = QueryFault<InvalidThreshold>)]
    ranking_score_threshold: Option<Param<ScoreThreshold>>,
    #[deserr(default, error = QueryFault<InvalidLocales>)]
    locales: Option<Csv<Param<Locale>>>,
    #[deserr(default, error = QueryFault<InvalidEmbedder>)]
    hybrid_embedder: Option<String>,
    #[deserr(default, error = QueryFault<InvalidSemanticRatio>)]
    hybrid_semantic_ratio: Option<Param<SemanticRatio>>,
    #[deserr(default, error = QueryFault<InvalidVector>)]
    vector: Option<Csv<Param<f32>>>,
    #[deserr(default, error = QueryFault<InvalidRetrieveVectors>)]
    retrieve_vectors: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidUserContext>)]
    personalize_user_context: Option<String>,
    #[deserr(default, error = QueryFault<InvalidUseNetwork>)]
    use_network: Option<Param<bool>>,
    #[deserr(default, error = QueryFault<InvalidScore>)]
    show_ranking_score: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidScoreDetails>)]
    show_ranking_score_details: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidPerformance>)]
    show_performance_details: Param<bool>,
}

impl SearchForm {
    /// The same search as a body would ask for it.
    pub fn into_request(self) -> Result<SearchRequest, ApiError> {
        if self.hybrid_embedder.is_none()
            && self.hybrid_semantic_ratio.is_none()
            && self.vector.is_some()
        {
            let message = "`hybridEmbedder` is mandatory when `vector` is present";
            return Err(ApiError::new(codes::MISSING_SEARCH_HYBRID, message));
        }
        let hybrid = hybrid(self.hybrid_embedder, self.hybrid_semantic_ratio)?;
        Ok(SearchRequest {
            q: self.q,
            vector: self
                .vector
                .map(|list| list.0.into_iter().map(|item| item.0).collect()),
            media: None,
            hybrid,
            offset: self.offset.0,
            limit: self.limit.0,
            page: self.page.map(|page| page.0),
            hits_per_page: self.hits_per_page.map(|hits| hits.0),
            attributes_to_retrieve: list(self.attributes_to_retrieve),
            retrieve_vectors: self.retrieve_vectors.0,
            attributes_to_crop: list(self.attributes_to_crop),
            crop_length: self.crop_length.0,
            attributes_to_highlight: list(self.attributes_to_highlight),
            show_matches_position: self.show_matches_position.0,
            show_ranking_score: self.show_ranking_score.0,
            show_ranking_score_details: self.show_ranking_score_details.0,
            show_performance_details: self.show_performance_details.0,
            use_network: self.use_network.map(|flag| flag.0),
            filter: self.filter.map(filter_from_text),
            sort: self.sort.as_deref().map(split_sort),
            distinct: self.distinct,
            facets: list(self.facets),
            highlight_pre_tag: self.highlight_pre_tag,
            highlight_post_tag: self.highlight_post_tag,
            crop_marker: self.crop_marker,
            matching_strategy: self.matching_strategy,
            attributes_to_search_on: list(self.attributes_to_search_on),
            ranking_score_threshold: self.ranking_score_threshold.map(|threshold| threshold.0),
            locales: self
                .locales
                .map(|csv| csv.0.into_iter().map(|locale| locale.0).collect()),
            personalize: self
                .personalize_user_context
                .map(|user_context| Personalize { user_context }),
        })
    }
}

fn list(csv: Option<Csv<String>>) -> Option<Vec<String>> {
    csv.map(|csv| csv.0)
}

fn hybrid(
    embedder: Option<String>,
    ratio: Option<Param<SemanticRatio>>,
) -> Result<Option<Hybrid>, ApiError> {
    match (embedder, ratio) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ApiError::new(
            codes::INVALID_SEARCH_HYBRID_QUERY,
            "`hybridEmbedder` is mandatory when `hybridSemanticRatio` is present",
        )),
        (Some(embedder), ratio) => {
            let semantic_ratio = ratio.map_or(DEFAULT_SEMANTIC_RATIO, |ratio| ratio.0);
            Ok(Some(Hybrid {
                embedder,
                semantic_ratio,
            }))
        }
    }
}

/// A filter in a query string: JSON where it is valid JSON, else the expression itself.
pub fn filter_from_text(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// A comma separated list of criteria; the comma inside `_geoPoint(lat, lng)` does not separate.
pub fn split_sort(text: &str) -> Vec<String> {
    let mut criteria: Vec<String> = Vec::new();
    let mut open = false;
    for piece in text.split(',') {
        match criteria.last_mut() {
            Some(last) if open => {
                last.push(',');
                last.push_str(piece);
            }
            _ => criteria.push(piece.trim().to_owned()),
        }
        let joined = criteria.last().map(String::as_str).unwrap_or_default();
        open = joined.starts_with("_geoPoint(") && !joined.contains(')');
    }
    criteria
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;
    use serde_json::json;

    use super::*;
    use crate::params::query_string;

    fn read(query: &str) -> Result<SearchRequest, ApiError> {
        let uri: Uri = format!("/indexes/a/search?{query}").parse().expect("uri");
        query_string::<SearchForm>(&uri)?.into_request()
    }

    #[test]
    fn lists_filters_and_sorts_are_read_from_text() {
        let request = read(
            "q=a%20b&facets=x,y&filter=%5B%22a%20%3D%201%22%5D&sort=_geoPoint(1,2):asc,year:desc",
        )
        .expect("valid");
        assert_eq!(request.q.as_deref(), Some("a b"));
        assert_eq!(request.facets, Some(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(request.filter, Some(json!(["a = 1"])));
        assert_eq!(
            request.sort,
            Some(vec![
                "_geoPoint(1,2):asc".to_owned(),
                "year:desc".to_owned()
            ])
        );
        assert_eq!(
            read("filter=a%20%3D%201").expect("valid").filter,
            Some(json!("a = 1"))
        );
    }

    #[test]
    fn codes_are_those_of_the_body_form() {
        assert_eq!(
            read("limit=x").expect_err("limit").code.name,
            "invalid_search_limit"
        );
        assert_eq!(
            read("matchingStrategy=x").expect_err("strategy").code.name,
            "invalid_search_matching_strategy"
        );
        assert_eq!(
            read("hybridSemanticRatio=0.5")
                .expect_err("ratio")
                .code
                .name,
            "invalid_search_hybrid_query"
        );
        assert_eq!(
            read("rankingScoreThreshold=2")
                .expect_err("score")
                .code
                .name,
            "invalid_search_ranking_score_threshold"
        );
    }
}
