//! Which of two hits comes first: lexicographic over what the ranking rules say (exact-merge 2.1 and 2.2).

use std::cmp::Ordering;

use super::details::{Key, Said, SortValue};
use super::harmony::behind_typos;
use crate::json::by_value;

/// Compare two keys rule by rule. Equal only when nothing that is shown tells the hits apart.
pub fn compare(one: &Key, other: &Key) -> Ordering {
    compare_from(one, other, 0)
}

/// The same from the rule at position `from` on.
pub fn compare_from(one: &Key, other: &Key, from: usize) -> Ordering {
    for at in from..one.rules.len().min(other.rules.len()) {
        match compare_rule(one, other, at) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    Ordering::Equal
}

/// Compare what the rule at one position says of both.
pub fn compare_rule(one: &Key, other: &Key, at: usize) -> Ordering {
    let (Some((_, said)), Some((_, against))) = (one.rules.get(at), other.rules.get(at)) else {
        return Ordering::Equal;
    };
    match (said, against) {
        (Said::Skipped, Said::Skipped) => Ordering::Equal,
        (Said::Skipped, _) => Ordering::Greater,
        (_, Said::Skipped) => Ordering::Less,
        (
            Said::Words { matching, most },
            Said::Words {
                matching: others,
                most: of,
            },
        ) => (most - matching).total_cmp(&(of - others)),
        (Said::Typos { count: a, .. }, Said::Typos { count: b, .. }) => a.total_cmp(b),
        (Said::Scores(a, c), Said::Scores(b, d)) => b.cmp(a).then_with(|| d.cmp(c)),
        (Said::Exactness(a), Said::Exactness(b)) => {
            let shown = b
                .level
                .cmp(&a.level)
                .then_with(|| b.words.total_cmp(&a.words));
            shown.then_with(|| {
                if a.level > 0 {
                    hidden_words(one, other, at)
                } else {
                    Ordering::Equal
                }
            })
        }
        (
            Said::Sort {
                value: a,
                descending,
            },
            Said::Sort { value: b, .. },
        ) => compare_values(a, b, *descending),
        (Said::Similarity(a), Said::Similarity(b)) => match (a, b) {
            (Some(a), Some(b)) => b.total_cmp(a),
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        },
        _ => Ordering::Equal,
    }
}

/// Compare two values of one sort: the smaller result comes first.
pub fn compare_values(one: &SortValue, other: &SortValue, descending: bool) -> Ordering {
    let directed = |ascending: Ordering| {
        if descending {
            ascending.reverse()
        } else {
            ascending
        }
    };
    match (one, other) {
        (SortValue::Number(a), SortValue::Number(b)) => directed(by_value(*a, *b)),
        (SortValue::Text(a), SortValue::Text(b)) => directed(a.cmp(b)),
        (SortValue::Nothing, SortValue::Nothing) => Ordering::Equal,
        (SortValue::Number(_), _) | (SortValue::Text(_), SortValue::Nothing) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

/// Two hits that match exactly, or at the start, hide how many words they match exactly; their ranking scores hold it.
/// These can be compared where both were computed on one scale, or can be taken apart, and where no later rule that is
/// part of them stands behind a sort.
fn hidden_words(one: &Key, other: &Key, at: usize) -> Ordering {
    let (Some(score), Some(against)) = (one.score, other.score) else {
        return Ordering::Equal;
    };
    if later_rules_differ(one, other, at) {
        return Ordering::Equal;
    }
    match (typos(one), typos(other)) {
        (Some((_, most)), Some((_, of))) if most != of => behind_typos_differ(one, other),
        (None, Some(_)) | (Some(_), None) => Ordering::Equal,
        _ => against.total_cmp(&score),
    }
}

/// Without typos the ways to match are the same on all nodes, whatever their scales of typos: what is behind them in
/// the scores can be compared, in steps far smaller than those of the rules.
fn behind_typos_differ(one: &Key, other: &Key) -> Ordering {
    let behind = |key: &Key| {
        let (count, _) = typos(key)?;
        let behind = behind_typos(key, key.score?)?;
        (count == 0.0).then(|| (behind * (1u64 << 32) as f64).round() as i64)
    };
    match (behind(one), behind(other)) {
        (Some(a), Some(b)) => b.cmp(&a),
        _ => Ordering::Equal,
    }
}

fn typos(key: &Key) -> Option<(f64, f64)> {
    key.rules.iter().find_map(|(_, said)| match said {
        Said::Typos { count, most } => Some((*count, *most)),
        _ => None,
    })
}

/// Whether a rule that counts in the score differs behind a sort rule that differs too.
fn later_rules_differ(one: &Key, other: &Key, at: usize) -> bool {
    let mut sorts_differ = false;
    let pairs = one.rules.iter().zip(&other.rules).enumerate();
    for (rule, ((_, said), (_, against))) in pairs.skip(at + 1) {
        match said {
            Said::Sort { .. } => sorts_differ |= compare_rule(one, other, rule).is_ne(),
            Said::Geo(_) => sorts_differ |= said != against,
            _ if sorts_differ && said != against => return true,
            _ => {}
        }
    }
    false
}
