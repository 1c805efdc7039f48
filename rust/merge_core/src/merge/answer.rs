//! Everything of the answer but hits and facets: totals, the echo of the request.

use super::body::Body;
use super::details::Key;
use super::distinct::Distinct;
use super::order::Chosen;
use super::plan::{MergePlan, Page};
use super::{MergeError, Place, facets};

/// How many documents match.
///
/// Where values must be distinct an engine itself estimates: hits that were dropped here are taken off what the nodes
/// say, but never hits that were found. In page mode an engine counts them; so do we where the attribute is among the
/// facets: different values, and documents without one.
pub fn total(
    bodies: &[Body],
    plan: &MergePlan,
    distinct: Option<&Distinct>,
    chosen: &Chosen,
) -> Result<u64, MergeError> {
    let sum = bodies
        .iter()
        .map(|body| body.total)
        .fold(0, u64::saturating_add);
    let Some(distinct) = distinct else {
        return Ok(sum);
    };
    if plan.page.is_some()
        && let Some((values, documents)) = facets::tally(bodies, plan, distinct.path())?
    {
        let without = bodies
            .iter()
            .zip(documents)
            .map(|(body, with)| body.total.saturating_sub(with));
        return Ok(without.fold(values, u64::saturating_add));
    }
    Ok(sum
        .saturating_sub(distinct.duplicates())
        .max(chosen.taken as u64))
}

/// Write what stands between hits and facets, with a comma at its end.
pub fn head(
    out: &mut Vec<u8>,
    bodies: &[Body],
    plan: &MergePlan,
    processing_time_ms: u64,
    total: u64,
) {
    let query = bodies.iter().find_map(|body| body.query).unwrap_or(b"\"\"");
    out.extend_from_slice(b"\"query\":");
    out.extend_from_slice(query);
    if let Some(vector) = query_vector(bodies, plan) {
        out.extend_from_slice(&[b",\"queryVector\":", vector].concat());
    }
    let paging = paging(plan.page, (plan.limit, plan.offset), total);
    out.extend_from_slice(
        format!(",\"processingTimeMs\":{processing_time_ms},{paging},").as_bytes(),
    );
}

/// The client's window, as limit and offset or as a page, and how many documents match.
pub fn paging(page: Option<Page>, (limit, offset): (u64, u64), total: u64) -> String {
    match page {
        Some(Page { number, hits }) => {
            let pages = total
                .checked_add(hits.saturating_sub(1))
                .and_then(|sum| sum.checked_div(hits))
                .unwrap_or(0);
            format!(
                "\"hitsPerPage\":{hits},\"page\":{number},\"totalPages\":{pages},\"totalHits\":{total}"
            )
        }
        None => format!("\"limit\":{limit},\"offset\":{offset},\"estimatedTotalHits\":{total}"),
    }
}

/// Where vectors took part, how many hits of the page they brought.
pub fn semantic_hits(
    bodies: &[Body],
    plan: &MergePlan,
    page: &[Place],
) -> Result<Option<usize>, MergeError> {
    if plan.hybrid.is_none() {
        return Ok(None);
    }
    let mut hits = 0;
    for place in page {
        hits += usize::from(Key::of(bodies, *place)?.is_by_vector());
    }
    Ok(Some(hits))
}

/// The vector that was searched for, where the client asked for vectors.
fn query_vector<'a>(bodies: &[Body<'a>], plan: &MergePlan) -> Option<&'a [u8]> {
    let shown = plan
        .hybrid
        .as_ref()
        .is_some_and(|hybrid| hybrid.show_query_vector);
    let mut vectors = bodies.iter().filter_map(|body| body.query_vector);
    vectors.next().filter(|_| shown)
}

/// Write the rest.
pub fn close(out: &mut Vec<u8>, request_uid: &str, semantic_hits: Option<usize>) {
    out.extend_from_slice(b"\"requestUid\":");
    out.extend_from_slice(serde_json::Value::from(request_uid).to_string().as_bytes());
    if let Some(hits) = semantic_hits {
        out.extend_from_slice(format!(",\"semanticHitCount\":{hits}").as_bytes());
    }
    out.push(b'}');
}
