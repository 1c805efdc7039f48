//! One query of a multi-search: a search with its index, and its part in a federation.

use std::convert::Infallible;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, Value, ValueKind,
    ValuePointerRef, take_cf_content,
};
use serde_json::Value as Json;

use super::super::request::SearchRequest;
use crate::indexes::uid;
use crate::params::fault::{Refused, missing};
use crate::params::{JsonFault, field_codes};

field_codes! {
    InvalidUid = INVALID_INDEX_UID;
    MissingUid = MISSING_INDEX_UID;
    InvalidWeight = INVALID_MULTI_SEARCH_WEIGHT;
    InvalidRemote = INVALID_MULTI_SEARCH_REMOTE;
    InvalidPosition = INVALID_MULTI_SEARCH_QUERY_POSITION;
}

const NEGATIVE: &str = "the value of `weight` is invalid, expected a positive float (>= 0.0).";

/// How much the scores of a query count.
#[derive(Debug, Clone, Copy, PartialEq, Deserr)]
#[deserr(try_from(f64) = Weight::checked -> Refused)]
pub struct Weight(pub f64);

impl Default for Weight {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Weight {
    fn checked(value: f64) -> Result<Self, Refused> {
        match value < 0.0 {
            true => Err(Refused(NEGATIVE.to_owned())),
            false => Ok(Self(value)),
        }
    }
}

#[derive(Debug, Clone, Default, Deserr)]
#[deserr(error = JsonFault, rename_all = camelCase, deny_unknown_fields)]
pub struct Options {
    #[deserr(default, error = JsonFault<InvalidWeight>)]
    pub weight: Weight,
    #[deserr(default, error = JsonFault<InvalidRemote>)]
    pub remote: Option<String>,
    #[deserr(default, error = JsonFault<InvalidPosition>)]
    pub query_position: Option<usize>,
}

#[derive(Debug)]
struct Uid(String);

impl<E: DeserializeError> Deserr<E> for Uid {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, E> {
        let text = String::deserialize_from_value(value, location)?;
        uid::check(&text).map(|()| Self(text)).map_err(|error| {
            let kind = ErrorKind::Unexpected { msg: error.message };
            take_cf_content(E::error::<Infallible>(None, kind, location))
        })
    }
}

#[derive(Debug)]
pub struct Query {
    pub index_uid: String,
    pub search: SearchRequest,
    pub options: Option<Options>,
    /// The first parameter given that pages: a federation pages by itself.
    pub paging: Option<&'static str>,
    pub shows_performance: bool,
}

impl Deserr<JsonFault> for Query {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, JsonFault> {
        let mut given = match Json::from(value) {
            Json::Object(given) => given,
            other => return Err(no_object(other, location)),
        };
        let Some(uid) = given.remove("indexUid") else {
            return Err(missing::<MissingUid>("indexUid", location));
        };
        let uid = uid_of(uid, location.push_key("indexUid"))?;
        let options = given.remove("federationOptions").unwrap_or(Json::Null);
        let place = location.push_key("federationOptions");
        let options = Option::<Options>::deserialize_from_value(options.into_value(), place)?;
        let is_given = |name: &&str| given.get(*name).is_some_and(|value| !value.is_null());
        let paging = PAGING.into_iter().find(|name| is_given(name));
        let shows_performance = is_given(&"showPerformanceDetails");
        // A parameter without a value is one that is not given.
        given.retain(|name, value| !(value.is_null() && OPTIONAL.contains(&name.as_str())));
        let search = Json::Object(given).into_value();
        let search =
            SearchRequest::deserialize_from_value(search, location).map_err(with_own_fields)?;
        Ok(Self {
            index_uid: uid,
            search,
            options,
            paging,
            shows_performance,
        })
    }
}

const PAGING: [&str; 4] = ["offset", "limit", "page", "hitsPerPage"];
const OPTIONAL: [&str; 3] = ["offset", "limit", "showPerformanceDetails"];

fn no_object(given: Json, location: ValuePointerRef) -> JsonFault {
    let kind = ErrorKind::IncorrectValueKind {
        actual: given.into_value(),
        accepted: &[ValueKind::Map],
    };
    take_cf_content(JsonFault::error::<Json>(None, kind, location))
}

fn uid_of(value: Json, location: ValuePointerRef) -> Result<String, JsonFault> {
    Uid::deserialize_from_value(value.into_value(), location)
        .map(|uid| uid.0)
        .map_err(|fault: JsonFault<InvalidUid>| {
            take_cf_content(JsonFault::merge(None, fault, location))
        })
}

/// An unknown field is told with all that a query knows.
fn with_own_fields(mut fault: JsonFault) -> JsonFault {
    if fault.message.starts_with("Unknown field ") {
        let message = fault
            .message
            .replace("one of `q`", "one of `indexUid`, `q`");
        fault.message = format!("{message}, `federationOptions`");
    }
    fault
}
