//! Hits by words and hits by vectors as one list (exact-merge 5.2, step 5).

use std::collections::HashSet;

use super::groups::{Group, compare, groups};
use super::{Kind, Source};
use crate::merge::body::Body;
use crate::merge::details::Key;
use crate::merge::identity::id;
use crate::merge::plan::Hybrid;
use crate::merge::{Answers, MergeError, Place};

/// Both lists, each with its best hit left.
pub struct TwoLists<'a, 'b> {
    bodies: &'b [Body<'a>],
    words: List<'a, 'b>,
    vectors: List<'a, 'b>,
    primary_key: Option<String>,
    seen: HashSet<Vec<u8>>,
}

struct List<'a, 'b> {
    source: Source<'a, 'b>,
    weight: f64,
    best: Option<(Place, Vec<Group<'a>>)>,
}

impl<'a, 'b> List<'a, 'b> {
    fn new(source: Source<'a, 'b>, weight: f32, bodies: &[Body<'a>]) -> Result<Self, MergeError> {
        let mut list = Self {
            source,
            weight: f64::from(weight),
            best: None,
        };
        list.pull(bodies)?;
        Ok(list)
    }

    /// Hand out the best hit and find the next one.
    fn pull(&mut self, bodies: &[Body<'a>]) -> Result<Option<Place>, MergeError> {
        let next = match self.source.next()? {
            Some(place) => Some((place, self.groups(bodies, place)?)),
            None => None,
        };
        Ok(std::mem::replace(&mut self.best, next).map(|(place, _)| place))
    }

    fn groups(&self, bodies: &[Body<'a>], place: Place) -> Result<Vec<Group<'a>>, MergeError> {
        let key = Key::of(bodies, place)?;
        let read = groups(&bodies[place.body], place.hit, key, self.weight);
        read.map_err(|what| MergeError {
            position: place.body,
            what,
        })
    }
}

impl<'a, 'b> TwoLists<'a, 'b> {
    /// Where the answers by words alone are there, they are the list of words; else all answers hold both.
    pub fn new(answers: &Answers<'a, 'b>, hybrid: &Hybrid) -> Result<Self, MergeError> {
        let bodies = answers.bodies;
        let all = 0..bodies.len();
        let of_words = if answers.words > 0 {
            0..answers.words
        } else {
            all.clone()
        };
        let words = Source::new(bodies, of_words, Kind::Words)?;
        let vectors = Source::new(bodies, all, Kind::Vectors)?;
        Ok(Self {
            bodies,
            words: List::new(words, 1.0 - hybrid.ratio, bodies)?,
            vectors: List::new(vectors, hybrid.ratio, bodies)?,
            primary_key: hybrid.primary_key.clone(),
            seen: HashSet::new(),
        })
    }

    /// The better of both best hits, the one by vectors where they are equal; each document once.
    pub fn next(&mut self) -> Result<Option<Place>, MergeError> {
        loop {
            let list = match (&self.vectors.best, &self.words.best) {
                (Some((_, vectors)), Some((_, words))) if compare(vectors, words).is_lt() => {
                    &mut self.words
                }
                (Some(_), _) => &mut self.vectors,
                _ => &mut self.words,
            };
            match list.pull(self.bodies)? {
                Some(place) if !self.is_new(place)? => {}
                found => return Ok(found),
            }
        }
    }

    pub fn cut_off(&self) -> bool {
        self.words.source.cut_off() || self.vectors.source.cut_off()
    }

    fn is_new(&mut self, place: Place) -> Result<bool, MergeError> {
        let Some(path) = &self.primary_key else {
            return Ok(true);
        };
        let read = id(&self.bodies[place.body], place.hit, path);
        let id = read.map_err(|what| MergeError {
            position: place.body,
            what,
        })?;
        Ok(id.is_none_or(|id| self.seen.insert(id)))
    }
}
