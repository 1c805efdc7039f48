//! Which of two hits of different queries comes first: their weighted scores, rule group by rule group.

use std::cmp::Ordering;

use milli_core::score_details::{ScoreDetails, WeightedScoreValue, compare_sort_values};

/// What a hit is compared by.
pub struct Key {
    values: Vec<WeightedScoreValue>,
    /// The ranking score times the weight of the query.
    pub score: f64,
    /// The place of the query in the request.
    position: usize,
}

impl Key {
    /// `score` is the hit's own ranking score.
    pub fn new(details: &[ScoreDetails], score: f64, weight: f64, position: usize) -> Self {
        Self {
            values: ScoreDetails::weighted_score_values(details.iter(), weight).collect(),
            score: score * weight,
            position,
        }
    }

    /// `Less` is the one that comes first.
    pub fn compare(&self, other: &Self) -> Ordering {
        let better = compare_values(&self.values, &other.values)
            .unwrap_or_else(|| self.score.total_cmp(&other.score));
        better.reverse().then(self.position.cmp(&other.position))
    }
}

/// `Greater` is better; nothing where the kinds of the first difference cannot be compared.
fn compare_values(left: &[WeightedScoreValue], right: &[WeightedScoreValue]) -> Option<Ordering> {
    for (one, other) in left.iter().zip(right) {
        match compare_value(one, other) {
            Some(Ordering::Equal) => {}
            Some(order) => return Some(order),
            None if left.len() == right.len() => return None,
            None => return Some(left.len().cmp(&right.len())),
        }
    }
    Some(left.len().cmp(&right.len()))
}

fn compare_value(left: &WeightedScoreValue, right: &WeightedScoreValue) -> Option<Ordering> {
    use WeightedScoreValue::{GeoSort, Sort, VectorSort, WeightedScore};
    match (left, right) {
        (WeightedScore(left) | VectorSort(left), WeightedScore(right) | VectorSort(right)) => {
            Some(compare_scores(*left, *right))
        }
        (
            Sort { asc, value },
            Sort {
                asc: same,
                value: other,
            },
        ) if asc == same => Some(compare_sort_values(*asc, value, other)),
        (
            GeoSort { asc, distance },
            GeoSort {
                asc: same,
                distance: other,
            },
        ) if asc == same => Some(compare_distances(*distance, *other)),
        _ => None,
    }
}

/// As in 1.50, the larger distance is the better one whatever the direction; none is the worst.
fn compare_distances(left: Option<f64>, right: Option<f64>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => compare_scores(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

fn compare_scores(left: f64, right: f64) -> Ordering {
    match (left - right).abs() <= f64::EPSILON {
        true => Ordering::Equal,
        false => left.total_cmp(&right),
    }
}

/// Merges ranked lists without changing the order within any of them.
pub fn merge<T>(lists: Vec<Vec<T>>, key: impl Fn(&T) -> &Key) -> Vec<T> {
    let mut lists: Vec<_> = lists
        .into_iter()
        .map(|list| list.into_iter().peekable())
        .collect();
    let mut merged = Vec::new();
    loop {
        let mut first: Option<usize> = None;
        for place in 0..lists.len() {
            let (before, rest) = lists.split_at_mut(place);
            let Some(head) = rest[0].peek() else {
                continue;
            };
            let is_first = match first.and_then(|first| before[first].peek()) {
                Some(best) => key(head).compare(key(best)).is_lt(),
                None => true,
            };
            if is_first {
                first = Some(place);
            }
        }
        match first.and_then(|first| lists[first].next()) {
            Some(item) => merged.push(item),
            None => return merged,
        }
    }
}
