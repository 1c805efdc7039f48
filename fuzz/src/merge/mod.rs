//! Merging: answers of any bytes, and answers as nodes write them.

mod made;
mod reference;

use merge_core::merge::{FacetOrder, MergePlan, Merged, Page, merge};
use serde_json::Value;

use crate::choices::{Choices, first_line};
use crate::memory::most;

/// So many bytes for each byte of the answers, and so many anyway, may be held at once.
const BYTES_PER_BYTE: usize = 64;
const BYTES_ANYWAY: usize = 64 * 1024;

/// The first line makes the plan; behind it stand the answers, with zeros between them.
pub fn check(data: &[u8]) {
    let (mut choices, text) = first_line(data);
    let plan = plan(&mut choices);
    let bodies: Vec<&[u8]> = text.split(|byte| *byte == 0).collect();
    match merged(&bodies, &plan) {
        Err(position) => assert!(position < bodies.len(), "nobody is to blame"),
        Ok(answer) => check_answer(&bodies, &plan, &answer),
    }
}

/// All bytes are choices, of which a plan and answers are made.
pub fn check_made(data: &[u8]) {
    let mut choices = Choices::new(data);
    let plan = plan(&mut choices);
    let answers = made::answers(&mut choices, &plan);
    let texts: Vec<Vec<u8>> = answers
        .iter()
        .map(|answer| made::written(&mut choices, answer))
        .collect();
    let bodies: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let answer = merged(&bodies, &plan).expect("what a node writes can be merged");
    let answer: Value = serde_json::from_slice(&answer.body).expect("the answer is JSON");
    let wanted = reference::merge(&answers, &plan);
    assert_eq!(answer.to_string(), wanted.to_string(), "plan: {plan:?}");
}

fn merged(bodies: &[&[u8]], plan: &MergePlan) -> Result<Merged, usize> {
    let given: usize = bodies.iter().map(|body| body.len()).sum();
    let (result, held) = most(|| merge(bodies, plan, 7, "uid"));
    let allowed = BYTES_ANYWAY + BYTES_PER_BYTE * given;
    assert!(
        held <= allowed,
        "{held} bytes were held for {given} bytes of answers"
    );
    result.map_err(|error| error.position)
}

/// An answer is text. Where all answers of nodes are JSON it is JSON, with no more hits than were asked for, and nothing
/// of ours in it.
fn check_answer(bodies: &[&[u8]], plan: &MergePlan, merged: &Merged) {
    std::str::from_utf8(&merged.body).expect("an answer is text");
    let all_json = bodies
        .iter()
        .all(|body| serde_json::from_slice::<Value>(body).is_ok());
    if !all_json {
        return;
    }
    let answer: Value = serde_json::from_slice(&merged.body).expect("JSON merges to JSON");
    let hits = answer["hits"].as_array().expect("there are hits");
    assert!(hits.len() as u64 <= plan.limit.min(plan.max_total_hits));
    for hit in hits {
        assert_own(hit);
        assert_own(&hit["_formatted"]);
        assert_own(&hit["_matchesPosition"]);
        if plan.show_details {
            // Else what is called so is a field of the document, in which anything may stand.
            assert_own(&hit["_rankingScoreDetails"]);
        }
    }
    assert_own(&answer["facetDistribution"]);
    assert_own(&answer["facetStats"]);
}

fn assert_own(value: &Value) {
    let mut names = value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys());
    assert_eq!(names.find(|name| name.starts_with("_miroir_")), None);
}

fn plan(choices: &mut Choices) -> MergePlan {
    let orders = [FacetOrder::Alpha, FacetOrder::Count];
    let page = choices.flag().then(|| Page {
        number: choices.below(4) as u64,
        hits: choices.below(6) as u64,
    });
    MergePlan {
        offset: choices.below(6) as u64,
        limit: choices.below(12) as u64,
        page,
        max_total_hits: *choices.pick(&[1000, 4, 0]),
        show_score: choices.flag(),
        show_details: choices.flag(),
        strip: names(
            choices,
            &[&[], &["genre"], &["a.b"], &["a", "genre"], &["_geo"]],
        ),
        distinct: choices
            .pick(&[None, Some("genre"), Some("a.b")])
            .map(str::to_owned),
        strip_facets: names(choices, &[&[], &["genre"], &["genre", "price"]]),
        facet_limit: *choices.pick(&[100, 2, 1, 0]),
        facet_order: [
            ("*".to_owned(), *choices.pick(&orders)),
            ("price".to_owned(), *choices.pick(&orders)),
        ]
        .into(),
        hidden_rules: names(choices, &[&[], &["price:asc"]]),
        ..MergePlan::default()
    }
}

fn names(choices: &mut Choices, lists: &[&[&str]]) -> Vec<String> {
    choices
        .pick(lists)
        .iter()
        .map(|name| (*name).to_owned())
        .collect()
}
