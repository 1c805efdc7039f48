//! Hits in the order of exact similarity, where nodes rank by vectors of which they kept one bit a dimension.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::break_tie;
use super::geo::sorted;
use crate::json::{Cursor, Flaw, unescape};
use crate::merge::body::Body;
use crate::merge::compare::compare;
use crate::merge::details::{Key, Said};
use crate::merge::plan::Rerank;
use crate::merge::{MergeError, Place};
use crate::rerank::each_vector;

/// The similarities that replace those of the nodes.
pub type Similarities = HashMap<Place, f32>;

/// All hits, ranked anew by the vectors that they bring along.
#[derive(Debug, Default)]
pub struct Reranked {
    pub places: Vec<Place>,
    pub similarities: Similarities,
    pub cut_off: bool,
}

/// Rank all hits of all bodies; None where one of them is sorted by distance too, whose buckets stay the nodes'.
pub fn rerank(bodies: &[Body], by: &Rerank) -> Result<Option<Reranked>, MergeError> {
    let mut keyed = Vec::new();
    let mut out = Reranked::default();
    let mut buffer = Vec::new();
    for (position, body) in bodies.iter().enumerate() {
        for hit in 0..body.len() {
            let place = Place {
                body: position,
                hit,
            };
            let mut key = Key::of(bodies, place)?;
            if key
                .rules
                .iter()
                .any(|(_, said)| matches!(said, Said::Geo(_)))
            {
                return Ok(None);
            }
            out.cut_off |= key.skipped;
            let found = similarity(body, hit, by, &mut buffer);
            let found = found.map_err(|what| MergeError { position, what })?;
            if let Some(similarity) = found.filter(|_| replace(&mut key, found)) {
                out.similarities.insert(place, similarity);
            }
            keyed.push((place, key));
        }
    }
    let in_order = |one: &(Place, Key), other: &(Place, Key)| -> Ordering {
        compare(&one.1, &other.1).then_with(|| break_tie((&one.1, one.0), (&other.1, other.0)))
    };
    out.places = sorted(keyed, &in_order)
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    Ok(Some(out))
}

/// Put a similarity in place of the node's; false where the hit has none.
fn replace(key: &mut Key, similarity: Option<f32>) -> bool {
    for (_, said) in &mut key.rules {
        if let Said::Similarity(known @ Some(_)) = said {
            *known = similarity.map(f64::from);
            return true;
        }
    }
    false
}

/// How near a hit is by the best of its vectors; None without one.
fn similarity(
    body: &Body,
    hit: usize,
    by: &Rerank,
    buffer: &mut Vec<f32>,
) -> Result<Option<f32>, Flaw> {
    let Some(vectors) = body.last_nested(hit, b"_vectors") else {
        return Ok(None);
    };
    let mut cursor = Cursor::new(vectors);
    cursor.expect(b'{')?;
    let (mut first, mut best) = (true, None::<f32>);
    while let Some(name) = cursor.key(first)? {
        first = false;
        let entry = cursor.value()?;
        if &*unescape(name)? == by.embedder.as_bytes() {
            each_vector(entry, buffer, |vector| {
                let near = by.query.to_signs(vector);
                best = best.into_iter().chain(near).reduce(f32::max);
            })?;
        }
    }
    Ok(best)
}
