//! Which of two hits of different queries comes first, as an engine decides it.

use std::cmp::Ordering;

use super::{Part, Score};
use crate::merge::details::SortValue;

impl Score<'_> {
    /// Greater is better. Scores that differ by no more than the last bit are equal, as they are for an engine.
    pub fn compare(&self, other: &Self) -> Ordering {
        let pairs = self.parts.iter().zip(&other.parts).enumerate();
        for (at, (one, against)) in pairs {
            match compare_part(one, against) {
                Some(Ordering::Equal) => {}
                Some(order) => return order,
                // Of kinds that cannot be compared, the hit wins of which more rules are left; then the global score.
                None => {
                    let left = self.parts.len() - at;
                    let right = other.parts.len() - at;
                    return left
                        .cmp(&right)
                        .then_with(|| self.global.total_cmp(&other.global));
                }
            }
        }
        self.parts.len().cmp(&other.parts.len())
    }
}

fn compare_part(one: &Part, other: &Part) -> Option<Ordering> {
    match (one, other) {
        (Part::Weighted(a), Part::Weighted(b)) => Some(compare_numbers(*a, *b)),
        (
            Part::Sort {
                value: a,
                descending,
            },
            Part::Sort {
                value: b,
                descending: against,
            },
        ) => (descending == against).then(|| compare_values(a, b, *descending)),
        (
            Part::Distance {
                metres: a,
                descending,
            },
            Part::Distance {
                metres: b,
                descending: against,
            },
        ) => (descending == against).then(|| compare_distances(*a, *b)),
        _ => None,
    }
}

fn compare_numbers(one: f64, other: f64) -> Ordering {
    match (one - other).abs() <= f64::EPSILON {
        true => Ordering::Equal,
        false => one.total_cmp(&other),
    }
}

fn compare_values(one: &SortValue, other: &SortValue, descending: bool) -> Ordering {
    let directed = |ascending: Ordering| match descending {
        true => ascending,
        false => ascending.reverse(),
    };
    match (one, other) {
        (SortValue::Number(a), SortValue::Number(b)) => {
            directed(a.partial_cmp(b).unwrap_or(Ordering::Equal))
        }
        (SortValue::Text(a), SortValue::Text(b)) => directed(a.cmp(b)),
        (SortValue::Nothing, SortValue::Nothing) => Ordering::Equal,
        (SortValue::Number(_), _) | (SortValue::Text(_), SortValue::Nothing) => Ordering::Greater,
        _ => Ordering::Less,
    }
}

/// The larger distance wins in both directions: that is what an engine does.
fn compare_distances(one: Option<f64>, other: Option<f64>) -> Ordering {
    match (one, other) {
        (Some(a), Some(b)) => compare_numbers(a, b),
        _ => one.is_some().cmp(&other.is_some()),
    }
}
