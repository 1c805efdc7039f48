//! The values of one facet, summed over all answers, in the order in which an engine answers them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::json::by_value;
use crate::merge::plan::FacetOrder;

/// Up to so many candidates, and only in alphabetical order, an engine walks over documents rather than values, and
/// then orders numbers as texts.
pub const FEW: u64 = 3000;

/// A value's label as it is written, without quotes, and how many documents have it.
#[derive(Debug, Clone, Copy)]
struct Counted<'a> {
    label: &'a [u8],
    count: u64,
}

#[derive(Debug, Default)]
pub struct Values<'a> {
    numbers: HashMap<u64, Counted<'a>>,
    texts: HashMap<String, Counted<'a>>,
    documents: u64,
}

impl<'a> Values<'a> {
    pub fn add_number(&mut self, number: f64, label: &'a [u8], count: u64) {
        self.documents = self.documents.saturating_add(count);
        bump(self.numbers.entry(number.to_bits()), label, count);
    }

    /// The label of a value is the spelling that was met first.
    pub fn add_text(&mut self, normalized: String, label: &'a [u8], count: u64) {
        self.documents = self.documents.saturating_add(count);
        bump(self.texts.entry(normalized), label, count);
    }

    pub fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }

    /// How many documents have a value; one with several values counts for each.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Write the values as an object.
    pub fn write(&self, out: &mut Vec<u8>, order: FacetOrder, candidates: u64, limit: usize) {
        let (numbers, texts) = (self.numbers_in(order, candidates), self.texts_in(order));
        let few = order == FacetOrder::Alpha && candidates <= FEW;
        let mut kept = take(numbers, limit, few, 0);
        let texts = take(texts, limit, few, kept.len());
        let places: HashMap<&[u8], usize> = kept
            .iter()
            .enumerate()
            .map(|(place, number)| (number.label, place))
            .collect();
        for text in texts {
            match places.get(text.label) {
                Some(place) => kept[*place].count = text.count,
                None => kept.push(text),
            }
        }
        out.push(b'{');
        for (position, value) in kept.iter().enumerate() {
            let comma: &[u8] = if position == 0 { b"\"" } else { b",\"" };
            out.extend(
                [
                    comma,
                    value.label,
                    b"\":",
                    value.count.to_string().as_bytes(),
                ]
                .concat(),
            );
        }
        out.push(b'}');
    }

    fn numbers_in(&self, order: FacetOrder, candidates: u64) -> Vec<Counted<'a>> {
        let mut numbers: Vec<(f64, Counted)> = self
            .numbers
            .iter()
            .map(|(bits, counted)| (f64::from_bits(*bits), *counted))
            .collect();
        match order {
            FacetOrder::Alpha if candidates <= FEW => {
                numbers.sort_by(|one, other| one.1.label.cmp(other.1.label))
            }
            FacetOrder::Alpha => numbers.sort_by(|one, other| by_value(one.0, other.0)),
            FacetOrder::Count => {
                numbers.sort_by(|one, other| {
                    other
                        .1
                        .count
                        .cmp(&one.1.count)
                        .then_with(|| by_value(other.0, one.0))
                });
            }
        }
        numbers.into_iter().map(|(_, counted)| counted).collect()
    }

    fn texts_in(&self, order: FacetOrder) -> Vec<Counted<'a>> {
        let mut texts: Vec<(&String, Counted)> = self
            .texts
            .iter()
            .map(|(text, counted)| (text, *counted))
            .collect();
        match order {
            FacetOrder::Alpha => texts.sort_by(|one, other| one.0.cmp(other.0)),
            FacetOrder::Count => {
                texts.sort_by(|one, other| {
                    other
                        .1
                        .count
                        .cmp(&one.1.count)
                        .then_with(|| other.0.cmp(one.0))
                });
            }
        }
        texts.into_iter().map(|(_, counted)| counted).collect()
    }
}

fn bump<'a, K>(entry: Entry<'_, K, Counted<'a>>, label: &'a [u8], count: u64) {
    match entry {
        Entry::Occupied(mut known) => {
            known.get_mut().count = known.get().count.saturating_add(count)
        }
        Entry::Vacant(new) => drop(new.insert(Counted { label, count })),
    }
}

/// As many values as an engine takes when `used` are taken already. Walking over values, it stops when the limit is
/// reached exactly: numbers that filled it leave texts without a limit.
fn take<'a>(values: Vec<Counted<'a>>, limit: usize, few: bool, used: usize) -> Vec<Counted<'a>> {
    let room = match few {
        true => limit.saturating_sub(used),
        false if limit > used => limit - used,
        false => values.len(),
    };
    values.into_iter().take(room).collect()
}
