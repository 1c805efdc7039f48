//! Facets of all answers summed, ordered and cut to the client's limit; the least and the greatest of all numbers
//! (exact-merge 6.1, 3B-15 to 3B-18).

mod run;
mod values;

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use self::run::Run;
use self::values::Values;
use super::MergeError;
use super::body::{Body, count};
use super::plan::MergePlan;
use crate::json::{Cursor, Flaw, number, unescape};

/// The engine cuts normalised values at so many bytes.
const LONGEST: usize = 468;

/// The least and the greatest number of one facet, as they are written.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    least: (f64, &'a [u8]),
    greatest: (f64, &'a [u8]),
}

pub type Ranges<'a> = BTreeMap<String, Range<'a>>;

/// A facet value as the engine compares it: trimmed, decomposed, in lower case.
pub fn normalized(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut value = match text.is_ascii() {
        true => text.trim().to_ascii_lowercase(),
        false => text.trim().nfkd().collect::<String>().to_lowercase(),
    };
    value.truncate(value.floor_char_boundary(LONGEST));
    value
}

/// Write `facetDistribution` and `facetStats`, each followed by a comma, when the client asked for facets.
pub fn write(out: &mut Vec<u8>, bodies: &[Body], plan: &MergePlan) -> Result<(), MergeError> {
    if bodies.iter().all(|body| body.facets.is_none()) {
        return Ok(());
    }
    let mut facets: BTreeMap<String, Values> = BTreeMap::new();
    let mut ranges = Ranges::new();
    for (position, body) in bodies.iter().enumerate() {
        add(body, plan, &mut facets, &mut ranges).map_err(|what| MergeError { position, what })?;
    }
    if facets.is_empty() && !plan.strip_facets.is_empty() {
        return Ok(());
    }
    let candidates = bodies
        .iter()
        .map(|body| body.total)
        .fold(0, u64::saturating_add);
    write_distribution(out, &facets, plan, candidates);
    write_stats(out, &ranges);
    Ok(())
}

/// How many different values, and how many documents with one of them, the bodies name of a facet: both by body for
/// the documents. None when a body has no facets.
pub fn tally(
    bodies: &[Body],
    plan: &MergePlan,
    facet: &str,
) -> Result<Option<(u64, Vec<u64>)>, MergeError> {
    let mut values = Values::default();
    let mut with_value = Vec::with_capacity(bodies.len());
    for (position, body) in bodies.iter().enumerate() {
        let Some(facets) = body.facets else {
            return Ok(None);
        };
        let before = values.documents();
        let mut read = || {
            let ranges = body.stats.map_or(Ok(Ranges::new()), read_ranges)?;
            each_facet(facets, |name, cursor| match name == facet {
                true => {
                    let run = Run::new(plan.order_of(name), body.total);
                    add_values(cursor, ranges.get(facet), run, &mut values)
                }
                false => cursor.value().map(drop),
            })
        };
        read().map_err(|what| MergeError { position, what })?;
        with_value.push(values.documents().saturating_sub(before));
    }
    Ok(Some((values.len() as u64, with_value)))
}

fn add<'a>(
    body: &Body<'a>,
    plan: &MergePlan,
    facets: &mut BTreeMap<String, Values<'a>>,
    ranges: &mut Ranges<'a>,
) -> Result<(), Flaw> {
    let own = body.stats.map_or(Ok(Ranges::new()), read_ranges)?;
    if let Some(text) = body.facets {
        each_facet(text, |name, cursor| match is_hidden(name, plan) {
            true => cursor.value().map(drop),
            false => add_values(
                cursor,
                own.get(name),
                Run::new(plan.order_of(name), body.total),
                facets.entry(name.to_owned()).or_default(),
            ),
        })?;
    }
    for (name, range) in own.into_iter().filter(|(name, _)| !is_hidden(name, plan)) {
        ranges
            .entry(name)
            .and_modify(|sum| sum.widen(&range))
            .or_insert(range);
    }
    Ok(())
}

/// A facet that was added may bring others: nodes count the members of objects as facets of their own.
fn is_hidden(name: &str, plan: &MergePlan) -> bool {
    let below = |facet: &String| {
        name.strip_prefix(facet.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    name.starts_with("_miroir_") || plan.strip_facets.iter().any(below)
}

/// Show each member of an object of facets: its name, and a cursor at its value, which the function must pass.
pub fn each_facet<'a>(
    text: &'a [u8],
    mut show: impl FnMut(&str, &mut Cursor<'a, '_>) -> Result<(), Flaw>,
) -> Result<(), Flaw> {
    let mut cursor = Cursor::new(text);
    cursor.expect(b'{')?;
    let mut first = true;
    while let Some(name) = cursor.key(first)? {
        first = false;
        show(&String::from_utf8_lossy(&unescape(name)?), &mut cursor)?;
    }
    Ok(())
}

/// Add one node's values of a facet. Numbers stand first, and only where the facet has a range.
fn add_values<'a>(
    cursor: &mut Cursor<'a, '_>,
    range: Option<&Range>,
    mut run: Run<'a>,
    values: &mut Values<'a>,
) -> Result<(), Flaw> {
    cursor.expect(b'{')?;
    let (mut first, mut range) = (true, range);
    while let Some(label) = cursor.key(first)? {
        first = false;
        let count = count(cursor.value()?)?;
        let number = range
            .and_then(|range| range.holds(label))
            .filter(|number| run.goes_on(*number, label, count));
        if number.is_none() {
            range = None;
        }
        match number {
            Some(number) => values.add_number(number, label, count),
            None => values.add_text(normalized(&unescape(label)?), label, count),
        }
    }
    Ok(())
}

impl Range<'_> {
    /// The number that a label stands for, when it is written as the engine writes numbers and lies in the range.
    fn holds(&self, label: &[u8]) -> Option<f64> {
        let text = std::str::from_utf8(label).ok()?;
        let value: f64 = text.parse().ok()?;
        ((self.least.0..=self.greatest.0).contains(&value) && value.to_string() == text)
            .then_some(value)
    }
}

impl<'a> Range<'a> {
    pub fn widen(&mut self, other: &Range<'a>) {
        if other.least.0 < self.least.0 {
            self.least = other.least;
        }
        if other.greatest.0 > self.greatest.0 {
            self.greatest = other.greatest;
        }
    }

    fn read(text: &'a [u8]) -> Result<Self, Flaw> {
        let mut cursor = Cursor::new(text);
        cursor.expect(b'{')?;
        let (mut first, mut least, mut greatest) = (true, None, None);
        while let Some(name) = cursor.key(first)? {
            first = false;
            let value = cursor.value()?;
            match name {
                b"min" => least = Some((number(value)?, value)),
                b"max" => greatest = Some((number(value)?, value)),
                _ => {}
            }
        }
        let (least, greatest) = least.zip(greatest).ok_or("facet stats lack a bound")?;
        Ok(Self { least, greatest })
    }
}

pub fn read_ranges(text: &[u8]) -> Result<Ranges<'_>, Flaw> {
    let mut ranges = Ranges::new();
    each_facet(text, |name, cursor| {
        ranges.insert(name.to_owned(), Range::read(cursor.value()?)?);
        Ok(())
    })?;
    Ok(ranges)
}

fn write_distribution(
    out: &mut Vec<u8>,
    facets: &BTreeMap<String, Values>,
    plan: &MergePlan,
    candidates: u64,
) {
    out.extend_from_slice(b"\"facetDistribution\":{");
    for (position, (name, values)) in facets.iter().enumerate() {
        write_name(out, position == 0, name);
        values.write(out, plan.order_of(name), candidates, plan.facet_limit);
    }
    out.extend_from_slice(b"},");
}

pub fn write_stats(out: &mut Vec<u8>, ranges: &Ranges) {
    out.extend_from_slice(b"\"facetStats\":{");
    for (position, (name, range)) in ranges.iter().enumerate() {
        write_name(out, position == 0, name);
        let parts: [&[u8]; 5] = [
            b"{\"min\":",
            range.least.1,
            b",\"max\":",
            range.greatest.1,
            b"}",
        ];
        out.extend(parts.concat());
    }
    out.extend_from_slice(b"},");
}

pub fn write_name(out: &mut Vec<u8>, first: bool, name: &str) {
    if !first {
        out.push(b',');
    }
    out.extend_from_slice(serde_json::Value::from(name).to_string().as_bytes());
    out.push(b':');
}
