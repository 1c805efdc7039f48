//! What a hit's ranking rules say, so that it can be compared with hits of other queries as an engine does (exact-merge
//! 2.9): relevancy rules that follow each other are one number, every sort stands for itself.

mod compare;
mod ranks;

use self::ranks::Ranks;
use crate::json::{Cursor, Flaw, number, unescape};
use crate::merge::body::Body;
use crate::merge::details::{SortValue, last_member};

/// One part of a score.
#[derive(Debug, Clone, PartialEq)]
pub enum Part<'a> {
    /// Relevancy or similarity, weighted; larger is better.
    Weighted(f64),
    Sort {
        value: SortValue<'a>,
        descending: bool,
    },
    /// Metres; engines compare them without regard to the direction.
    Distance {
        metres: Option<f64>,
        descending: bool,
    },
}

/// A hit's score, the parts in the order of the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Score<'a> {
    parts: Vec<Part<'a>>,
    /// The ranking score, weighted.
    pub global: f64,
    pub by_vector: bool,
}

/// What one ranking rule says, as far as scores are made of it.
enum Rule<'a> {
    Rank(ranks::Rule),
    Similarity,
    Other(Part<'a>),
}

impl<'a> Score<'a> {
    pub fn read(body: &Body<'a>, hit: usize, weight: f64) -> Result<Self, Flaw> {
        let ranking =
            last_member(body, hit, b"_rankingScore")?.ok_or("a hit has no ranking score")?;
        let ranking = number(ranking)?;
        let rules = rules(body, hit)?;
        let by_vector = rules.iter().any(|rule| matches!(rule, Rule::Similarity));
        Ok(Self {
            parts: parts(rules, ranking, weight),
            global: ranking * weight,
            by_vector,
        })
    }
}

/// Relevancy rules that follow each other, or a part that stands for itself.
enum Piece<'a> {
    Run(Vec<ranks::Rule>),
    Whole(Part<'a>),
}

fn parts(rules: Vec<Rule>, ranking: f64, weight: f64) -> Vec<Part> {
    let ranks = Ranks::of(rules.iter().filter_map(|rule| match rule {
        Rule::Rank(rank) => Some(rank),
        _ => None,
    }));
    let pieces = pieces(rules, ranking * weight);
    let runs = pieces.iter().filter(|piece| matches!(piece, Piece::Run(_)));
    // One run of relevancy rules is what the ranking score is made of.
    let is_only_one = runs.count() == 1;
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Run(_) if is_only_one => Part::Weighted(ranking * weight),
            Piece::Run(run) => Part::Weighted(ranks.score(&run) * weight),
            Piece::Whole(part) => part,
        })
        .collect()
}

/// Where there is a similarity, `global` is it.
fn pieces(rules: Vec<Rule>, global: f64) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(rules.len());
    for rule in rules {
        match (rule, pieces.last_mut()) {
            (Rule::Rank(rank), Some(Piece::Run(run))) => run.push(rank),
            (Rule::Rank(rank), _) => pieces.push(Piece::Run(vec![rank])),
            (Rule::Similarity, _) => pieces.push(Piece::Whole(Part::Weighted(global))),
            (Rule::Other(part), _) => pieces.push(Piece::Whole(part)),
        }
    }
    pieces
}

/// The rules in their order. Miroir's own last rule is none of them: a single engine does not have it.
fn rules<'a>(body: &Body<'a>, hit: usize) -> Result<Vec<Rule<'a>>, Flaw> {
    let details = body
        .last_nested(hit, b"_rankingScoreDetails")
        .ok_or("a hit has no ranking details")?;
    let mut cursor = Cursor::new(details);
    cursor.expect(b'{')?;
    let (mut first, mut rules) = (true, Vec::new());
    while let Some(name) = cursor.key(first)? {
        first = false;
        let entry = Entry::read(&mut cursor)?;
        if !name.starts_with(b"_miroir_") {
            rules.push((needed(entry.order)?, entry.rule(name)?));
        }
    }
    rules.sort_by(|one, other| one.0.total_cmp(&other.0));
    Ok(rules.into_iter().map(|(_, rule)| rule).collect())
}

/// The fields of one entry, as they are written.
#[derive(Default)]
struct Entry<'a> {
    order: Option<&'a [u8]>,
    score: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    distance: Option<&'a [u8]>,
    /// `maxMatchingWords` or `maxTypoCount`.
    most: Option<&'a [u8]>,
    words: Option<&'a [u8]>,
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
                b"distance" => entry.distance = value,
                b"maxMatchingWords" | b"maxTypoCount" => entry.most = value,
                b"matchingWords" => entry.words = value,
                _ => {}
            }
        }
        Ok(entry)
    }

    fn rule(&self, name: &'a [u8]) -> Result<Rule<'a>, Flaw> {
        let descending = name.ends_with(b":desc");
        match name {
            b"vectorSort" => Ok(Rule::Similarity),
            b"skipped" => Ok(Rule::Rank(ranks::Rule::skipped())),
            _ if name.starts_with(b"_geoPoint(") => Ok(Rule::Other(Part::Distance {
                metres: optional(self.distance)?,
                descending,
            })),
            _ if descending || name.ends_with(b":asc") => Ok(Rule::Other(Part::Sort {
                value: sort_value(self.value)?,
                descending,
            })),
            _ => Ok(Rule::Rank(ranks::Rule {
                kind: ranks::Kind::of(name),
                score: needed(self.score)?,
                most: optional(self.most)?,
                words: optional(self.words)?,
            })),
        }
    }
}

fn needed(text: Option<&[u8]>) -> Result<f64, Flaw> {
    number(text.ok_or("a ranking detail lacks a number")?)
}

fn optional(text: Option<&[u8]>) -> Result<Option<f64>, Flaw> {
    text.filter(|text| *text != b"null").map(number).transpose()
}

fn sort_value(value: Option<&[u8]>) -> Result<SortValue<'_>, Flaw> {
    match value {
        Some([b'"', text @ .., b'"']) => unescape(text).map(SortValue::Text),
        Some(digits @ [b'-' | b'0'..=b'9', ..]) => number(digits).map(SortValue::Number),
        _ => Ok(SortValue::Nothing),
    }
}
