//! One list out of two: the hits by words and the hits by vectors, weighted.

use std::cmp::Ordering;

use milli_core::score_details::{ScoreDetails, ScoreValue};
use milli_core::{DocumentId, SearchResult};
use roaring::RoaringBitmap;

use super::score;

/// The weighted score from which words alone are a good answer.
const GOOD_ENOUGH: f64 = 0.45;

/// Whether the hits by words need no vectors beside them: there are enough, and all are good.
pub fn good_enough(words: &SearchResult, ratio: f32, needed: usize) -> bool {
    let scores = &words.document_scores;
    let good = |details: &Vec<ScoreDetails>| {
        score::global(details) * f64::from(1.0 - ratio) >= GOOD_ENOUGH
    };
    scores.len() >= needed && scores.iter().all(good)
}

/// Merges both lists, the vectors' first among equals, each document once. `equals` adds to a set what the distinct rule
/// takes for equal to a document; without such a rule it adds nothing.
pub fn merge(
    words: SearchResult,
    vectors: SearchResult,
    ratio: f32,
    needed: usize,
    mut equals: impl FnMut(DocumentId, &mut RoaringBitmap) -> milli_core::Result<()>,
) -> milli_core::Result<SearchResult> {
    let mut all = vectors.candidates | words.candidates;
    let mut left = ranked(vectors.documents_ids, vectors.document_scores).peekable();
    let mut right = ranked(words.documents_ids, words.document_scores).peekable();
    let mut taken = RoaringBitmap::new();
    let mut excluded = RoaringBitmap::new();
    let mut merged = SearchResult {
        matching_words: words.matching_words,
        ..SearchResult::default()
    };
    while merged.documents_ids.len() < needed {
        let first = match (left.peek(), right.peek()) {
            (Some(near), Some(word)) => compare(&near.1, ratio, &word.1, 1.0 - ratio).is_ge(),
            (near, _) => near.is_some(),
        };
        let Some((id, details)) = (if first { left.next() } else { right.next() }) else {
            break;
        };
        if taken.contains(id) || excluded.contains(id) {
            continue;
        }
        taken.insert(id);
        equals(id, &mut excluded)?;
        merged.documents_ids.push(id);
        merged.document_scores.push(details);
    }
    all -= excluded;
    merged.candidates = all | taken;
    Ok(merged)
}

fn ranked(
    ids: Vec<DocumentId>,
    scores: Vec<Vec<ScoreDetails>>,
) -> impl Iterator<Item = (DocumentId, Vec<ScoreDetails>)> {
    ids.into_iter().zip(scores)
}

/// Compares two hits by their values in turn; the greater one comes first.
fn compare(
    left: &[ScoreDetails],
    left_weight: f32,
    right: &[ScoreDetails],
    right_weight: f32,
) -> Ordering {
    let mut left = ScoreDetails::score_values(left.iter());
    let mut right = ScoreDetails::score_values(right.iter());
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) => {
                compare_values(one, f64::from(left_weight), other, f64::from(right_weight))
            }
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// A score is better than any sort value, unless it is zero.
fn compare_values(
    left: ScoreValue<'_>,
    left_weight: f64,
    right: ScoreValue<'_>,
    right_weight: f64,
) -> Ordering {
    match (left, right) {
        (ScoreValue::Score(left), ScoreValue::Score(right)) => {
            compare_scores(left * left_weight, right * right_weight)
        }
        (ScoreValue::Sort(left), ScoreValue::Sort(right)) => {
            left.partial_cmp(right).unwrap_or(Ordering::Equal)
        }
        (ScoreValue::GeoSort(left), ScoreValue::GeoSort(right)) => {
            left.partial_cmp(right).unwrap_or(Ordering::Equal)
        }
        (ScoreValue::Score(0.0), _) => Ordering::Less,
        (ScoreValue::Score(_), _) => Ordering::Greater,
        (_, ScoreValue::Score(0.0)) => Ordering::Greater,
        (_, ScoreValue::Score(_)) => Ordering::Less,
        (ScoreValue::Sort(_), ScoreValue::GeoSort(_))
        | (ScoreValue::GeoSort(_), ScoreValue::Sort(_)) => Ordering::Equal,
    }
}

fn compare_scores(left: f64, right: f64) -> Ordering {
    match (left - right).abs() <= f64::EPSILON {
        true => Ordering::Equal,
        false => left.total_cmp(&right),
    }
}
