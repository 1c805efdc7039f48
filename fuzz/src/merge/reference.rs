//! The merge as one would first write it: over parsed values, always the best of the first hits left.
//!
//! Hits sorted by distance, and hits whose exact words only their scores tell, are left to the Python reference.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use merge_core::merge::{FacetOrder, MergePlan};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

pub fn merge(answers: &[Value], plan: &MergePlan) -> Value {
    let end = (plan.offset + plan.limit).min(plan.max_total_hits) as usize;
    let offset = plan.offset as usize;
    let (taken, duplicates) = if offset < end {
        taken(answers, plan, end)
    } else {
        (Vec::new(), 0)
    };
    let hits: Vec<Value> = taken
        .iter()
        .skip(offset)
        .map(|hit| shown(hit, plan))
        .collect();
    let total = total(answers, plan, duplicates, taken.len() as u64);
    let mut answer = Map::new();
    answer.insert("hits".into(), hits.into());
    answer.insert("query".into(), answers[0]["query"].clone());
    answer.insert("processingTimeMs".into(), 7.into());
    let Value::Object(paging) = paging(plan, total) else {
        unreachable!("paging is an object")
    };
    answer.extend(paging);
    facets(answers, plan, &mut answer);
    answer.insert("requestUid".into(), "uid".into());
    answer.into()
}

fn taken<'v>(answers: &'v [Value], plan: &MergePlan, end: usize) -> (Vec<&'v Value>, u64) {
    let mut lists: Vec<std::collections::VecDeque<&Value>> = answers
        .iter()
        .map(|answer| answer["hits"].as_array().into_iter().flatten().collect())
        .collect();
    let (mut taken, mut seen, mut duplicates) = (Vec::new(), Vec::new(), 0);
    while taken.len() < end
        && let Some(best) = (0..lists.len())
            .filter(|list| !lists[*list].is_empty())
            .min_by(|one, other| {
                compare(lists[*one][0], lists[*other][0])
                    .then_with(|| stamps(lists[*one][0], lists[*other][0]))
            })
    {
        let hit = lists[best].pop_front().unwrap_or(&Value::Null);
        let mut values = Vec::new();
        if let Some(path) = &plan.distinct {
            collect(hit, path, &mut values);
        }
        if values.iter().any(|value| seen.contains(value)) {
            duplicates += 1;
            continue;
        }
        seen.extend(values);
        taken.push(hit);
    }
    (taken, duplicates)
}

/// Only where the stamp is no rule; `min_by` takes the first of equal ones.
fn stamps(one: &Value, other: &Value) -> Ordering {
    one["_miroir_seq"]
        .as_str()
        .cmp(&other["_miroir_seq"].as_str())
}

/// Which hit comes first by what the rules say.
pub fn compare(one: &Value, other: &Value) -> Ordering {
    let entries = |hit: &Value| {
        let details = hit["_rankingScoreDetails"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let mut entries: Vec<(String, Value)> = details.into_iter().collect();
        entries.sort_by_key(|(_, said)| said["order"].as_u64());
        entries
    };
    let pairs = entries(one).into_iter().zip(entries(other));
    pairs.fold(Ordering::Equal, |order, ((name, said), (_, against))| {
        order.then_with(|| rule(&name, &said, &against))
    })
}

fn rule(name: &str, one: &Value, other: &Value) -> Ordering {
    let float = |said: &Value, field: &str| said[field].as_f64().unwrap_or(-1.0);
    let less = |field: &str| float(one, field).total_cmp(&float(other, field));
    match name {
        "words" => less("matchingWords").reverse(),
        "typo" => less("typoCount"),
        "attribute" => less("attributeRankingOrderScore")
            .then_with(|| less("queryWordDistanceScore"))
            .reverse(),
        "vectorSort" => less("similarity").reverse(),
        "exactness" => level(one)
            .cmp(&level(other))
            .then_with(|| less("matchingWords").reverse()),
        _ if one.get("value").is_some() => {
            sorted(&one["value"], &other["value"], name.ends_with(":desc"))
        }
        _ => less("score").reverse(),
    }
}

fn level(said: &Value) -> Option<usize> {
    ["exactMatch", "matchesStart", "noExactMatch"]
        .iter()
        .position(|level| said["matchType"] == *level)
}

fn sorted(one: &Value, other: &Value, descending: bool) -> Ordering {
    let kind = |value: &Value| {
        [value.is_number(), value.is_string(), true]
            .iter()
            .position(|is| *is)
    };
    let values = match (one, other) {
        (Value::Number(one), Value::Number(other)) => one
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&other.as_f64().unwrap_or(0.0)),
        (Value::String(one), Value::String(other)) => one.cmp(other),
        _ => Ordering::Equal,
    };
    kind(one)
        .cmp(&kind(other))
        .then(if descending { values.reverse() } else { values })
}

pub fn normalized(text: &str) -> String {
    text.trim().nfkd().collect::<String>().to_lowercase()
}

/// The values at a dotted path, texts and numbers told apart.
fn collect(value: &Value, path: &str, values: &mut Vec<String>) {
    match value {
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| collect(element, path, values)),
        Value::Object(object) if !path.is_empty() => {
            for (name, member) in object {
                if let Some(rest) = inside(path, name) {
                    collect(member, rest, values);
                }
            }
        }
        Value::String(text) if path.is_empty() && !text.is_empty() => {
            values.push(format!("text {}", normalized(text)))
        }
        Value::Bool(flag) if path.is_empty() => values.push(format!("text {flag}")),
        Value::Number(number) if path.is_empty() => {
            values.push(format!("number {:?}", number.as_f64()))
        }
        _ => {}
    }
}

fn inside<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    if path == name {
        return Some("");
    }
    path.strip_prefix(name)?.strip_prefix('.')
}

fn sum(answers: &[Value]) -> u64 {
    answers.iter().map(total_of).sum()
}

fn total_of(answer: &Value) -> u64 {
    let told = answer.get("totalHits").or(answer.get("estimatedTotalHits"));
    told.and_then(Value::as_u64).unwrap_or(0)
}

fn total(answers: &[Value], plan: &MergePlan, duplicates: u64, taken: u64) -> u64 {
    let Some(distinct) = &plan.distinct else {
        return sum(answers);
    };
    if plan.page.is_none()
        || answers
            .iter()
            .any(|answer| answer.get("facetDistribution").is_none())
    {
        return taken.max(sum(answers).saturating_sub(duplicates));
    }
    let without = answers.iter().map(|answer| {
        let counts = answer["facetDistribution"][distinct].as_object();
        let with: u64 = counts
            .into_iter()
            .flatten()
            .filter_map(|(_, count)| count.as_u64())
            .sum();
        total_of(answer).saturating_sub(with)
    });
    summed(answers, distinct).len() as u64 + without.sum::<u64>()
}

fn paging(plan: &MergePlan, total: u64) -> Value {
    match &plan.page {
        None => json!({"limit": plan.limit, "offset": plan.offset, "estimatedTotalHits": total}),
        Some(page) => {
            let pages = if page.hits == 0 {
                0
            } else {
                total.div_ceil(page.hits)
            };
            json!({"hitsPerPage": page.hits, "page": page.number, "totalPages": pages, "totalHits": total})
        }
    }
}

/// Each value of a facet, numbers before texts: its first label and how often it is there.
fn summed(answers: &[Value], facet: &str) -> BTreeMap<(bool, String), (String, u64)> {
    let mut values = BTreeMap::new();
    for answer in answers {
        let numbers = answer["facetStats"].get(facet).is_some();
        for (label, count) in answer["facetDistribution"][facet]
            .as_object()
            .into_iter()
            .flatten()
        {
            let key = if numbers {
                label.clone()
            } else {
                normalized(label)
            };
            let value = values.entry((!numbers, key)).or_insert((label.clone(), 0));
            value.1 += count.as_u64().unwrap_or(0);
        }
    }
    values
}

fn facets(answers: &[Value], plan: &MergePlan, answer: &mut Map<String, Value>) {
    if answers
        .iter()
        .all(|answer| answer.get("facetDistribution").is_none())
    {
        return;
    }
    let shown = ["genre", "price"]
        .into_iter()
        .filter(|name| !plan.strip_facets.iter().any(|facet| facet == name));
    let distribution: Map<String, Value> = shown
        .clone()
        .map(|name| (name.to_owned(), distribution(answers, plan, name).into()))
        .collect();
    if distribution.is_empty() && !plan.strip_facets.is_empty() {
        return;
    }
    let mut stats = Map::new();
    let ranges: Vec<&Value> = answers
        .iter()
        .filter_map(|answer| answer["facetStats"].get("price"))
        .collect();
    if let Some(first) = ranges
        .first()
        .filter(|_| shown.clone().any(|name| name == "price"))
    {
        let best = |field: &str, wins: Ordering| {
            let mut best = &first[field];
            for range in &ranges {
                if sorted(&range[field], best, false) == wins {
                    best = &range[field];
                }
            }
            best.clone()
        };
        stats.insert(
            "price".into(),
            json!({"min": best("min", Ordering::Less), "max": best("max", Ordering::Greater)}),
        );
    }
    answer.insert("facetDistribution".into(), distribution.into());
    answer.insert("facetStats".into(), stats.into());
}

fn distribution(answers: &[Value], plan: &MergePlan, facet: &str) -> Map<String, Value> {
    let values = summed(answers, facet);
    let (texts, numbers): (Vec<_>, Vec<_>) = values.into_iter().partition(|((text, _), _)| *text);
    let order = plan.order_of(facet);
    let few = order == FacetOrder::Alpha && sum(answers) <= 3000;
    let mut kept = Map::new();
    for (numeric, mut part) in [(true, numbers), (false, texts)] {
        let float = |key: &str| key.parse::<f64>().unwrap_or(0.0);
        match order {
            FacetOrder::Count if numeric => {
                part.sort_by(|(one, (_, count)), (other, (_, more))| {
                    more.cmp(count)
                        .then_with(|| float(&other.1).total_cmp(&float(&one.1)))
                })
            }
            FacetOrder::Count => {
                part.sort_by_key(|((_, key), (_, count))| Reverse((*count, key.clone())))
            }
            FacetOrder::Alpha if numeric && !few => {
                part.sort_by(|(one, _), (other, _)| float(&one.1).total_cmp(&float(&other.1)))
            }
            FacetOrder::Alpha => {}
        }
        // Walking over values, an engine stops when the limit is reached exactly, and never again.
        let room = if few {
            plan.facet_limit.saturating_sub(kept.len())
        } else if plan.facet_limit > kept.len() {
            plan.facet_limit - kept.len()
        } else {
            part.len()
        };
        kept.extend(
            part.into_iter()
                .take(room)
                .map(|(_, (label, count))| (label, count.into())),
        );
    }
    kept
}

fn shown(hit: &Value, plan: &MergePlan) -> Value {
    let mut shown = Map::new();
    for (name, value) in hit.as_object().into_iter().flatten() {
        let kept = match name.as_str() {
            "_rankingScore" => plan.show_score.then(|| value.clone()),
            "_rankingScoreDetails" => plan.show_details.then(|| details(value, plan)),
            "_formatted" => pruned(value, &plan.strip, true).filter(|left| left != &json!({})),
            _ => pruned(&json!({ name: value }), &plan.strip, true).map(|left| left[name].clone()),
        };
        if let Some(kept) = kept {
            shown.insert(name.clone(), kept);
        }
    }
    shown.into()
}

fn details(details: &Value, plan: &MergePlan) -> Value {
    let mut shown = Map::new();
    for (name, said) in details.as_object().into_iter().flatten() {
        let order = &said["order"];
        if plan.hidden_rules.contains(name) {
            shown.insert(
                format!("<hidden-rule-{order}>"),
                json!({"order": order, "value": "<hidden>"}),
            );
        } else if !name.starts_with("_miroir_") {
            shown.insert(name.clone(), said.clone());
        }
    }
    shown.into()
}

/// A value without what is at these paths; None when only that was in it.
fn pruned(value: &Value, paths: &[String], top: bool) -> Option<Value> {
    let left: Value = match value {
        Value::Object(object) => {
            let mut left = Map::new();
            for (name, member) in object {
                let rests: Vec<String> = paths
                    .iter()
                    .filter_map(|path| inside(path, name))
                    .map(str::to_owned)
                    .collect();
                if rests.iter().any(String::is_empty) || top && name.starts_with("_miroir_") {
                    continue;
                }
                if let Some(kept) = pruned(member, &rests, false) {
                    left.insert(name.clone(), kept);
                }
            }
            left.into()
        }
        Value::Array(elements) => elements
            .iter()
            .filter_map(|element| pruned(element, paths, false))
            .collect(),
        scalar => return Some(scalar.clone()),
    };
    let emptied = [json!({}), json!([])].contains(&left) && *value != left;
    (!emptied).then_some(left)
}
