//! The settings of an index as clients read them: all keys, defaults filled in, secrets hidden.

use std::collections::{BTreeMap, BTreeSet};

use milli_core::heed::RoTxn;
use milli_core::vector::settings::EmbeddingSettings;
use milli_core::{DEFAULT_VALUES_PER_FACET, Index, OrderBy};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ALL, redact};
use crate::error::ApiError;

type Result<T> = std::result::Result<T, ApiError>;

const DEFAULT_MAX_TOTAL_HITS: u64 = 1000;

/// All settings, in the documented order.
pub fn all(index: &Index, rtxn: &RoTxn<'_>) -> Result<Map<String, Value>> {
    ALL.iter()
        .map(|setting| Ok((setting.key.to_owned(), one(index, rtxn, setting.key)?)))
        .collect()
}

/// One setting by its key.
pub fn one(index: &Index, rtxn: &RoTxn<'_>, key: &str) -> Result<Value> {
    match key {
        "displayedAttributes" => Ok(starred(index.displayed_fields(rtxn)?)),
        "searchableAttributes" => Ok(starred(index.user_defined_searchable_fields(rtxn)?)),
        "filterableAttributes" => value(index.filterable_attributes_rules(rtxn)?),
        "sortableAttributes" => value(
            index
                .sortable_fields(rtxn)?
                .into_iter()
                .collect::<BTreeSet<_>>(),
        ),
        "rankingRules" => Ok(Value::from(
            index
                .criteria(rtxn)?
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
        )),
        "stopWords" => stop_words(index, rtxn),
        "nonSeparatorTokens" => value(index.non_separator_tokens(rtxn)?.unwrap_or_default()),
        "separatorTokens" => value(index.separator_tokens(rtxn)?.unwrap_or_default()),
        "dictionary" => value(index.dictionary(rtxn)?.unwrap_or_default()),
        "synonyms" => value(index.user_defined_synonyms(rtxn)?),
        "distinctAttribute" => value(index.distinct_field(rtxn)?),
        "proximityPrecision" => value(index.proximity_precision(rtxn)?.unwrap_or_default()),
        "searchCutoffMs" => value(index.search_cutoff(rtxn)?),
        "facetSearch" => value(index.facet_search(rtxn)?),
        "prefixSearch" => value(index.prefix_search(rtxn)?.unwrap_or_default()),
        other => object(index, rtxn, other),
    }
}

fn object(index: &Index, rtxn: &RoTxn<'_>, key: &str) -> Result<Value> {
    match key {
        "typoTolerance" => typo_tolerance(index, rtxn),
        "faceting" => faceting(index, rtxn),
        "pagination" => {
            let hits = index
                .pagination_max_total_hits(rtxn)?
                .unwrap_or(DEFAULT_MAX_TOTAL_HITS);
            Ok(json!({"maxTotalHits": hits}))
        }
        "embedders" => embedders(index, rtxn),
        "localizedAttributes" => localized(index, rtxn),
        other => Err(ApiError::internal(format!("`{other}` is not a setting"))),
    }
}

fn value(value: impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(ApiError::internal)
}

/// `["*"]` where nothing was chosen.
fn starred(names: Option<Vec<&str>>) -> Value {
    names.map_or_else(|| json!(["*"]), Value::from)
}

fn stop_words(index: &Index, rtxn: &RoTxn<'_>) -> Result<Value> {
    let words = index
        .stop_words(rtxn)?
        .map(|set| set.stream().into_strs())
        .transpose();
    value(words.map_err(ApiError::internal)?.unwrap_or_default())
}

fn typo_tolerance(index: &Index, rtxn: &RoTxn<'_>) -> Result<Value> {
    let words = index
        .exact_words(rtxn)?
        .map(|set| set.stream().into_strs())
        .transpose();
    let attributes: BTreeSet<_> = index.exact_attributes(rtxn)?.into_iter().collect();
    Ok(json!({
        "enabled": index.authorize_typos(rtxn)?,
        "minWordSizeForTypos": {
            "oneTypo": index.min_word_len_one_typo(rtxn)?,
            "twoTypos": index.min_word_len_two_typos(rtxn)?,
        },
        "disableOnWords": words.map_err(ApiError::internal)?.unwrap_or_default(),
        "disableOnAttributes": attributes,
        "disableOnNumbers": index.disabled_typos_terms(rtxn)?.is_exact("0"),
    }))
}

fn faceting(index: &Index, rtxn: &RoTxn<'_>) -> Result<Value> {
    let values = index
        .max_values_per_facet(rtxn)?
        .unwrap_or(DEFAULT_VALUES_PER_FACET as u64);
    let orders = index
        .sort_facet_values_by(rtxn)?
        .into_iter()
        .map(|(name, order)| match order {
            OrderBy::Lexicographic => (name, "alpha"),
            OrderBy::Count => (name, "count"),
        });
    Ok(
        json!({"maxValuesPerFacet": values, "sortFacetValuesBy": orders.collect::<BTreeMap<_, _>>()}),
    )
}

fn embedders(index: &Index, rtxn: &RoTxn<'_>) -> Result<Value> {
    let configs = index.embedding_configs(rtxn)?.into_iter();
    let settings: BTreeMap<_, _> = configs
        .map(|config| (config.name, EmbeddingSettings::from(config.config)))
        .collect();
    let mut shown = value(settings)?;
    redact::embedders(&mut shown);
    Ok(shown)
}

fn localized(index: &Index, rtxn: &RoTxn<'_>) -> Result<Value> {
    let Some(rules) = index.localized_attributes_rules(rtxn)? else {
        return Ok(Value::Null);
    };
    let rules = rules.into_iter().map(|rule| {
        let codes: Vec<_> = rule
            .locales
            .iter()
            .map(|language| language.code())
            .collect();
        json!({"attributePatterns": rule.attribute_patterns.patterns, "locales": codes})
    });
    Ok(rules.collect())
}
