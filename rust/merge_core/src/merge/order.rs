//! Merges the nodes' lists into one order, as far as the page needs.
//!
//! A node's own order stands: lists are merged, never sorted again, save where hits are sorted by distance (`geo`).
//! Hits by words and hits by vectors are merged apart, and then with each other (`hybrid`).

mod geo;
mod groups;
mod hybrid;
mod rerank;

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

use super::body::Body;
use super::compare::compare;
use super::details::{Key, Said};
use super::distinct::Distinct;
use super::plan::MergePlan;
use super::{Answers, MergeError, Place};
use hybrid::TwoLists;
use rerank::{Reranked, Similarities};

/// The hits of the page, in order.
#[derive(Debug, Default)]
pub struct Chosen {
    pub page: Vec<Place>,
    /// How many hits were taken up to the page's end.
    pub taken: usize,
    /// Whether a hit that was looked at had been cut off.
    pub cut_off: bool,
    /// What hits that were ranked anew show instead of the nodes' similarities.
    pub similarities: Similarities,
}

/// Take hits in order until the page is full.
pub fn choose(
    answers: &Answers,
    plan: &MergePlan,
    distinct: &mut Option<Distinct>,
) -> Result<Chosen, MergeError> {
    let bodies = answers.bodies;
    let (from, to) = plan.window();
    let mut chosen = Chosen::default();
    if from >= to {
        return Ok(chosen);
    }
    let mut order = Order::new(answers, plan)?;
    while chosen.taken < to
        && let Some(place) = order.next()?
    {
        if let Some(distinct) = distinct
            && !distinct.admits(bodies, place)?
        {
            continue;
        }
        if chosen.taken >= from {
            chosen.page.push(place);
        }
        chosen.taken += 1;
    }
    chosen.cut_off = order.cut_off();
    chosen.similarities = order.similarities();
    Ok(chosen)
}

enum Order<'a, 'b> {
    One(Source<'a, 'b>),
    Two(Box<TwoLists<'a, 'b>>),
    Anew(Reranked, usize),
}

impl<'a, 'b> Order<'a, 'b> {
    fn new(answers: &Answers<'a, 'b>, plan: &MergePlan) -> Result<Self, MergeError> {
        let bodies = answers.bodies;
        if let Some(hybrid) = plan.hybrid.as_ref().filter(|hybrid| hybrid.ratio < 1.0) {
            return Ok(Self::Two(Box::new(TwoLists::new(answers, hybrid)?)));
        }
        if let Some(by) = &plan.rerank
            && let Some(anew) = rerank::rerank(bodies, by)?
        {
            return Ok(Self::Anew(anew, 0));
        }
        Ok(Self::One(Source::new(bodies, 0..bodies.len(), Kind::Any)?))
    }

    fn next(&mut self) -> Result<Option<Place>, MergeError> {
        match self {
            Self::One(source) => source.next(),
            Self::Two(lists) => lists.next(),
            Self::Anew(anew, taken) => {
                *taken += 1;
                Ok(anew.places.get(*taken - 1).copied())
            }
        }
    }

    fn similarities(self) -> Similarities {
        match self {
            Self::Anew(anew, _) => anew.similarities,
            _ => Similarities::default(),
        }
    }

    fn cut_off(&self) -> bool {
        match self {
            Self::One(source) => source.cut_off(),
            Self::Two(lists) => lists.cut_off(),
            Self::Anew(anew, _) => anew.cut_off,
        }
    }
}

/// Which hits of an answer are meant, by what found them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    Words,
    Vectors,
}

impl Kind {
    fn takes(self, key: &Key) -> bool {
        match self {
            Self::Any => true,
            Self::Words => !key.is_by_vector(),
            Self::Vectors => key.is_by_vector(),
        }
    }
}

/// The hits of one kind in some of the bodies, in order.
enum Source<'a, 'b> {
    Lists(Lists<'a, 'b>),
    Sorted {
        places: std::vec::IntoIter<Place>,
        cut_off: bool,
    },
}

impl<'a, 'b> Source<'a, 'b> {
    fn new(bodies: &'b [Body<'a>], range: Range<usize>, kind: Kind) -> Result<Self, MergeError> {
        let lists = Lists::new(bodies, range.clone(), kind)?;
        let by_distance = |head: &Head| {
            head.key
                .rules
                .iter()
                .any(|(_, said)| matches!(said, Said::Geo(_)))
        };
        if lists.heads.iter().any(|head| by_distance(&head.0)) {
            let (places, cut_off) = geo::order(bodies, range, kind)?;
            return Ok(Self::Sorted {
                places: places.into_iter(),
                cut_off,
            });
        }
        Ok(Self::Lists(lists))
    }

    fn next(&mut self) -> Result<Option<Place>, MergeError> {
        match self {
            Self::Lists(lists) => lists.next(),
            Self::Sorted { places, .. } => Ok(places.next()),
        }
    }

    fn cut_off(&self) -> bool {
        match self {
            Self::Lists(lists) => lists.cut_off,
            Self::Sorted { cut_off, .. } => *cut_off,
        }
    }
}

/// The lists that still have hits, by their first ones.
struct Lists<'a, 'b> {
    bodies: &'b [Body<'a>],
    kind: Kind,
    heads: BinaryHeap<Reverse<Head<'a>>>,
    /// Whether the best head has been handed out.
    stale: bool,
    cut_off: bool,
}

struct Head<'a> {
    key: Key<'a>,
    place: Place,
}

impl<'a, 'b> Lists<'a, 'b> {
    fn new(bodies: &'b [Body<'a>], range: Range<usize>, kind: Kind) -> Result<Self, MergeError> {
        let mut heads = Vec::with_capacity(range.len());
        for body in range {
            let mut key = Key::default();
            if let Some(place) = seek(bodies, kind, &mut key, Place { body, hit: 0 })? {
                heads.push(Reverse(Head { key, place }));
            }
        }
        let cut_off = heads.iter().any(|head| head.0.key.skipped);
        Ok(Self {
            bodies,
            kind,
            heads: heads.into(),
            stale: false,
            cut_off,
        })
    }

    fn next(&mut self) -> Result<Option<Place>, MergeError> {
        if self.stale
            && let Some(mut best) = self.heads.peek_mut()
        {
            let place = Place {
                hit: best.0.place.hit + 1,
                ..best.0.place
            };
            match seek(self.bodies, self.kind, &mut best.0.key, place)? {
                Some(place) => {
                    self.cut_off |= best.0.key.skipped;
                    best.0.place = place;
                }
                None => drop(PeekMut::pop(best)),
            }
        }
        self.stale = true;
        Ok(self.heads.peek().map(|best| best.0.place))
    }
}

/// The first hit of a kind at or behind a place in its body, whose key is then read.
fn seek<'a>(
    bodies: &[Body<'a>],
    kind: Kind,
    key: &mut Key<'a>,
    from: Place,
) -> Result<Option<Place>, MergeError> {
    let body = &bodies[from.body];
    for hit in from.hit..body.len() {
        let read = key.read(body, hit);
        read.map_err(|what| MergeError {
            position: from.body,
            what,
        })?;
        if kind.takes(key) {
            return Ok(Some(Place { hit, ..from }));
        }
    }
    Ok(None)
}

/// Ties that the keys leave go by the stamp, where it is no rule, then by the order of the bodies.
fn break_tie(one: (&Key, Place), other: (&Key, Place)) -> Ordering {
    let stamps = match (one.0.stamp, other.0.stamp) {
        (Some(stamp), Some(against)) if one.1.body != other.1.body => stamp.cmp(against),
        _ => Ordering::Equal,
    };
    stamps.then_with(|| one.1.cmp(&other.1))
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.key, &other.key)
            .then_with(|| break_tie((&self.key, self.place), (&other.key, other.place)))
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head<'_> {}
