//! Answers as nodes write them: one set of rules for all, each list in its own order, stamps that never repeat.

use merge_core::digits::{SEQUENCE_WIDTH, encode};
use merge_core::merge::{FacetOrder, MergePlan};
use serde_json::{Map, Value, json};

use super::reference::{compare, normalized};
use crate::choices::Choices;

const RULES: [&str; 8] = [
    "words",
    "typo",
    "proximity",
    "attribute",
    "exactness",
    "price:asc",
    "year:desc",
    "vectorSort",
];
const SCORES: [f64; 4] = [1.0, 10.0 / 11.0, 0.5, 1.0 / 3.0];
const WORDS: [&str; 7] = ["blue", "Blue ", "été", "ÉTÉ", "1", "10", "q\"\\"];
const NUMBERS: [f64; 6] = [1.0, 2.0, 10.0, -3.0, 1.5, 0.1];

pub fn answers(choices: &mut Choices, plan: &MergePlan) -> Vec<Value> {
    let rules: Vec<&str> = (0..choices.below(4))
        .map(|_| *choices.pick(&RULES))
        .collect();
    let (stamped, faceted) = (choices.below(4) > 0, choices.flag());
    let sizes: Vec<usize> = (0..1 + choices.below(4))
        .map(|_| choices.below(6))
        .collect();
    let (step, mut next) = (*choices.pick(&[1, 7, 11, 13]), choices.below(256));
    let mut made = Vec::new();
    for size in sizes {
        let mut hits = Vec::new();
        for _ in 0..size {
            // Steps that share no divisor with 256 meet every number once before any twice.
            next = (next + step) % 256;
            hits.push(hit(choices, &rules, next as u64, stamped));
        }
        hits.sort_by(compare);
        let total = (size.max(1) * usize::from(choices.byte()).max(1)) as u64;
        made.push(answer(choices, plan, hits, total, faceted));
    }
    made
}

/// With or without white space.
pub fn written(choices: &mut Choices, answer: &Value) -> Vec<u8> {
    let text = match choices.flag() {
        true => serde_json::to_vec_pretty(answer),
        false => serde_json::to_vec(answer),
    };
    text.expect("a value can be written")
}

fn answer(
    choices: &mut Choices,
    plan: &MergePlan,
    hits: Vec<Value>,
    total: u64,
    faceted: bool,
) -> Value {
    let mut answer = Map::new();
    answer.insert("hits".into(), hits.into());
    answer.insert("query".into(), "a \"b\" é".into());
    let name = if plan.page.is_some() {
        "totalHits"
    } else {
        "estimatedTotalHits"
    };
    answer.insert(name.into(), total.into());
    if faceted {
        facets(choices, plan, total, &mut answer);
    }
    answer.into()
}

fn hit(choices: &mut Choices, rules: &[&str], sequence: u64, stamped: bool) -> Value {
    let stamp: Value = String::from_utf8_lossy(&encode::<SEQUENCE_WIDTH>(sequence)).into();
    let mut hit = Map::new();
    hit.insert("id".into(), sequence.into());
    hit.insert("genre".into(), genre(choices));
    hit.insert("_miroir_shard".into(), "((((".into());
    if choices.flag() {
        hit.insert("a".into(), nested(choices));
    }
    if choices.flag() {
        let shown = json!({"genre": choices.pick(&WORDS), "_miroir_seq": "x", "a": {"b": "1"}});
        hit.insert("_formatted".into(), shown);
    }
    hit.insert("_rankingScore".into(), json!(0.5));
    let mut details = Map::new();
    for (order, rule) in rules.iter().enumerate() {
        details.insert((*rule).into(), said(choices, rule, order));
    }
    match stamped {
        true => drop(details.insert(
            "_miroir_seq:asc".into(),
            json!({"order": rules.len(), "value": stamp}),
        )),
        false => drop(hit.insert("_miroir_seq".into(), stamp)),
    }
    hit.insert("_rankingScoreDetails".into(), details.into());
    hit.into()
}

fn genre(choices: &mut Choices) -> Value {
    match choices.below(5) {
        0 => Value::Null,
        1 => json!(choices.pick(&NUMBERS)),
        2 => json!([choices.pick(&WORDS), choices.pick(&WORDS)]),
        _ => json!(choices.pick(&WORDS)),
    }
}

fn nested(choices: &mut Choices) -> Value {
    match choices.below(4) {
        0 => json!({"b": choices.pick(&WORDS), "c": 1}),
        1 => json!({"b": choices.pick(&NUMBERS)}),
        2 => json!([{"b": true}, {"c": []}, {"b": null}]),
        _ => json!({}),
    }
}

fn said(choices: &mut Choices, rule: &str, order: usize) -> Value {
    match rule {
        "words" => {
            json!({"order": order, "matchingWords": choices.below(3), "maxMatchingWords": 3, "score": 0.5})
        }
        "typo" => {
            json!({"order": order, "typoCount": choices.below(3), "maxTypoCount": 2, "score": 0.5})
        }
        "attribute" => json!({
            "order": order,
            "attributeRankingOrderScore": choices.pick(&SCORES),
            "queryWordDistanceScore": choices.pick(&SCORES),
            "score": 0.5,
        }),
        "exactness" => match choices.below(3) {
            0 => json!({"order": order, "matchType": "exactMatch", "score": 1.0}),
            1 => json!({"order": order, "matchType": "matchesStart", "score": 0.7}),
            _ => {
                json!({"order": order, "matchType": "noExactMatch", "matchingWords": choices.below(3), "maxMatchingWords": 2})
            }
        },
        "vectorSort" => match choices.below(3) {
            0 => json!({"order": order, "similarity": null}),
            _ => json!({"order": order, "similarity": choices.pick(&SCORES)}),
        },
        "proximity" => json!({"order": order, "score": choices.pick(&SCORES)}),
        _ => match choices.below(3) {
            0 => json!({"order": order, "value": choices.pick(&WORDS)}),
            1 => json!({"order": order, "value": choices.pick(&NUMBERS)}),
            _ => json!({"order": order, "value": null}),
        },
    }
}

/// Texts of one facet, and numbers of another in an order in which a node names them.
fn facets(choices: &mut Choices, plan: &MergePlan, total: u64, answer: &mut Map<String, Value>) {
    let mut texts = Map::new();
    let mut met = Vec::new();
    for _ in 0..choices.below(5) {
        let word = *choices.pick(&WORDS);
        if !met.contains(&normalized(word)) {
            met.push(normalized(word));
            texts.insert(word.into(), (1 + choices.below(3)).into());
        }
    }
    let mut numbers: Vec<(f64, u64)> = Vec::new();
    for number in NUMBERS {
        match choices.below(4) {
            0 => {}
            count => numbers.push((number, count as u64)),
        }
    }
    let bounds = numbers.iter().map(|(number, _)| *number);
    let (least, greatest) = (bounds.clone().reduce(f64::min), bounds.reduce(f64::max));
    match plan.order_of("price") {
        FacetOrder::Count => {
            numbers.sort_by(|one, other| other.1.cmp(&one.1).then(other.0.total_cmp(&one.0)))
        }
        FacetOrder::Alpha if total <= 3000 => numbers.sort_by_key(|(number, _)| number.to_string()),
        FacetOrder::Alpha => numbers.sort_by(|one, other| one.0.total_cmp(&other.0)),
    }
    let prices: Map<String, Value> = numbers
        .iter()
        .map(|(number, count)| (number.to_string(), (*count).into()))
        .collect();
    answer.insert(
        "facetDistribution".into(),
        json!({"price": prices, "genre": texts, "_miroir_shard": {"((((": 1}}),
    );
    let stats = least
        .zip(greatest)
        .map(|(min, max)| json!({"price": {"min": min, "max": max}}));
    answer.insert("facetStats".into(), stats.unwrap_or_else(|| json!({})));
}
