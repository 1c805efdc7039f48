//! Facet counts and numeric ranges over the candidates of a search.

use std::collections::BTreeMap;

use milli_core::heed::RoTxn;
use milli_core::{
    AttributePatterns, DEFAULT_VALUES_PER_FACET, FilterableAttributesRule, Index, Object,
    PatternMatch, is_faceted_by,
};
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::error::{ApiError, codes};

/// Counts per value (in the order of the answer), per attribute.
pub type Distribution = BTreeMap<String, Object>;

/// The range of an attribute's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    pub min: f64,
    pub max: f64,
}

/// What a search answers about its facets.
#[derive(Debug)]
pub struct Facets {
    pub distribution: Distribution,
    pub ranges: BTreeMap<String, Range>,
}

/// Counts the values of the named attributes, cut and ordered as the index is set. A name that no filterable attribute
/// covers is refused.
pub fn compute(
    index: &Index,
    rtxn: &RoTxn<'_>,
    names: &[String],
    candidates: RoaringBitmap,
) -> Result<Facets, ApiError> {
    let rules = index.filterable_attributes_rules(rtxn)?;
    check(names, &rules)?;
    let order = index.sort_facet_values_by(rtxn)?;
    let max = index
        .max_values_per_facet(rtxn)?
        .map_or(DEFAULT_VALUES_PER_FACET, |max| max as usize);
    let map = index.fields_ids_map(rtxn)?;
    let selected = map.names().filter(|field| {
        is_filterable(field, &rules) && names.iter().any(|name| selects(name, field))
    });
    let mut engine = index.facets_distribution(rtxn);
    engine
        .max_values_per_facet(max)
        .default_order_by(order.get("*"))
        .candidates(candidates);
    engine.facets(selected.map(|field| (field, order.get(field))));
    let distribution = engine.execute()?.into_iter().map(|(name, counts)| {
        let counts = counts
            .into_iter()
            .map(|(value, count)| (value, count.into()));
        (name, counts.collect())
    });
    let distribution = distribution.collect();
    let stats = engine.compute_stats()?;
    let ranges = stats
        .into_iter()
        .map(|(name, (min, max))| (name, Range { min, max }))
        .collect();
    Ok(Facets {
        distribution,
        ranges,
    })
}

/// A facet name selects a field, everything below it, or what its pattern matches.
fn selects(name: &str, field: &str) -> bool {
    is_faceted_by(field, name)
        || AttributePatterns::from(vec![name.to_owned()]).match_str(field) == PatternMatch::Match
}

fn is_filterable(field: &str, rules: &[FilterableAttributesRule]) -> bool {
    let rule = rules
        .iter()
        .find(|rule| rule.match_str(field) == PatternMatch::Match);
    rule.is_some_and(|rule| rule.features().is_filterable())
}

fn check(names: &[String], rules: &[FilterableAttributesRule]) -> Result<(), ApiError> {
    let Some(name) = names
        .iter()
        .find(|name| !is_filterable(name, rules) && !covers_a_pattern(name, rules))
    else {
        return Ok(());
    };
    let mut patterns: Vec<&str> = rules
        .iter()
        .filter(|rule| rule.features().is_filterable())
        .flat_map(patterns_of)
        .collect();
    patterns.sort_unstable();
    let hint = match patterns.is_empty() {
        true => "This index does not have configured filterable attributes.".to_owned(),
        false => format!(
            "Available filterable attributes patterns are: `{}`.",
            patterns.join(", ")
        ),
    };
    let message = format!("Invalid facet distribution: Pattern `{name}` is not filterable. {hint}");
    Err(ApiError::new(codes::INVALID_SEARCH_FACETS, message))
}

/// `*` and the like are accepted where an attribute pattern of the settings falls under them.
fn covers_a_pattern(name: &str, rules: &[FilterableAttributesRule]) -> bool {
    let wanted = AttributePatterns::from(vec![name.to_owned()]);
    rules.iter().any(|rule| match rule {
        FilterableAttributesRule::Field(_) => false,
        FilterableAttributesRule::Pattern(_) => {
            patterns_of(rule).any(|pattern| wanted.match_str(pattern) == PatternMatch::Match)
        }
    })
}

fn patterns_of(rule: &FilterableAttributesRule) -> Box<dyn Iterator<Item = &str> + '_> {
    match rule {
        FilterableAttributesRule::Field(name) => Box::new(std::iter::once(name.as_str())),
        FilterableAttributesRule::Pattern(patterns) => Box::new(
            patterns
                .attribute_patterns
                .patterns
                .iter()
                .map(String::as_str),
        ),
    }
}
