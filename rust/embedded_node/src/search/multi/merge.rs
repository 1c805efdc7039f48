//! The facets of several indexes: kept apart, or as one; and taking from them the hits that a distinct rule drops.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use milli_core::{OrderBy, normalize_facet};
use serde::Serialize;
use serde_json::Value;

use super::super::distinct;
use super::super::facets::{Distribution, Facets, Range};
use super::federation::MergeFacets;
use crate::error::{ApiError, codes};

/// The facets of one index, as an answer shows them.
#[derive(Debug, Default, Serialize)]
pub struct Shown {
    pub distribution: Distribution,
    pub stats: BTreeMap<String, Range>,
}

impl From<Facets> for Shown {
    fn from(facets: Facets) -> Self {
        Self {
            distribution: facets.distribution,
            stats: facets.ranges,
        }
    }
}

impl Shown {
    /// Takes back one document's values of one facet; a value that nobody has any more goes.
    pub fn forget(&mut self, facet: &str, values: &[distinct::Value]) {
        let Some(counts) = self.distribution.get_mut(facet) else {
            return;
        };
        for value in values {
            let is_it = |shown: &str| match value {
                distinct::Value::Text(text) => normalize_facet(shown) == *text,
                distinct::Value::Number(bits) => f64::from_bits(*bits).to_string() == shown,
            };
            for (shown, count) in counts.iter_mut() {
                if is_it(shown) {
                    *count = count.as_u64().unwrap_or_default().saturating_sub(1).into();
                }
            }
        }
        counts.retain(|_, count| count.as_u64() != Some(0));
    }
}

/// How the values of each facet are ordered, and which index said so first.
#[derive(Debug, Default)]
pub struct Orders(BTreeMap<String, (String, OrderBy)>);

impl Orders {
    /// Refuses an index that orders the values of a facet otherwise than an earlier one.
    pub fn add(&mut self, facet: &str, uid: &str, order: OrderBy) -> Result<(), ApiError> {
        match self.0.entry(facet.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert((uid.to_owned(), order));
                Ok(())
            }
            Entry::Occupied(entry) if entry.get().1 == order => Ok(()),
            Entry::Occupied(entry) => {
                let (earlier, before) = entry.get();
                let message = format!(
                    "Inconsistent order for values in facet `{facet}`: index `{earlier}` orders {before}, but index `{uid}` orders {order}.\n - Hint: Remove `federation.mergeFacets` or change `faceting.sortFacetValuesBy` to be consistent in settings."
                );
                Err(ApiError::new(
                    codes::INVALID_MULTI_SEARCH_FACET_ORDER,
                    message,
                ))
            }
        }
    }

    /// One set of facets out of those of all indexes, ordered and cut anew.
    pub fn merge(&self, all: Vec<Shown>, options: MergeFacets) -> Shown {
        let mut merged = Shown::default();
        for shown in all {
            for (facet, counts) in shown.distribution {
                let sums = merged.distribution.entry(facet).or_default();
                for (value, count) in counts {
                    let sum = sums.get(&value).and_then(Value::as_u64).unwrap_or_default();
                    sums.insert(value, (sum + count.as_u64().unwrap_or_default()).into());
                }
            }
            for (facet, range) in shown.stats {
                let whole = merged.stats.entry(facet).or_insert(range);
                whole.min = whole.min.min(range.min);
                whole.max = whole.max.max(range.max);
            }
        }
        for (facet, counts) in &mut merged.distribution {
            let order = self.0.get(facet).map(|(_, order)| *order);
            let mut values: Vec<(String, Value)> = std::mem::take(counts).into_iter().collect();
            values.sort_by(|left, right| left.0.cmp(&right.0));
            if order == Some(OrderBy::Count) {
                values.sort_by_key(|(_, count)| std::cmp::Reverse(count.as_u64()));
            }
            values.truncate(options.max_values_per_facet.unwrap_or(usize::MAX));
            *counts = values.into_iter().collect();
        }
        merged
    }
}
