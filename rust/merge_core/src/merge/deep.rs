//! Deep pages: the first answers tell which hits there are, and hold no contents; the second ones hold those of the page.
//!
//! A hit is known again by its `_miroir_seq`, which every version of every document has for itself.

use std::collections::HashMap;

use super::body::Body;
use super::details::last_member;
use super::{MergeError, Place};
use crate::json::{Flaw, unescape};

/// Where a hit's document is, and which version of it: its `_miroir_shard` and `_miroir_seq`.
pub type Stamps = (String, String);

/// The stamps of these hits.
pub fn stamps(bodies: &[Body], page: &[Place]) -> Result<Vec<Stamps>, MergeError> {
    let read = |place: &Place| {
        let text = |name| text_member(&bodies[place.body], place.hit, name);
        let stamps = text(b"_miroir_shard").and_then(|shard| Ok((shard, text(b"_miroir_seq")?)));
        stamps.map_err(|what| MergeError {
            position: place.body,
            what,
        })
    };
    page.iter().map(read).collect()
}

fn text_member(body: &Body, hit: usize, name: &[u8]) -> Result<String, Flaw> {
    match last_member(body, hit, name)? {
        Some([b'"', text @ .., b'"']) => {
            String::from_utf8(unescape(text)?.into_owned()).map_err(|_| "a stamp is no UTF-8")
        }
        _ => Err("a hit has no stamps"),
    }
}

/// The contents of the hits of a page.
pub struct Contents<'a, 'b> {
    bodies: &'b [Body<'a>],
    places: HashMap<String, Place>,
}

impl<'a, 'b> Contents<'a, 'b> {
    pub fn read(bodies: &'b [Body<'a>]) -> Result<Self, MergeError> {
        let mut places = HashMap::new();
        for (number, body) in bodies.iter().enumerate() {
            for hit in 0..body.len() {
                let stamp = text_member(body, hit, b"_miroir_seq");
                let stamp = stamp.map_err(|what| MergeError {
                    position: number,
                    what,
                })?;
                places.insert(stamp, Place { body: number, hit });
            }
        }
        Ok(Self { bodies, places })
    }

    /// Whether there are the contents of all these hits.
    pub fn are_of(&self, stamps: &[Stamps]) -> bool {
        stamps
            .iter()
            .all(|(_, sequence)| self.places.contains_key(sequence))
    }

    /// The hit with these contents.
    pub fn of(&self, body: &Body, hit: usize) -> Result<(&'b Body<'a>, usize), Flaw> {
        let stamp = text_member(body, hit, b"_miroir_seq")?;
        let place = self.places.get(&stamp).ok_or("a hit has no contents")?;
        Ok((&self.bodies[place.body], place.hit))
    }
}
