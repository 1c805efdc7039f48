//! A hit's `_rankingScoreDetails` as a key: what each ranking rule said, in the order of the rules.

use std::borrow::Cow;

use super::Place;
use super::body::Body;
use crate::json::{Cursor, Flaw, number, unescape};

/// The most rules of a hit that are read: far more than a search has, and few enough to compare them one inside another.
const MOST_RULES: usize = 256;

/// A sort rule's value. Numbers come before texts, and these before nothing at all, in both directions.
#[derive(Debug, Clone, PartialEq)]
pub enum SortValue<'a> {
    Number(f64),
    Text(Cow<'a, [u8]>),
    Nothing,
}

/// What the exactness rule says: 2 exact match, 1 matches the start, 0 neither; the count of exact words is shown for
/// the last only.
#[derive(Debug, Clone, PartialEq)]
pub struct Exactness {
    pub level: u8,
    pub words: f64,
}

/// A sort by distance from a point, and how far from it the bucket's first document is, in metres.
#[derive(Debug, Clone, PartialEq)]
pub struct Geo {
    pub target: Option<[f64; 2]>,
    pub distance: Option<f64>,
    pub descending: bool,
}

/// What one rule says of a hit.
#[derive(Debug, Clone, PartialEq)]
pub enum Said<'a> {
    /// The fewer are missing the better.
    Words {
        matching: f64,
        most: f64,
    },
    /// Smaller counts are better; the largest possible count only tells whether scores can be compared.
    Typos {
        count: f64,
        most: f64,
    },
    /// Larger is better, the first before the second.
    Scores(i64, i64),
    Exactness(Exactness),
    Sort {
        value: SortValue<'a>,
        descending: bool,
    },
    Geo(Geo),
    /// Larger is better, none is last.
    Similarity(Option<f64>),
    /// The node's search cutoff came first.
    Skipped,
    /// A rule of which nothing can be compared.
    Opaque,
}

/// A hit's merge key.
#[derive(Debug, Clone, Default)]
pub struct Key<'a> {
    pub rules: Vec<(u32, Said<'a>)>,
    /// The ranking score; only read where it is needed to compare.
    pub score: Option<f64>,
    /// The hit's `_miroir_seq` where that is no ranking rule: ties of several nodes go by it.
    pub stamp: Option<&'a [u8]>,
    /// Whether the last rule is that stamp.
    pub stamped: bool,
    pub skipped: bool,
}

impl<'a> Key<'a> {
    /// Read the key of a hit in place of what this one held.
    pub fn read(&mut self, body: &Body<'a>, hit: usize) -> Result<(), Flaw> {
        self.rules.clear();
        (self.score, self.stamp) = (None, None);
        (self.stamped, self.skipped) = (false, false);
        let details = body
            .last_nested(hit, b"_rankingScoreDetails")
            .ok_or("a hit has no ranking details")?;
        let mut cursor = Cursor::new(details);
        cursor.expect(b'{')?;
        let mut first = true;
        while let Some(name) = cursor.key(first)? {
            first = false;
            self.stamped |= name == b"_miroir_seq:asc";
            if self.rules.len() == MOST_RULES {
                return Err("a hit has too many ranking details");
            }
            let (order, said) = Entry::read(&mut cursor)?.said(name)?;
            self.skipped |= said == Said::Skipped;
            self.rules.push((order, said));
        }
        if !self.rules.is_sorted_by_key(|rule| rule.0) {
            self.rules.sort_by_key(|rule| rule.0);
        }
        if self
            .rules
            .iter()
            .any(|rule| matches!(&rule.1, Said::Exactness(exactness) if exactness.level > 0))
        {
            self.score = last_member(body, hit, b"_rankingScore")?
                .map(number)
                .transpose()?;
        }
        if !self.stamped {
            self.stamp = last_member(body, hit, b"_miroir_seq")?;
        }
        Ok(())
    }

    /// Whether vectors found the hit: then it has a similarity, or is one of those without a vector.
    pub fn is_by_vector(&self) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|(_, said)| matches!(said, Said::Similarity(_)))
    }

    /// Read a hit's key, with the place of what cannot be read.
    pub fn of(bodies: &[Body<'a>], place: Place) -> Result<Self, super::MergeError> {
        let mut key = Self::default();
        let read = key.read(&bodies[place.body], place.hit);
        read.map(|()| key).map_err(|what| super::MergeError {
            position: place.body,
            what,
        })
    }
}

/// A hit's ranking score.
pub fn ranking_score(bodies: &[Body], place: Place) -> Result<f64, super::MergeError> {
    let found = last_member(&bodies[place.body], place.hit, b"_rankingScore");
    let read = found.and_then(|score| number(score.ok_or("a hit has no ranking score")?));
    read.map_err(|what| super::MergeError {
        position: place.body,
        what,
    })
}

/// The value of a hit's last member of a name: a document may have a field of its own that is named like ours.
pub fn last_member<'a>(
    body: &Body<'a>,
    hit: usize,
    wanted: &[u8],
) -> Result<Option<&'a [u8]>, Flaw> {
    let mut cursor = body.members(hit);
    let (mut first, mut found) = (true, None);
    while let Some(name) = cursor.key(first)? {
        first = false;
        let value = cursor.value()?;
        if name == wanted {
            found = Some(value);
        }
    }
    Ok(found)
}

/// The fields of one entry, as they are written.
#[derive(Default)]
struct Entry<'a> {
    order: Option<&'a [u8]>,
    score: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    typos: Option<&'a [u8]>,
    most_typos: Option<&'a [u8]>,
    words: Option<&'a [u8]>,
    most_words: Option<&'a [u8]>,
    attribute: Option<&'a [u8]>,
    distance_of_words: Option<&'a [u8]>,
    match_type: Option<&'a [u8]>,
    similarity: Option<&'a [u8]>,
    distance: Option<&'a [u8]>,
}

impl<'a> Entry<'a> {
    fn read(cursor: &mut Cursor<'a, '_>) -> Result<Self, Flaw> {
        cursor.expect(b'{')?;
        let mut entry = Self::default();
        let mut first = true;
        while let Some(name) = cursor.key(first)? {
            first = false;
            let value = Some(cursor.value()?);
            match name {
                b"order" => entry.order = value,
                b"score" => entry.score = value,
                b"value" => entry.value = value,
                b"typoCount" => entry.typos = value,
                b"maxTypoCount" => entry.most_typos = value,
                b"matchingWords" => entry.words = value,
                b"maxMatchingWords" => entry.most_words = value,
                b"attributeRankingOrderScore" => entry.attribute = value,
                b"queryWordDistanceScore" => entry.distance_of_words = value,
                b"matchType" => entry.match_type = value,
                b"similarity" => entry.similarity = value,
                b"distance" => entry.distance = value,
                _ => {}
            }
        }
        Ok(entry)
    }

    fn said(self, name: &'a [u8]) -> Result<(u32, Said<'a>), Flaw> {
        let order = needed(self.order)?;
        let said = match name {
            b"words" => Said::Words {
                matching: needed(self.words)?,
                most: needed(self.most_words)?,
            },
            b"typo" => Said::Typos {
                count: needed(self.typos)?,
                most: needed(self.most_typos)?,
            },
            b"attribute" => Said::Scores(fine(self.attribute)?, fine(self.distance_of_words)?),
            b"exactness" => Said::Exactness(self.exactness()?),
            b"vectorSort" => Said::Similarity(similarity(self.similarity)?),
            b"skipped" => Said::Skipped,
            _ if name.starts_with(b"_geoPoint(") => Said::Geo(geo(name, optional(self.distance)?)?),
            _ => self.sort_or_score(name)?,
        };
        Ok((order as u32, said))
    }

    fn exactness(&self) -> Result<Exactness, Flaw> {
        let level = match self.match_type {
            Some(b"\"exactMatch\"") => 2,
            Some(b"\"matchesStart\"") => 1,
            Some(b"\"noExactMatch\"") => 0,
            _ => return Err("an exactness has no known match type"),
        };
        Ok(Exactness {
            level,
            words: if level == 0 { needed(self.words)? } else { 0.0 },
        })
    }

    fn sort_or_score(&self, name: &'a [u8]) -> Result<Said<'a>, Flaw> {
        match (self.value, self.score) {
            (Some(value), _) if name.ends_with(b":asc") => Ok(Said::Sort {
                value: sort(value)?,
                descending: false,
            }),
            (Some(value), _) if name.ends_with(b":desc") => Ok(Said::Sort {
                value: sort(value)?,
                descending: true,
            }),
            (None, Some(score)) => Ok(Said::Scores(fine(Some(score))?, 0)),
            _ => Ok(Said::Opaque),
        }
    }
}

fn needed(text: Option<&[u8]>) -> Result<f64, Flaw> {
    number(text.ok_or("a ranking detail lacks a number")?)
}

fn optional(text: Option<&[u8]>) -> Result<Option<f64>, Flaw> {
    text.filter(|text| *text != b"null").map(number).transpose()
}

/// Engines compute similarities in single precision; the decimals are the shortest that tell these apart.
fn similarity(text: Option<&[u8]>) -> Result<Option<f64>, Flaw> {
    Ok(optional(text)?.map(|value| f64::from(value as f32)))
}

/// A score in steps of 2^-42: coarse enough that two ways to round one fraction are equal, fine enough that no two
/// fractions of small numbers are.
fn fine(text: Option<&[u8]>) -> Result<i64, Flaw> {
    Ok((needed(text)? * (1u64 << 42) as f64).round() as i64)
}

fn sort(value: &[u8]) -> Result<SortValue<'_>, Flaw> {
    match value {
        [b'"', text @ .., b'"'] => Ok(SortValue::Text(unescape(text)?)),
        [b'-' | b'0'..=b'9', ..] => Ok(SortValue::Number(number(value)?)),
        _ => Ok(SortValue::Nothing),
    }
}

/// `_geoPoint(LAT, LNG):asc`; documents without a place have no distance.
fn geo(name: &[u8], distance: Option<f64>) -> Result<Geo, Flaw> {
    let close = memchr::memchr(b')', name).ok_or("a distance rule names no point")?;
    let mut parts = name[b"_geoPoint(".len()..close]
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii);
    let target = match (parts.next().map(number), parts.next().map(number)) {
        (Some(Ok(latitude)), Some(Ok(longitude))) => Some([latitude, longitude]),
        _ => None,
    };
    Ok(Geo {
        target,
        distance,
        descending: name.ends_with(b":desc"),
    })
}
