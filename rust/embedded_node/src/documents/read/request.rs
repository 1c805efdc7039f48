//! The parameters of document reads, in both forms.

use deserr::Deserr;
use serde_json::Value;

use crate::params::fault::QueryFault;
use crate::params::{Csv, JsonFault, Param, field_codes};
use crate::search::query_form::{filter_from_text, split_sort};

const DEFAULT_LIMIT: usize = 20;

field_codes! {
    InvalidOffset = INVALID_DOCUMENT_OFFSET;
    InvalidLimit = INVALID_DOCUMENT_LIMIT;
    InvalidFields = INVALID_DOCUMENT_FIELDS;
    InvalidRetrieveVectors = INVALID_DOCUMENT_RETRIEVE_VECTORS;
    InvalidIds = INVALID_DOCUMENT_IDS;
    InvalidFilter = INVALID_DOCUMENT_FILTER;
    InvalidSort = INVALID_DOCUMENT_SORT;
    InvalidUseNetwork = INVALID_DOCUMENT_USE_NETWORK;
}

/// A list of documents, as a body asks for it.
#[derive(Debug, Clone, Deserr)]
#[deserr(error = JsonFault, rename_all = camelCase, deny_unknown_fields)]
pub struct ListRequest {
    #[deserr(default, error = JsonFault<InvalidOffset>)]
    pub offset: usize,
    #[deserr(default = DEFAULT_LIMIT, error = JsonFault<InvalidLimit>)]
    pub limit: usize,
    #[deserr(default, error = JsonFault<InvalidFields>)]
    pub fields: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidRetrieveVectors>)]
    pub retrieve_vectors: bool,
    #[deserr(default, error = JsonFault<InvalidIds>)]
    pub ids: Option<Vec<Value>>,
    #[deserr(default, error = JsonFault<InvalidFilter>)]
    pub filter: Option<Value>,
    #[deserr(default, error = JsonFault<InvalidSort>)]
    pub sort: Option<Vec<String>>,
    #[deserr(default, error = JsonFault<InvalidUseNetwork>)]
    pub use_network: Option<bool>,
}

/// The same list, as a query string asks for it.
#[derive(Debug, Deserr)]
#[deserr(error = QueryFault, rename_all = camelCase, deny_unknown_fields)]
pub struct ListForm {
    #[deserr(default, error = QueryFault<InvalidOffset>)]
    offset: Param<usize>,
    #[deserr(default = Param(DEFAULT_LIMIT), error = QueryFault<InvalidLimit>)]
    limit: Param<usize>,
    #[deserr(default, error = QueryFault<InvalidFields>)]
    fields: Option<Csv<String>>,
    #[deserr(default, error = QueryFault<InvalidRetrieveVectors>)]
    retrieve_vectors: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidIds>)]
    ids: Option<Csv<String>>,
    #[deserr(default, error = QueryFault<InvalidFilter>)]
    filter: Option<String>,
    #[deserr(default, error = QueryFault<InvalidSort>)]
    sort: Option<String>,
    /// A query string has no booleans of its own, so that every value of this parameter is refused.
    #[deserr(default, error = QueryFault<InvalidUseNetwork>)]
    use_network: Option<bool>,
}

impl ListForm {
    pub fn into_request(self) -> ListRequest {
        ListRequest {
            offset: self.offset.0,
            limit: self.limit.0,
            fields: starred(self.fields),
            retrieve_vectors: self.retrieve_vectors.0,
            ids: self
                .ids
                .map(|csv| csv.0.into_iter().map(Value::String).collect()),
            filter: self.filter.map(filter_from_text),
            sort: self.sort.as_deref().map(split_sort),
            use_network: self.use_network,
        }
    }
}

/// A list of names; `*` among them is no list at all.
fn starred(list: Option<Csv<String>>) -> Option<Vec<String>> {
    list.map(|csv| csv.0)
        .filter(|names| !names.iter().any(|name| name == "*"))
}

/// One document.
#[derive(Debug, Default, Deserr)]
#[deserr(error = QueryFault, rename_all = camelCase, deny_unknown_fields)]
pub struct OneForm {
    #[deserr(default, error = QueryFault<InvalidFields>)]
    fields: Option<Csv<String>>,
    #[deserr(default, error = QueryFault<InvalidRetrieveVectors>)]
    pub retrieve_vectors: Param<bool>,
    #[deserr(default, error = QueryFault<InvalidUseNetwork>)]
    #[allow(dead_code, reason = "no value of it is ever accepted, as in the list")]
    use_network: Option<bool>,
}

impl OneForm {
    /// The wanted fields; none named is all of them.
    pub fn wanted(&self) -> Option<Vec<String>> {
        starred(self.fields.clone())
    }
}
