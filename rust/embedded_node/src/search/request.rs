//! The parameters of a keyword search, as a JSON body carries them.

use deserr::Deserr;
use serde_json::Value;

use crate::params::locales::Locale;
use crate::params::ratio::{ScoreThreshold, SemanticRatio};
use crate::params::{JsonFault, field_codes};

pub const DEFAULT_LIMIT: usize = 20;
pub const DEFAULT_CROP_LENGTH: usize = 10;
pub const DEFAULT_CROP_MARKER: &str = "…";
pub const DEFAULT_PRE_TAG: &str = "<em>";
pub const DEFAULT_POST_TAG: &str = "</em>";
pub const DEFAULT_SEMANTIC_RATIO: SemanticRatio = SemanticRatio(0.5);

field_codes! {
    InvalidQ = INVALID_SEARCH_Q;
    InvalidVector = INVALID_SEARCH_VECTOR;
    InvalidMedia = INVALID_SEARCH_MEDIA;
    InvalidHybrid = INVALID_SEARCH_HYBRID_QUERY;
    InvalidEmbedder = INVALID_SEARCH_EMBEDDER;
    InvalidSemanticRatio = INVALID_SEARCH_SEMANTIC_RATIO;
    InvalidOffset = INVALID_SEARCH_OFFSET;
    InvalidLimit = INVALID_SEARCH_LIMIT;
    InvalidPage = INVALID_SEARCH_PAGE;
    InvalidHitsPerPage = INVALID_SEARCH_HITS_PER_PAGE;
    InvalidRetrieve = INVALID_SEARCH_ATTRIBUTES_TO_RETRIEVE;
    InvalidRetrieveVectors = INVALID_SEARCH_RETRIEVE_VECTORS;
    InvalidCrop = INVALID_SEARCH_ATTRIBUTES_TO_CROP;
    InvalidCropLength = INVALID_SEARCH_CROP_LENGTH;
    InvalidHighlight = INVALID_SEARCH_ATTRIBUTES_TO_HIGHLIGHT;
    InvalidMatchesPosition = INVALID_SEARCH_SHOW_MATCHES_POSITION;
    InvalidScore = INVALID_SEARCH_SHOW_RANKING_SCORE;
    InvalidScoreDetails = INVALID_SEARCH_SHOW_RANKING_SCORE_DETAILS;
    InvalidPerformance = INVALID_SEARCH_SHOW_PERFORMANCE_DETAILS;
    InvalidUseNetwork = INVALID_SEARCH_USE_NETWORK;
    InvalidFilter = INVALID_SEARCH_FILTER;
    InvalidSort = INVALID_SEARCH_SORT;
    InvalidDistinct = INVALID_SEARCH_DISTINCT;
    InvalidFacets = INVALID_SEARCH_FACETS;
    InvalidPreTag = INVALID_SEARCH_HIGHLIGHT_PRE_TAG;
    InvalidPostTag = INVALID_SEARCH_HIGHLIGHT_POST_TAG;
    InvalidCropMarker = INVALID_SEARCH_CROP_MARKER;
    InvalidMatching = INVALID_SEARCH_MATCHING_STRATEGY;
    InvalidSearchOn = INVALID_SEARCH_ATTRIBUTES_TO_SEARCH_ON;
    InvalidThreshold = INVALID_SEARCH_RANKING_SCORE_THRESHOLD;
    InvalidLocales = INVALID_SEARCH_LOCALES;
    InvalidPersonalize = INVALID_SEARCH_PERSONALIZE;
    InvalidUserContext = INVALID_SEARCH_PERSONALIZE_USER_CONTEXT;
}

/// One search. Fields keep the order in which the "unknown field" message lists them.
#[derive(Debug, Clone, Deserr)]
#[deserr(error = JsonFault, rename_all = camelCase, deny_unknown_fields)]
pub struct SearchRequest {
    #[deserr(default, error = JsonFault<InvalidQ>)]
    pub q: Option<String>,
    #[deserr(default, error = JsonFault<InvalidOffset>)]
    pub offset: usize,
    #[deserr(default = DEFAULT_LIMIT, error = JsonFault<InvalidLimit>)]
    pub limit: usize,
    #[deserr(default, error = JsonFault<InvalidPage>)]
    pub page: Option<usize>,
    #[deserr(default, error = JsonFault<InvalidHitsPerPage>)]
    pub hits_per_page: Option<usize>,
    #[deserr(default, error = JsonFault<InvalidRetrieve>)]
    pub attributes_to_retrieve: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidCrop>)]
    pub attributes_to_crop: Option<Vec<String>>,
    #[deserr(default = DEFAULT_CROP_LENGTH, error = JsonFault<InvalidCropLength>)]
    pub crop_length: usize,
    #[deserr(default = DEFAULT_CROP_MARKER.to_owned(), error = JsonFault<InvalidCropMarker>)]
    pub crop_marker: String,
    #[deserr(default, error = JsonFault<InvalidHighlight>)]
    pub attributes_to_highlight: Option<Vec<String>>,
    #[deserr(default = DEFAULT_PRE_TAG.to_owned(), error = JsonFault<InvalidPreTag>)]
    pub highlight_pre_tag: String,
    #[deserr(default = DEFAULT_POST_TAG.to_owned(), error = JsonFault<InvalidPostTag>)]
    pub highlight_post_tag: String,
    #[deserr(default, error = JsonFault<InvalidMatchesPosition>)]
    pub show_matches_position: bool,
    #[deserr(default, error = JsonFault<InvalidFilter>)]
    pub filter: Option<Value>,
    #[deserr(default, error = JsonFault<InvalidSort>)]
    pub sort: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidDistinct>)]
    pub distinct: Option<String>,
    #[deserr(default, error = JsonFault<InvalidFacets>)]
    pub facets: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidMatching>)]
    pub matching_strategy: MatchingStrategy,
    #[deserr(default, error = JsonFault<InvalidSearchOn>)]
    pub attributes_to_search_on: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidThreshold>)]
    pub ranking_score_threshold: Option<ScoreThreshold>,
    #[deserr(default, error = JsonFault<InvalidLocales>)]
    pub locales: Option<Vec<Locale>>,
    #[deserr(default, error = JsonFault<InvalidHybrid>)]
    pub hybrid: Option<Hybrid>,
    #[deserr(default, error = JsonFault<InvalidVector>)]
    pub vector: Option<Vec<f32>>,
    #[deserr(default, error = JsonFault<InvalidRetrieveVectors>)]
    pub retrieve_vectors: bool,
    #[deserr(default, error = JsonFault<InvalidMedia>)]
    pub media: Option<Value>,
    #[deserr(default, error = JsonFault<InvalidPersonalize>)]
    pub personalize: Option<Personalize>,
    #[deserr(default, error = JsonFault<InvalidUseNetwork>)]
    pub use_network: Option<bool>,
    #[deserr(default, error = JsonFault<InvalidScore>)]
    pub show_ranking_score: bool,
    #[deserr(default, error = JsonFault<InvalidScoreDetails>)]
    pub show_ranking_score_details: bool,
    #[deserr(default, error = JsonFault<InvalidPerformance>)]
    #[allow(dead_code, reason = "accepted; timings of single steps are not kept")]
    pub show_performance_details: bool,
}

/// Which words of the query a hit may lack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserr)]
#[deserr(rename_all = camelCase)]
pub enum MatchingStrategy {
    #[default]
    Last,
    All,
    Frequency,
}

/// How far vectors take part in a search.
#[derive(Debug, Clone, PartialEq, Deserr)]
#[deserr(error = JsonFault<InvalidHybrid>, rename_all = camelCase, deny_unknown_fields)]
pub struct Hybrid {
    #[deserr(default = DEFAULT_SEMANTIC_RATIO, error = JsonFault<InvalidSemanticRatio>)]
    pub semantic_ratio: SemanticRatio,
    #[deserr(error = JsonFault<InvalidEmbedder>)]
    pub embedder: String,
}

/// Who searches, in words, for a reranker.
#[derive(Debug, Clone, PartialEq, Deserr)]
#[deserr(error = JsonFault<InvalidPersonalize>, rename_all = camelCase, deny_unknown_fields)]
pub struct Personalize {
    #[deserr(error = JsonFault<InvalidUserContext>)]
    pub user_context: String,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            q: None,
            vector: None,
            media: None,
            hybrid: None,
            offset: 0,
            limit: DEFAULT_LIMIT,
            page: None,
            hits_per_page: None,
            attributes_to_retrieve: None,
            retrieve_vectors: false,
            attributes_to_crop: None,
            crop_length: DEFAULT_CROP_LENGTH,
            attributes_to_highlight: None,
            show_matches_position: false,
            show_ranking_score: false,
            show_ranking_score_details: false,
            show_performance_details: false,
            use_network: None,
            filter: None,
            sort: None,
            distinct: None,
            facets: None,
            highlight_pre_tag: DEFAULT_PRE_TAG.to_owned(),
            highlight_post_tag: DEFAULT_POST_TAG.to_owned(),
            crop_marker: DEFAULT_CROP_MARKER.to_owned(),
            matching_strategy: MatchingStrategy::default(),
            attributes_to_search_on: None,
            ranking_score_threshold: None,
            locales: None,
            personalize: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ApiError;

    fn read(body: Value) -> Result<SearchRequest, ApiError> {
        deserr::deserialize::<SearchRequest, _, JsonFault>(body).map_err(ApiError::from)
    }

    fn refusal(body: Value) -> (String, &'static str) {
        let error = read(body).expect_err("a refusal");
        (error.message, error.code.name)
    }

    #[test]
    fn an_empty_object_is_the_default_search() {
        let request = read(json!({})).expect("valid");
        assert_eq!(
            (request.offset, request.limit, request.crop_length),
            (0, 20, 10)
        );
        assert_eq!(request.matching_strategy, MatchingStrategy::Last);
    }

    #[test]
    fn optional_fields_take_null_and_counted_ones_refuse_it() {
        assert!(read(json!({"q": null, "page": null, "filter": null, "facets": null})).is_ok());
        let (message, code) = refusal(json!({"limit": null}));
        assert_eq!(
            message,
            "Invalid value type at `.limit`: expected a positive integer, but found null"
        );
        assert_eq!(code, "invalid_search_limit");
    }

    #[test]
    fn a_wrong_type_has_the_code_of_its_field() {
        let (message, code) = refusal(json!({"q": ["doggo"]}));
        assert_eq!(
            message,
            "Invalid value type at `.q`: expected a string, but found an array: `[\"doggo\"]`"
        );
        assert_eq!(code, "invalid_search_q");
        assert_eq!(refusal(json!({"facets": "a"})).1, "invalid_search_facets");
        assert_eq!(
            refusal(json!({"attributesToCrop": [1]})).1,
            "invalid_search_attributes_to_crop"
        );
    }

    #[test]
    fn unknown_fields_and_values_list_what_is_accepted() {
        let (message, code) = refusal(json!({"limt": 1}));
        assert!(message.starts_with(
            "Unknown field `limt`: did you mean `limit`? expected one of `q`, `offset`, `limit`"
        ));
        assert_eq!(code, "bad_request");
        let (message, code) = refusal(json!({"matchingStrategy": "doggo"}));
        assert_eq!(
            message,
            "Unknown value `doggo` at `.matchingStrategy`: expected one of `last`, `all`, `frequency`"
        );
        assert_eq!(code, "invalid_search_matching_strategy");
    }

    #[test]
    fn ratios_outside_zero_and_one_are_refused_by_name() {
        let (message, code) = refusal(json!({"rankingScoreThreshold": 1.5}));
        assert_eq!(
            message,
            "Invalid value at `.rankingScoreThreshold`: the value of `rankingScoreThreshold` is invalid, expected a float between `0.0` and `1.0`."
        );
        assert_eq!(code, "invalid_search_ranking_score_threshold");
        let (_, code) = refusal(json!({"hybrid": {"embedder": "a", "semanticRatio": 2}}));
        assert_eq!(code, "invalid_search_semantic_ratio");
        assert_eq!(
            refusal(json!({"hybrid": {}})).0,
            "Missing field `embedder` inside `.hybrid`"
        );
    }
}
