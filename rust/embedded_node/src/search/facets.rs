//! Facet counts and numeric ranges over the candidates of a search.

use std::collections::BTreeMap;

use milli_core::{DEFAULT_VALUES_PER_FACET, Index, Object, heed::RoTxn};
use roaring::RoaringBitmap;
use serde::Serialize;

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

/// Counts the values of the named attributes (`*` is all filterable ones), cut and ordered as the index is set.
pub fn compute(
    index: &Index,
    rtxn: &RoTxn<'_>,
    names: &[String],
    candidates: RoaringBitmap,
) -> milli_core::Result<Facets> {
    let order = index.sort_facet_values_by(rtxn)?;
    let max = index.max_values_per_facet(rtxn)?.map_or(DEFAULT_VALUES_PER_FACET, |max| max as usize);
    let mut engine = index.facets_distribution(rtxn);
    engine.max_values_per_facet(max).default_order_by(order.get("*")).candidates(candidates);
    if names.iter().all(|name| name != "*") {
        engine.facets(names.iter().map(|name| (name, order.get(name))));
    }
    let distribution = engine.execute()?.into_iter().map(|(name, counts)| {
        let counts = counts.into_iter().map(|(value, count)| (value, count.into()));
        (name, counts.collect())
    });
    let distribution = distribution.collect();
    let stats = engine.compute_stats()?;
    let ranges = stats.into_iter().map(|(name, (min, max))| (name, Range { min, max })).collect();
    Ok(Facets { distribution, ranges })
}
