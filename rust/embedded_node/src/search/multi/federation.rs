//! The parameters of a federation, and what it forbids its queries. Nothing runs here.

use std::collections::BTreeMap;

use deserr::Deserr;

use super::super::paging::Paging;
use super::super::request::{
    DEFAULT_LIMIT, InvalidDistinct, InvalidHitsPerPage, InvalidLimit, InvalidOffset, InvalidPage,
    InvalidPerformance, InvalidPersonalize, Personalize,
};
use super::super::run::{self, disabled};
use super::query::Query;
use crate::error::{ApiError, codes};
use crate::features::Features;
use crate::params::{JsonFault, field_codes};

field_codes! {
    InvalidFacetsByIndex = INVALID_MULTI_SEARCH_FACETS_BY_INDEX;
    InvalidMerge = INVALID_MULTI_SEARCH_MERGE_FACETS;
    InvalidMaxValues = INVALID_MULTI_SEARCH_MAX_VALUES_PER_FACET;
}

#[derive(Debug, Deserr)]
#[deserr(error = JsonFault, rename_all = camelCase, deny_unknown_fields)]
pub struct Federation {
    #[deserr(default = DEFAULT_LIMIT, error = JsonFault<InvalidLimit>)]
    limit: usize,
    #[deserr(default, error = JsonFault<InvalidOffset>)]
    offset: usize,
    #[deserr(default, error = JsonFault<InvalidPage>)]
    page: Option<usize>,
    #[deserr(default, error = JsonFault<InvalidHitsPerPage>)]
    hits_per_page: Option<usize>,
    #[deserr(default, error = JsonFault<InvalidFacetsByIndex>)]
    pub facets_by_index: BTreeMap<String, Option<Vec<String>>>,
    #[deserr(default, error = JsonFault<InvalidMerge>)]
    pub merge_facets: Option<MergeFacets>,
    #[deserr(default, error = JsonFault<InvalidDistinct>)]
    pub distinct: Option<String>,
    #[deserr(default, error = JsonFault<InvalidPerformance>)]
    #[allow(dead_code, reason = "accepted; timings of single steps are not kept")]
    show_performance_details: bool,
    #[deserr(default, error = JsonFault<InvalidPersonalize>)]
    personalize: Option<Personalize>,
}

#[derive(Debug, Clone, Copy, Deserr)]
#[deserr(error = JsonFault<InvalidMerge>, rename_all = camelCase, deny_unknown_fields)]
pub struct MergeFacets {
    #[deserr(default, error = JsonFault<InvalidMaxValues>)]
    pub max_values_per_facet: Option<usize>,
}

impl Federation {
    pub fn paging(&self) -> Paging {
        Paging::new(self.offset, self.limit, self.page, self.hits_per_page)
    }

    /// What can be said against the federation itself.
    pub fn check(&self) -> Result<(), ApiError> {
        match self.personalize {
            Some(_) => Err(disabled("reranking search results", "personalization", 866)),
            None => Ok(()),
        }
    }

    /// What can be said against a query of this federation without looking at any index.
    pub fn check_query(&self, query: &Query, features: &Features) -> Result<(), ApiError> {
        let refuse = |code, message: String| Err(ApiError::new(code, message));
        if let Some(name) = query.paging {
            let message = format!(
                "Using pagination options is not allowed in federated queries.\n - Hint: remove `{name}` from the query or remove `federation` from the request\n - Hint: pass `federation.limit` and `federation.offset` for pagination in federated search"
            );
            return refuse(codes::INVALID_MULTI_SEARCH_QUERY_PAGINATION, message);
        }
        if let Some(facets) = query.search.facets.as_ref().filter(|list| !list.is_empty()) {
            let uid = &query.index_uid;
            let message = format!(
                "Using facet options is not allowed in federated queries.\n - Hint: remove `facets` from the query or remove `federation` from the request\n - Hint: pass `federation.facetsByIndex.{uid}: {facets:?}` for facets in federated search"
            );
            return refuse(codes::INVALID_MULTI_SEARCH_QUERY_FACETS, message);
        }
        if query.search.personalize.is_some() {
            let message = "Using `.personalize` is not allowed in federated queries.\n - Hint: remove `personalize` from the query or remove `federation` from the request\n - Hint: pass `federation.personalize` for personalization in federated search";
            return refuse(
                codes::INVALID_MULTI_SEARCH_QUERY_PERSONALIZATION,
                message.to_owned(),
            );
        }
        if query.shows_performance {
            let message = "Using `.showPerformanceDetails` is not allowed in federated queries.\n - Hint: remove `showPerformanceDetails` from the query or remove `federation` from the request";
            return refuse(
                codes::INVALID_MULTI_SEARCH_QUERY_SHOW_PERFORMANCE_DETAILS,
                message.to_owned(),
            );
        }
        if query.search.distinct.is_some() && self.distinct.is_some() {
            let message = "Using `distinct` options is not allowed in federated queries when it also appears in `.federation.distinct`.\n - Hint: remove `distinct` from the query or remove `federation` from the request\n  - Note: `distinct` at the query level is discouraged in federated search.";
            return refuse(codes::INVALID_MULTI_SEARCH_DISTINCT, message.to_owned());
        }
        check_network(query, features)?;
        run::check(&query.search, features)
    }
}

fn check_network(query: &Query, features: &Features) -> Result<(), ApiError> {
    let options = query.options.as_ref();
    let remote = options.and_then(|options| options.remote.as_ref());
    let position = options.and_then(|options| options.query_position);
    match (remote, position) {
        (Some(_), _) if !features.network => Err(disabled(
            "Performing a remote federated search",
            "network",
            805,
        )),
        (Some(name), _) => {
            let message =
                format!("Invalid `.federation_options.remote`: remote `{name}` is not registered");
            Err(ApiError::new(codes::INVALID_MULTI_SEARCH_REMOTE, message))
        }
        (None, Some(_)) if !features.network => Err(disabled(
            "Using `federationOptions.queryPosition`",
            "network",
            805,
        )),
        (None, _) => Ok(()),
    }
}
