//! The answers to several queries, each merged already, as one list of hits (exact-merge 6.2).
//!
//! `score` makes a hit's ranking details comparable with those of other queries, `lists` merges, `facets` and `write`
//! make the answer. Each query's own list stands as it is: here nobody knows the hits of single nodes any more.

mod facets;
mod lists;
mod plan;
mod score;
mod write;

pub use plan::{FederatedPlan, Index, Query};

use super::body::Body;
use super::{MergeError, check_text};

/// Merge the answers to the queries of `plan`, in their order. Behind them stand the answers that count the hits of
/// indexes which several queries ask (`Index::counted`).
pub fn merge(
    bodies: &[&[u8]],
    plan: &FederatedPlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> Result<Vec<u8>, MergeError> {
    let bodies = bodies
        .iter()
        .enumerate()
        .map(|(position, body)| Body::read(body).map_err(|what| MergeError { position, what }))
        .collect::<Result<Vec<_>, _>>()?;
    if !plan.fits(bodies.len()) {
        return Err(MergeError {
            position: bodies.len(),
            what: "there are more queries than answers",
        });
    }
    let chosen = lists::choose(&bodies, plan)?;
    let mut out = Vec::new();
    write::hits(&mut out, &bodies, plan, &chosen)?;
    write::head(&mut out, &bodies, plan, processing_time_ms, chosen.total);
    facets::write(&mut out, &bodies, plan)?;
    write::close(&mut out, plan, &chosen, request_uid);
    check_text(&out, &bodies)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
