//! Several node answers in, one out: the answer that a node holding everything would give.
//!
//! `body` reads what a node answered, `details` makes a hit's ranking details a key, `compare` compares keys, `order`
//! merges the lists (`geo` where a list is sorted by distance), `distinct` drops repeated values, `emit` writes the
//! hits of the page, `facets` sums. Hits are never parsed into values: their bytes are copied.

mod answer;
mod body;
mod compare;
mod details;
mod distinct;
mod emit;
mod facets;
mod order;
mod plan;
mod prune;

use body::Body;
use distinct::Distinct;

pub use facets::normalized;
pub use plan::{FacetOrder, MergePlan, Page};

/// A body that is no search answer: its position among the bodies, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeError {
    pub position: usize,
    pub what: &'static str,
}

/// One answer, and whether a hit that was looked at had been cut off by its node's search cutoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub body: Vec<u8>,
    pub cut_off: bool,
}

/// A hit: which body it is in, and where in that body's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    body: usize,
    hit: usize,
}

/// Merge the answers of nodes that searched disjoint sets of documents.
pub fn merge(
    bodies: &[&[u8]],
    plan: &MergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> Result<Merged, MergeError> {
    let bodies = bodies
        .iter()
        .enumerate()
        .map(|(position, body)| Body::read(body).map_err(|what| MergeError { position, what }))
        .collect::<Result<Vec<_>, _>>()?;
    let mut distinct = plan.distinct.as_deref().map(Distinct::new);
    let chosen = order::choose(&bodies, plan, &mut distinct)?;
    let room = chosen
        .page
        .iter()
        .map(|place| bodies[place.body].hit(place.hit).len() + 1)
        .sum::<usize>()
        + 1024;
    let mut out = Vec::with_capacity(room);
    out.extend_from_slice(b"{\"hits\":[");
    emit::hits(&mut out, &bodies, plan, &chosen.page)?;
    out.extend_from_slice(b"],");
    let total = answer::total(&bodies, plan, distinct.as_ref(), &chosen)?;
    answer::head(&mut out, &bodies, plan, processing_time_ms, total);
    facets::write(&mut out, &bodies, plan)?;
    answer::close(&mut out, request_uid);
    check_text(&out, &bodies)?;
    Ok(Merged {
        body: out,
        cut_off: chosen.cut_off,
    })
}

/// What was copied must be text. Checked on the answer, which is shorter than the bodies; they tell who is to blame.
fn check_text(out: &[u8], bodies: &[Body]) -> Result<(), MergeError> {
    if std::str::from_utf8(out).is_ok() {
        return Ok(());
    }
    let position = bodies
        .iter()
        .position(|body| std::str::from_utf8(body.text()).is_err())
        .unwrap_or_default();
    Err(MergeError {
        position,
        what: "it is no UTF-8",
    })
}

#[cfg(test)]
mod tests;
