//! Writes everything of the answer but its facets.

use super::lists::Chosen;
use super::plan::FederatedPlan;
use crate::merge::body::Body;
use crate::merge::{MergeError, Place, answer, emit};

/// Write the hits, each as its own query wants it, with what tells the client whence it comes.
pub fn hits(
    out: &mut Vec<u8>,
    bodies: &[Body],
    plan: &FederatedPlan,
    chosen: &Chosen,
) -> Result<(), MergeError> {
    out.extend_from_slice(b"{\"hits\":[");
    for (place, (Place { body, hit }, score)) in chosen.page.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let query = &plan.queries[*body];
        let uid = serde_json::Value::from(plan.indexes[query.index].uid.as_str());
        let score = serde_json::Value::from(*score);
        let federation = format!(
            "{{\"indexUid\":{uid},\"queriesPosition\":{body},\"weightedRankingScore\":{score}}}"
        );
        let member = (b"_federation".as_slice(), federation.as_bytes());
        emit::hit_with(out, &bodies[*body], &query.plan, *hit, member).map_err(|what| {
            MergeError {
                position: *body,
                what,
            }
        })?;
    }
    out.extend_from_slice(b"],");
    Ok(())
}

/// Write what stands between hits and facets, with a comma at its end.
pub fn head(
    out: &mut Vec<u8>,
    bodies: &[Body],
    plan: &FederatedPlan,
    processing_time_ms: u64,
    total: u64,
) {
    if plan.show_vectors {
        vectors(out, &bodies[..plan.queries.len()]);
    }
    let paging = answer::paging(plan.page, (plan.limit, plan.offset), total);
    out.extend_from_slice(
        format!("\"processingTimeMs\":{processing_time_ms},{paging},").as_bytes(),
    );
}

fn vectors(out: &mut Vec<u8>, bodies: &[Body]) {
    out.extend_from_slice(b"\"queryVectors\":{");
    let given = bodies.iter().enumerate();
    let given = given.filter_map(|(position, body)| Some((position, body.query_vector?)));
    for (place, (position, vector)) in given.enumerate() {
        let comma = if place > 0 { "," } else { "" };
        out.extend_from_slice(format!("{comma}\"{position}\":").as_bytes());
        out.extend_from_slice(vector);
    }
    out.extend_from_slice(b"},");
}

/// Write the rest.
pub fn close(out: &mut Vec<u8>, plan: &FederatedPlan, chosen: &Chosen, request_uid: &str) {
    let uid = serde_json::Value::from(request_uid);
    out.extend_from_slice(format!("\"requestUid\":{uid}").as_bytes());
    if plan.show_semantic {
        out.extend_from_slice(format!(",\"semanticHitCount\":{}", chosen.semantic).as_bytes());
    }
    out.push(b'}');
}
