//! Merges the queries' lists: first those of one index, where a document may be found twice, then those of all indexes.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::plan::FederatedPlan;
use super::score::Score;
use crate::merge::body::Body;
use crate::merge::distinct::Distinct;
use crate::merge::identity::id;
use crate::merge::{MergeError, Place};

/// What to answer.
pub struct Chosen {
    /// The hits of the page, in order, with their weighted ranking scores; a hit's body is the query that found it.
    pub page: Vec<(Place, f64)>,
    /// How many documents match.
    pub total: u64,
    /// How many hits of the page were found by vectors.
    pub semantic: usize,
}

pub fn choose(bodies: &[Body], plan: &FederatedPlan) -> Result<Chosen, MergeError> {
    let scores = scores(bodies, plan)?;
    let mut dropped = 0;
    let mut lists = Vec::with_capacity(plan.indexes.len());
    for index in 0..plan.indexes.len() {
        lists.push(of_index(bodies, plan, index, &scores, &mut dropped)?);
    }
    let (from, to) = plan.window();
    let mut distinct = plan.distinct.as_deref().map(Distinct::new);
    let mut taken = Vec::new();
    for place in Race::new(lists, &scores) {
        // Where values are distinct, all hits are looked at: those that are dropped do not count as found.
        if taken.len() >= to && distinct.is_none() {
            break;
        }
        if let Some(distinct) = &mut distinct
            && !distinct.admits(bodies, place)?
        {
            dropped += 1;
        } else if taken.len() < to {
            taken.push(place);
        }
    }
    let found = taken.len() as u64;
    let page = taken.split_off(from.min(taken.len()));
    let page = page
        .into_iter()
        .map(|place| (place, &scores[place.body][place.hit]));
    Ok(Chosen {
        semantic: page.clone().filter(|(_, score)| score.by_vector).count(),
        page: page.map(|(place, score)| (place, score.global)).collect(),
        total: counted(bodies, plan).saturating_sub(dropped).max(found),
    })
}

fn counted(bodies: &[Body], plan: &FederatedPlan) -> u64 {
    plan.indexes
        .iter()
        .map(|index| bodies[index.counted].total)
        .fold(0, u64::saturating_add)
}

fn scores<'a>(
    bodies: &[Body<'a>],
    plan: &FederatedPlan,
) -> Result<Vec<Vec<Score<'a>>>, MergeError> {
    let queries = plan.queries.iter().zip(bodies).enumerate();
    queries
        .map(|(position, (query, body))| {
            let located = |what| MergeError { position, what };
            (0..body.len())
                .map(|hit| Score::read(body, hit, query.weight).map_err(located))
                .collect()
        })
        .collect()
}

/// The hits of one index: each document once, as the query found it that ranks it best.
fn of_index(
    bodies: &[Body],
    plan: &FederatedPlan,
    number: usize,
    scores: &[Vec<Score>],
    dropped: &mut u64,
) -> Result<Vec<Place>, MergeError> {
    let index = &plan.indexes[number];
    let list = |body: usize| (0..bodies[body].len()).map(move |hit| Place { body, hit });
    let lists = plan.asking(number).map(|query| list(query).collect());
    let mut race = Race::new(lists.collect(), scores);
    let mut distinct = plan.distinct.as_deref().map(Distinct::new);
    let (mut seen, mut taken) = (HashSet::new(), Vec::new());
    while taken.len() < index.wanted
        && let Some(place) = race.next()
    {
        if let Some(path) = &index.primary_key
            && !is_new(&bodies[place.body], place, path, &mut seen)?
        {
            continue;
        }
        if let Some(distinct) = &mut distinct
            && !distinct.admits(bodies, place)?
        {
            *dropped += 1;
        } else {
            taken.push(place);
        }
    }
    Ok(taken)
}

fn is_new(
    body: &Body,
    place: Place,
    path: &str,
    seen: &mut HashSet<Vec<u8>>,
) -> Result<bool, MergeError> {
    let id = id(body, place.hit, path).map_err(|what| MergeError {
        position: place.body,
        what,
    })?;
    Ok(id.is_none_or(|id| seen.insert(id)))
}

/// Hands out, of the first hits of all lists, always the best one; the lists themselves need be in no such order.
struct Race<'s, 'a> {
    lists: Vec<std::iter::Peekable<std::vec::IntoIter<Place>>>,
    scores: &'s [Vec<Score<'a>>],
}

impl<'s, 'a> Race<'s, 'a> {
    fn new(lists: Vec<Vec<Place>>, scores: &'s [Vec<Score<'a>>]) -> Self {
        let lists = lists.into_iter().map(|list| list.into_iter().peekable());
        Self {
            lists: lists.collect(),
            scores,
        }
    }

    /// Equal scores go by the position of the query.
    fn is_better(&self, one: Place, other: Place) -> bool {
        let score = |place: Place| &self.scores[place.body][place.hit];
        match score(one).compare(score(other)) {
            Ordering::Equal => one.body < other.body,
            order => order.is_gt(),
        }
    }
}

impl Iterator for Race<'_, '_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let mut best: Option<(usize, Place)> = None;
        for number in 0..self.lists.len() {
            let Some(&head) = self.lists[number].peek() else {
                continue;
            };
            if best.is_none_or(|(_, known)| self.is_better(head, known)) {
                best = Some((number, head));
            }
        }
        self.lists[best?.0].next()
    }
}
