//! Facets of several indexes, each answered by itself or all summed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::plan::FederatedPlan;
use crate::json::{Flaw, unescape};
use crate::merge::MergeError;
use crate::merge::body::{Body, count};
use crate::merge::facets::{Ranges, each_facet, read_ranges, write_name, write_stats};
use crate::merge::plan::FacetOrder;

/// A facet's values with their counts, in the order in which they came.
#[derive(Default)]
struct Values {
    counts: Vec<(String, u64)>,
    order: FacetOrder,
}

/// Write the facets, each part followed by a comma, when the client asked for some.
pub fn write(out: &mut Vec<u8>, bodies: &[Body], plan: &FederatedPlan) -> Result<(), MergeError> {
    if !plan.indexes.iter().any(|index| index.facets) {
        return Ok(());
    }
    match plan.merge_facets {
        true => merged(out, bodies, plan),
        false => {
            by_index(out, bodies, plan);
            Ok(())
        }
    }
}

fn by_index(out: &mut Vec<u8>, bodies: &[Body], plan: &FederatedPlan) {
    out.extend_from_slice(b"\"facetsByIndex\":{");
    let asked = plan.indexes.iter().filter(|index| index.facets);
    for (place, index) in asked.enumerate() {
        write_name(out, place == 0, &index.uid);
        let body = &bodies[index.counted];
        let parts: [&[u8]; 5] = [
            b"{\"distribution\":",
            body.facets.unwrap_or(b"{}"),
            b",\"stats\":",
            body.stats.unwrap_or(b"{}"),
            b"}",
        ];
        out.extend(parts.concat());
    }
    out.extend_from_slice(b"},");
}

fn merged(out: &mut Vec<u8>, bodies: &[Body], plan: &FederatedPlan) -> Result<(), MergeError> {
    let mut facets: BTreeMap<String, Values> = BTreeMap::new();
    let mut ranges = Ranges::new();
    for number in 0..plan.indexes.len() {
        let index = &plan.indexes[number];
        if index.facets {
            let order = |facet: &str| {
                let query = plan.asking(number).next();
                query.map_or(FacetOrder::Alpha, |query| {
                    plan.queries[query].plan.order_of(facet)
                })
            };
            let added = add(&bodies[index.counted], order, &mut facets, &mut ranges);
            added.map_err(|what| MergeError {
                position: index.counted,
                what,
            })?;
        }
    }
    write_distribution(out, facets, plan.facet_limit);
    write_stats(out, &ranges);
    Ok(())
}

/// Equal labels are one value here, however they are spelled: an engine sums what its indexes answered.
fn add<'a>(
    body: &Body<'a>,
    order: impl Fn(&str) -> FacetOrder,
    facets: &mut BTreeMap<String, Values>,
    ranges: &mut Ranges<'a>,
) -> Result<(), Flaw> {
    if let Some(text) = body.facets {
        each_facet(text, |name, cursor| {
            let values = facets.entry(name.to_owned()).or_insert_with(|| Values {
                order: order(name),
                ..Values::default()
            });
            cursor.expect(b'{')?;
            let mut first = true;
            while let Some(raw) = cursor.key(first)? {
                first = false;
                let label = String::from_utf8_lossy(&unescape(raw)?).into_owned();
                values.add(label, count(cursor.value()?)?);
            }
            Ok(())
        })?;
    }
    for (name, range) in body.stats.map_or(Ok(Ranges::new()), read_ranges)? {
        ranges
            .entry(name)
            .and_modify(|sum| sum.widen(&range))
            .or_insert(range);
    }
    Ok(())
}

impl Values {
    fn add(&mut self, label: String, count: u64) {
        match self.counts.iter_mut().find(|(known, _)| *known == label) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.counts.push((label, count)),
        }
    }

    fn sorted(mut self, limit: Option<usize>) -> Vec<(String, u64)> {
        match self.order {
            FacetOrder::Alpha => self.counts.sort(),
            FacetOrder::Count => self.counts.sort_by_key(|(_, count)| Reverse(*count)),
        }
        self.counts.truncate(limit.unwrap_or(usize::MAX));
        self.counts
    }
}

fn write_distribution(out: &mut Vec<u8>, facets: BTreeMap<String, Values>, limit: Option<usize>) {
    out.extend_from_slice(b"\"facetDistribution\":{");
    for (place, (name, values)) in facets.into_iter().enumerate() {
        write_name(out, place == 0, &name);
        out.push(b'{');
        for (place, (label, count)) in values.sorted(limit).into_iter().enumerate() {
            write_name(out, place == 0, &label);
            out.extend_from_slice(count.to_string().as_bytes());
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"},");
}
