//! Several node answers in, one out: the answer that a node holding everything would give.
//!
//! `body` reads what a node answered, `details` makes a hit's ranking details a key, `compare` compares keys, `order`
//! merges the lists (`geo` where a list is sorted by distance), `distinct` drops repeated values, `emit` writes the
//! hits of the page on one scale (`harmony`), `facets` sums. Hits are never parsed into values: their bytes are copied.
//! `federated` merges once more, the answers to several queries.

mod answer;
mod body;
mod compare;
mod deep;
mod details;
mod distinct;
mod emit;
mod facets;
pub mod federated;
mod harmony;
mod identity;
mod order;
mod plan;
mod prune;

use body::Body;
use deep::Contents;
use distinct::Distinct;
use harmony::Harmony;

pub use deep::Stamps;
pub use facets::normalized;
pub use plan::{FacetOrder, Hybrid, MergePlan, Page, Rerank};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    body: usize,
    hit: usize,
}

/// The answers to one search, taken apart.
///
/// A hybrid search may have asked in two legs: then the first `words` bodies answered by words alone, and those behind
/// them by vectors; these tell totals and facets, since vectors reach all that words do. Else `words` is 0.
struct Answers<'a, 'b> {
    bodies: &'b [Body<'a>],
    words: usize,
}

impl<'a, 'b> Answers<'a, 'b> {
    /// The bodies of which totals and facets are sums.
    fn counted(&self) -> &'b [Body<'a>] {
        &self.bodies[self.words..]
    }
}

/// Merge the answers of nodes that searched disjoint sets of documents.
pub fn merge(
    bodies: &[&[u8]],
    plan: &MergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> Result<Merged, MergeError> {
    merge_legs(&[], bodies, plan, processing_time_ms, request_uid)
}

/// Merge the answers by words and those by vectors of one hybrid search; positions in errors count both, words first.
pub fn merge_legs(
    words: &[&[u8]],
    others: &[&[u8]],
    plan: &MergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> Result<Merged, MergeError> {
    let bodies = read(words.iter().chain(others))?;
    let answers = Answers {
        bodies: &bodies,
        words: words.len(),
    };
    compose(&answers, None, plan, processing_time_ms, request_uid)
}

/// Which hits stand on the page, where the answers hold their stamps and no contents.
pub fn page_stamps(bodies: &[&[u8]], plan: &MergePlan) -> Result<Vec<Stamps>, MergeError> {
    stamps_of(&read(bodies.iter())?, plan)
}

fn stamps_of(bodies: &[Body], plan: &MergePlan) -> Result<Vec<Stamps>, MergeError> {
    let answers = Answers { bodies, words: 0 };
    let mut distinct = plan.distinct.as_deref().map(Distinct::new);
    let chosen = order::choose(&answers, plan, &mut distinct)?;
    deep::stamps(bodies, &chosen.page)
}

/// The answer whose hits `bodies` rank and `contents` hold; None when a hit of the page has no contents any more.
/// Positions in errors are those of bodies, then of contents.
pub fn merge_page(
    bodies: &[&[u8]],
    contents: &[&[u8]],
    plan: &MergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> Result<Option<Merged>, MergeError> {
    let located = |error| behind(bodies.len(), error);
    let held = read(contents.iter()).map_err(located)?;
    let contents = Contents::read(&held).map_err(located)?;
    let bodies = &read(bodies.iter())?;
    if !contents.are_of(&stamps_of(bodies, plan)?) {
        return Ok(None);
    }
    let answers = Answers { bodies, words: 0 };
    let contents = Some(&contents);
    compose(&answers, contents, plan, processing_time_ms, request_uid).map(Some)
}

fn compose<'a>(
    answers: &Answers<'a, '_>,
    contents: Option<&Contents<'a, '_>>,
    plan: &MergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> Result<Merged, MergeError> {
    let bodies = answers.bodies;
    let mut distinct = plan.distinct.as_deref().map(Distinct::new);
    let chosen = order::choose(answers, plan, &mut distinct)?;
    let room = chosen
        .page
        .iter()
        .map(|place| bodies[place.body].hit(place.hit).len() + 1)
        .sum::<usize>()
        + 1024;
    let mut out = Vec::with_capacity(room);
    out.extend_from_slice(b"{\"hits\":[");
    let harmony = Harmony::of(bodies, plan)?;
    emit::hits(&mut out, bodies, contents, plan, &harmony, &chosen)?;
    out.extend_from_slice(b"],");
    let counted = answers.counted();
    let located = |error| behind(answers.words, error);
    let total = answer::total(counted, plan, distinct.as_ref(), &chosen).map_err(located)?;
    answer::head(&mut out, counted, plan, processing_time_ms, total);
    facets::write(&mut out, counted, plan).map_err(located)?;
    let semantic_hits = answer::semantic_hits(bodies, plan, &chosen.page)?;
    answer::close(&mut out, request_uid, semantic_hits);
    check_text(&out, bodies)?;
    Ok(Merged {
        body: out,
        cut_off: chosen.cut_off,
    })
}

/// Whether the hits that words found are good enough to search no further (exact-merge 5.2, step 2): as many as were
/// wanted, and each with a ranking score that outweighs what vectors could find.
pub fn good_enough(bodies: &[&[u8]], plan: &MergePlan) -> Result<bool, MergeError> {
    const GOOD_ENOUGH: f64 = 0.45;
    let wanted = plan.wanted();
    let Some(hybrid) = &plan.hybrid else {
        return Ok(true);
    };
    let bodies = read(bodies.iter())?;
    let answers = Answers {
        bodies: &bodies,
        words: 0,
    };
    let plan = MergePlan {
        offset: 0,
        limit: wanted as u64,
        hybrid: None,
        ..plan.clone()
    };
    let mut distinct = plan.distinct.as_deref().map(Distinct::new);
    let chosen = order::choose(&answers, &plan, &mut distinct)?;
    if chosen.page.len() < wanted {
        return Ok(false);
    }
    let weight = f64::from(1.0 - hybrid.ratio);
    for place in chosen.page {
        if details::ranking_score(&bodies, place)? * weight < GOOD_ENOUGH {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read<'a, 'i>(bodies: impl Iterator<Item = &'i &'a [u8]>) -> Result<Vec<Body<'a>>, MergeError>
where
    'a: 'i,
{
    bodies
        .enumerate()
        .map(|(position, body)| Body::read(body).map_err(|what| MergeError { position, what }))
        .collect()
}

fn behind(words: usize, error: MergeError) -> MergeError {
    MergeError {
        position: words + error.position,
        ..error
    }
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
