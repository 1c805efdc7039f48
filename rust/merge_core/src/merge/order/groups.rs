//! A hit's score as an engine compares hits by words with hits by vectors (exact-merge 2.9): relevancy rules that follow
//! each other are one number, every sort stands for itself.

use std::cmp::Ordering;

use crate::json::{Flaw, number};
use crate::merge::body::Body;
use crate::merge::compare::compare_values;
use crate::merge::details::{Key, Said, SortValue, last_member};

/// One part of a hit's score, the first parts first.
#[derive(Debug, Clone, PartialEq)]
pub enum Group<'a> {
    /// Larger is better; weighted.
    Score(f64),
    Sort {
        value: SortValue<'a>,
        descending: bool,
    },
    Distance {
        metres: Option<f64>,
        descending: bool,
    },
}

/// The parts of a hit's score. Miroir's own last rule is none of them: one engine does not have it.
pub fn groups<'a>(
    body: &Body<'a>,
    hit: usize,
    mut key: Key<'a>,
    weight: f64,
) -> Result<Vec<Group<'a>>, Flaw> {
    let ranking = last_member(body, hit, b"_rankingScore")?.ok_or("a hit has no ranking score")?;
    let ranking = number(ranking)?;
    if key.stamped {
        key.rules.pop();
    }
    let mut groups = Vec::new();
    let mut in_run = false;
    for (_, said) in key.rules {
        let group = match said {
            Said::Sort { value, descending } => Group::Sort { value, descending },
            Said::Geo(geo) => Group::Distance {
                metres: geo.distance,
                descending: geo.descending,
            },
            Said::Similarity(similarity) => Group::Score(similarity.unwrap_or(0.0) * weight),
            _ if in_run => continue,
            // The rules behind a sort change it by less than the steps of those before, unless scores nearly collide.
            _ => Group::Score(ranking * weight),
        };
        in_run = matches!(group, Group::Score(_));
        groups.push(group);
    }
    Ok(groups)
}

/// Greater is better, as engines order two lists.
pub fn compare(one: &[Group], other: &[Group]) -> Ordering {
    let mut pairs = one.iter().zip(other);
    let unequal = pairs
        .by_ref()
        .map(|(one, other)| compare_group(one, other))
        .find(|order| order.is_ne());
    unequal.unwrap_or_else(|| one.len().cmp(&other.len()))
}

fn compare_group(one: &Group, other: &Group) -> Ordering {
    match (one, other) {
        (Group::Score(a), Group::Score(b)) if (a - b).abs() <= f64::EPSILON => Ordering::Equal,
        (Group::Score(a), Group::Score(b)) => a.total_cmp(b),
        (Group::Score(score), _) if *score == 0.0 => Ordering::Less,
        (Group::Score(_), _) => Ordering::Greater,
        (_, Group::Score(score)) if *score == 0.0 => Ordering::Greater,
        (_, Group::Score(_)) => Ordering::Less,
        (Group::Sort { value, descending }, Group::Sort { value: against, .. }) => {
            compare_values(value, against, *descending).reverse()
        }
        (Group::Distance { metres, descending }, Group::Distance { metres: other, .. }) => {
            compare_distances(*metres, *other, *descending)
        }
        _ => Ordering::Equal,
    }
}

fn compare_distances(one: Option<f64>, other: Option<f64>, descending: bool) -> Ordering {
    match (one, other) {
        (Some(a), Some(b)) if descending => a.total_cmp(&b),
        (Some(a), Some(b)) => b.total_cmp(&a),
        _ => one.is_some().cmp(&other.is_some()),
    }
}
