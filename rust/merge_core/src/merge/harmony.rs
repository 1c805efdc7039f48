//! One scale for the ranking scores that are shown (exact-merge 2.7).
//!
//! A node counts typos on a scale of its own: whether `sun flower` may be `sunflower` depends on its documents. One node
//! with all documents has the longest of these scales in each bucket of the rules before. Where nodes disagree, scores
//! are computed anew, to the last bit; where they agree, nothing is touched.

use std::cmp::Ordering;

use super::body::Body;
use super::compare::compare_rule;
use super::details::{Key, Said, ranking_score};
use super::plan::MergePlan;
use super::{MergeError, Place};
use crate::json::Flaw;

/// The largest denominator that is looked for: more than the rules behind typos make of ten words.
const LARGEST: f64 = 2_000_000.0;

/// What to show of a hit instead of what its node says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub score: f64,
    pub most_typos: f64,
    pub typo_score: f64,
}

/// The longest scale of each bucket; empty where all nodes have one scale.
#[derive(Debug, Default)]
pub struct Harmony<'a> {
    buckets: Vec<Bucket<'a>>,
}

/// The hits that the rules before the one for typos find equal. `rules` ends with that one.
#[derive(Debug)]
struct Bucket<'a> {
    key: Key<'a>,
    most: f64,
}

impl<'a> Harmony<'a> {
    /// Look for the scales of these answers, where scores or details are shown.
    pub fn of(bodies: &[Body<'a>], plan: &MergePlan) -> Result<Self, MergeError> {
        let shown = plan.show_score || plan.show_details;
        if !shown || bodies.len() < 2 || !several_scales(bodies) {
            return Ok(Self::default());
        }
        let mut buckets = Vec::new();
        for (position, body) in bodies.iter().enumerate() {
            read(body, &mut buckets).map_err(|what| MergeError { position, what })?;
        }
        buckets.sort_by(|one: &Bucket, other| order(&one.key, &other.key));
        buckets.dedup_by(|later, kept| {
            let same = order(&later.key, &kept.key).is_eq();
            if same {
                kept.most = kept.most.max(later.most);
            }
            same
        });
        Ok(Self { buckets })
    }

    /// What to show of a hit, or None where that is what its node says.
    pub fn scale(&self, bodies: &[Body], place: Place) -> Result<Option<Scale>, MergeError> {
        if self.buckets.is_empty() {
            return Ok(None);
        }
        let Some(typos) = Typos::of(&mut Key::of(bodies, place)?) else {
            return Ok(None);
        };
        let score = ranking_score(bodies, place)?;
        let found = self
            .buckets
            .binary_search_by(|bucket| order(&bucket.key, &typos.key));
        let most = found.map_or(typos.most, |at| self.buckets[at].most);
        if most <= typos.most {
            return Ok(None);
        }
        Ok(typos.behind(score).map(|behind| typos.on(most, behind)))
    }
}

/// What is behind the rule for typos in a score, from more than 0 to 1; None where that cannot be told.
pub fn behind_typos(key: &Key, score: f64) -> Option<f64> {
    Typos::of(&mut key.clone())?.behind(score)
}

/// A hit's typos: of how many, and the rules before them.
struct Typos<'a> {
    key: Key<'a>,
    /// Words found, of how many: 1 of 1 where that is no rule.
    words: (f64, f64),
    count: f64,
    most: f64,
}

impl<'a> Typos<'a> {
    /// None where typos are no rule, or stand behind rules whose part of the score is not known.
    fn of(key: &mut Key<'a>) -> Option<Self> {
        let at = key
            .rules
            .iter()
            .position(|(_, said)| matches!(said, Said::Typos { .. }))?;
        key.rules.truncate(at + 1);
        let mut words = (1.0, 1.0);
        for (_, said) in &key.rules[..at] {
            match said {
                Said::Words { matching, most } if *most >= 1.0 => words = (*matching, *most),
                Said::Sort { .. } => {}
                _ => return None,
            }
        }
        let Some((_, Said::Typos { count, most })) = key.rules.last() else {
            return None;
        };
        let (count, most) = (*count, *most);
        Some(Self {
            key: std::mem::take(key),
            words,
            count,
            most,
        })
    }

    fn behind(&self, score: f64) -> Option<f64> {
        let from_typos = score * self.words.1 - (self.words.0 - 1.0);
        let behind = from_typos * (self.most + 1.0) - (self.most - self.count);
        (-1e-9..=1.0 + 1e-9)
            .contains(&behind)
            .then_some(behind.clamp(0.0, 1.0))
    }

    fn on(&self, most: f64, behind: f64) -> Scale {
        let rank = most + 1.0 - self.count;
        let blur = 8.0 * f64::EPSILON * self.words.1 * (self.most + 1.0);
        let (part, whole) = fraction(behind, blur);
        let rank_of_all = ((self.words.0 - 1.0) * (most + 1.0) + rank - 1.0) * whole + part;
        Scale {
            score: rank_of_all / (self.words.1 * (most + 1.0) * whole),
            most_typos: most,
            typo_score: rank / (most + 1.0),
        }
    }
}

/// Buckets in some order, those of equal hits beside each other.
fn order(one: &Key, other: &Key) -> Ordering {
    let mut rules = 0..one.rules.len().saturating_sub(1);
    one.rules.len().cmp(&other.rules.len()).then_with(|| {
        rules
            .find_map(|at| Some(compare_rule(one, other, at)).filter(|order| order.is_ne()))
            .unwrap_or(Ordering::Equal)
    })
}

/// Whether a hit anywhere has another scale than another: what a document says may look like it, and costs time only.
fn several_scales(bodies: &[Body]) -> bool {
    const NAME: &[u8] = b"\"maxTypoCount\":";
    let mut first = None;
    bodies.iter().any(|body| {
        let text = body.text();
        memchr::memmem::find_iter(text, NAME).any(|at| {
            let value = text[at + NAME.len()..].trim_ascii_start();
            let digits = value
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            *first.get_or_insert(&value[..digits]) != &value[..digits]
        })
    })
}

/// A list is in the order of its rules, so hits of one bucket follow each other.
fn read<'a>(body: &Body<'a>, buckets: &mut Vec<Bucket<'a>>) -> Result<(), Flaw> {
    let start = buckets.len();
    for hit in 0..body.len() {
        let mut key = Key::default();
        key.read(body, hit)?;
        let Some(typos) = Typos::of(&mut key) else {
            continue;
        };
        match buckets[start..].last_mut() {
            Some(last) if order(&last.key, &typos.key).is_eq() => {
                last.most = last.most.max(typos.most);
            }
            _ => buckets.push(Bucket {
                key: typos.key,
                most: typos.most,
            }),
        }
    }
    Ok(())
}

/// The simplest fraction within `blur` of a value from 0 to 1, by its continued fraction; the value itself over 1 where
/// none is simple enough.
fn fraction(value: f64, blur: f64) -> (f64, f64) {
    let (mut part, mut whole) = ((1.0, 0.0), (0.0, 1.0));
    let mut rest = value;
    for _ in 0..24 {
        let floor = rest.floor();
        part = (floor * part.0 + part.1, part.0);
        whole = (floor * whole.0 + whole.1, whole.0);
        if whole.0 > LARGEST {
            break;
        }
        if (value - part.0 / whole.0).abs() <= blur {
            return (part.0, whole.0);
        }
        rest = 1.0 / (rest - floor);
    }
    (value, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_found_again() {
        for whole in [1u32, 2, 3, 7, 93, 651, 2604, 65_536, 1_000_003] {
            for part in [1, whole / 3 + 1, whole.max(2) - 1, whole] {
                let (found, of) = fraction(f64::from(part) / f64::from(whole), 1e-15);
                assert_eq!(found * f64::from(whole), of * f64::from(part));
            }
        }
        assert_eq!(fraction(0.0, 1e-15), (0.0, 1.0));
        assert_eq!(
            fraction(std::f64::consts::FRAC_1_PI, 1e-17),
            (std::f64::consts::FRAC_1_PI, 1.0)
        );
    }

    #[test]
    fn a_score_on_a_longer_scale_is_the_one_of_a_node_with_that_scale() {
        let key = |most| Key {
            rules: vec![
                (
                    0,
                    Said::Words {
                        matching: 2.0,
                        most: 3.0,
                    },
                ),
                (1, Said::Typos { count: 1.0, most }),
            ],
            ..Key::default()
        };
        let score = |most: f64| {
            let ranks = [
                (2.0, 3.0),
                (most, most + 1.0),
                (3.0, 4.0),
                (20.0, 21.0),
                (1.0, 3.0),
                (2.0, 3.0),
            ];
            let (part, whole) = ranks.iter().fold((1.0, 1.0), |(part, whole), (rank, of)| {
                ((part - 1.0) * of + rank, whole * of)
            });
            part / whole
        };
        for most in 1..8 {
            let typos = Typos::of(&mut key(f64::from(most))).unwrap();
            let behind = typos.behind(score(f64::from(most))).unwrap();
            assert_eq!(typos.on(9.0, behind).score, score(9.0), "from {most}");
        }
    }
}
