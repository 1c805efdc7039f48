//! From a checked settings object to the engine.

use std::collections::BTreeMap;
use std::str::FromStr;

use milli_core::update::{IndexerConfig, Setting, Settings};
use milli_core::vector::settings::EmbeddingSettings;
use milli_core::{
    self as milli, Criterion, FilterableAttributesPatterns, FilterableAttributesRule, Index,
    LocalizedAttributesRule, OrderBy, heed,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::params::locales::Locale;

type Builder<'a, 't, 'i> = Settings<'a, 't, 'i>;
type Result<T> = std::result::Result<T, ApiError>;

/// Applies a patch inside a transaction; the caller commits. Errors of the engine come back as they are.
pub fn apply<'i>(
    wtxn: &mut heed::RwTxn<'i>,
    index: &'i Index,
    config: &IndexerConfig,
    patch: &Map<String, Value>,
    interrupted: impl Fn() -> bool + Sync,
) -> Result<milli::Result<()>> {
    let mut builder = Settings::new(wtxn, index, config);
    for (key, value) in patch {
        set(&mut builder, key, value)?;
    }
    Ok(builder.execute(|_| (), interrupted))
}

/// Calls the setter with the value, or the resetter for `null`.
macro_rules! set_or_reset {
    ($builder:expr, $value:expr, $set:ident, $reset:ident) => {
        match $value {
            Value::Null => $builder.$reset(),
            value => $builder.$set(read(value)?),
        }
    };
}

fn set(builder: &mut Builder<'_, '_, '_>, key: &str, value: &Value) -> Result<()> {
    match key {
        "displayedAttributes" => displayed(builder, value)?,
        "searchableAttributes" => searchable(builder, value)?,
        "filterableAttributes" => filterable(builder, value)?,
        "sortableAttributes" => {
            set_or_reset!(builder, value, set_sortable_fields, reset_sortable_fields)
        }
        "rankingRules" => ranking_rules(builder, value)?,
        "stopWords" => set_or_reset!(builder, value, set_stop_words, reset_stop_words),
        "nonSeparatorTokens" => {
            set_or_reset!(
                builder,
                value,
                set_non_separator_tokens,
                reset_non_separator_tokens
            )
        }
        "separatorTokens" => {
            set_or_reset!(builder, value, set_separator_tokens, reset_separator_tokens)
        }
        "dictionary" => set_or_reset!(builder, value, set_dictionary, reset_dictionary),
        "synonyms" => set_or_reset!(builder, value, set_synonyms, reset_synonyms),
        "distinctAttribute" => {
            set_or_reset!(builder, value, set_distinct_field, reset_distinct_field)
        }
        "proximityPrecision" => {
            set_or_reset!(
                builder,
                value,
                set_proximity_precision,
                reset_proximity_precision
            )
        }
        "searchCutoffMs" => set_or_reset!(builder, value, set_search_cutoff, reset_search_cutoff),
        "facetSearch" => set_or_reset!(builder, value, set_facet_search, reset_facet_search),
        "prefixSearch" => set_or_reset!(builder, value, set_prefix_search, reset_prefix_search),
        other => set_object(builder, other, value)?,
    }
    Ok(())
}

fn set_object(builder: &mut Builder<'_, '_, '_>, key: &str, value: &Value) -> Result<()> {
    match key {
        "typoTolerance" => typo_tolerance(builder, value),
        "faceting" => faceting(builder, value),
        "pagination" => each_field(value, &["maxTotalHits"], |_, value| {
            set_or_reset!(
                builder,
                value,
                set_pagination_max_total_hits,
                reset_pagination_max_total_hits
            );
            Ok(())
        }),
        "embedders" => embedders(builder, value),
        "localizedAttributes" => localized(builder, value),
        other => Err(ApiError::internal(format!("`{other}` is not a setting"))),
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(ApiError::internal)
}

/// Calls `set` for each field given; for all of them with `null` when the whole is `null`.
fn each_field(
    value: &Value,
    names: &[&str],
    mut set: impl FnMut(&str, &Value) -> Result<()>,
) -> Result<()> {
    for name in names {
        match value {
            Value::Null => set(name, &Value::Null)?,
            other => {
                if let Some(field) = other.get(name) {
                    set(name, field)?;
                }
            }
        }
    }
    Ok(())
}

/// `["*"]` is how clients write "all".
fn is_star(names: &[String]) -> bool {
    names.iter().any(|name| name == "*")
}

fn displayed(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    match read::<Option<Vec<String>>>(value)? {
        Some(names) if !is_star(&names) => builder.set_displayed_fields(names),
        _ => builder.reset_displayed_fields(),
    }
    Ok(())
}

fn searchable(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    match read::<Option<Vec<String>>>(value)? {
        Some(names) if !is_star(&names) => builder.set_searchable_fields(names),
        _ => builder.reset_searchable_fields(),
    }
    Ok(())
}

fn filterable(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    let Value::Array(rules) = value else {
        builder.reset_filterable_fields();
        return Ok(());
    };
    let rules = rules.iter().map(|rule| match rule {
        Value::String(name) => Ok(FilterableAttributesRule::Field(name.clone())),
        other => Ok(FilterableAttributesRule::Pattern(read::<
            FilterableAttributesPatterns,
        >(other)?)),
    });
    builder.set_filterable_fields(rules.collect::<Result<_>>()?);
    Ok(())
}

fn ranking_rules(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    let Some(names) = read::<Option<Vec<String>>>(value)? else {
        builder.reset_criteria();
        return Ok(());
    };
    let rules = names
        .iter()
        .map(|name| Criterion::from_str(name).map_err(ApiError::internal));
    builder.set_criteria(rules.collect::<Result<_>>()?);
    Ok(())
}

fn typo_tolerance(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    let names = [
        "enabled",
        "minWordSizeForTypos",
        "disableOnWords",
        "disableOnAttributes",
        "disableOnNumbers",
    ];
    each_field(value, &names, |name, value| {
        match name {
            "enabled" => set_or_reset!(builder, value, set_autorize_typos, reset_authorize_typos),
            "disableOnWords" => set_or_reset!(builder, value, set_exact_words, reset_exact_words),
            "disableOnAttributes" => {
                set_or_reset!(builder, value, set_exact_attributes, reset_exact_attributes)
            }
            "disableOnNumbers" => set_or_reset!(
                builder,
                value,
                set_disable_on_numbers,
                reset_disable_on_numbers
            ),
            _ => min_word_sizes(builder, value)?,
        }
        Ok(())
    })
}

fn min_word_sizes(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    each_field(value, &["oneTypo", "twoTypos"], |name, value| {
        match name {
            "oneTypo" => set_or_reset!(
                builder,
                value,
                set_min_word_len_one_typo,
                reset_min_word_len_one_typo
            ),
            _ => set_or_reset!(
                builder,
                value,
                set_min_word_len_two_typos,
                reset_min_word_len_two_typos
            ),
        }
        Ok(())
    })
}

fn faceting(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    each_field(
        value,
        &["maxValuesPerFacet", "sortFacetValuesBy"],
        |name, value| {
            match (name, value) {
                ("maxValuesPerFacet", value) => {
                    set_or_reset!(
                        builder,
                        value,
                        set_max_values_per_facet,
                        reset_max_values_per_facet
                    );
                }
                (_, Value::Null) => builder.reset_sort_facet_values_by(),
                (_, value) => {
                    let orders = read::<BTreeMap<String, String>>(value)?;
                    builder.set_sort_facet_values_by(
                        orders
                            .into_iter()
                            .map(|(name, order)| (name, order_by(&order)))
                            .collect(),
                    );
                }
            }
            Ok(())
        },
    )
}

fn order_by(name: &str) -> OrderBy {
    match name {
        "count" => OrderBy::Count,
        _ => OrderBy::Lexicographic,
    }
}

fn embedders(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    match read::<Option<BTreeMap<String, Setting<EmbeddingSettings>>>>(value)? {
        Some(embedders) => builder.set_embedder_settings(embedders),
        None => builder.reset_embedder_settings(),
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LocalizedRule {
    attribute_patterns: Vec<String>,
    locales: Vec<String>,
}

fn localized(builder: &mut Builder<'_, '_, '_>, value: &Value) -> Result<()> {
    let Some(rules) = read::<Option<Vec<LocalizedRule>>>(value)? else {
        builder.reset_localized_attributes_rules();
        return Ok(());
    };
    let rules = rules.into_iter().map(|rule| {
        let languages = rule
            .locales
            .iter()
            .filter_map(|code| Locale::from_code(code))
            .map(|Locale(language)| language)
            .collect();
        LocalizedAttributesRule::new(rule.attribute_patterns, languages)
    });
    builder.set_localized_attributes_rules(rules.collect());
    Ok(())
}
