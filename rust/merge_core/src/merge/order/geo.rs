//! Hits sorted by distance: the nodes' buckets are rebuilt (exact-merge 2.3).
//!
//! An engine sorts by whole metres, and lets documents join the bucket of the first one while they are within a metre
//! of it; later rules order inside a bucket. A node's buckets are made of its own documents alone, so all lists are
//! taken together and bucketed again.

use std::cmp::Ordering;
use std::ops::Range;

use super::{Kind, break_tie};
use crate::json::{Cursor, Flaw, number, unescape};
use crate::merge::body::Body;
use crate::merge::compare::{compare_from, compare_rule};
use crate::merge::details::{Geo, Key, Said};
use crate::merge::{MergeError, Place};

/// How far, in metres, from a bucket's first document others may be.
const MARGIN: f64 = 1.0;
/// The most documents of one bucket.
const BUCKET: usize = 1000;
/// From so many candidates on, an engine sorts by exact distance rather than by whole metres.
const MANY: u64 = 1000;
const EARTH_RADIUS: f64 = 6_371_000.0;

struct Item<'a> {
    place: Place,
    key: Key<'a>,
    /// Latitude and longitude of the document.
    point: Option<[f64; 2]>,
}

/// All hits of a kind in order, and whether one of them was cut off.
pub fn order(
    bodies: &[Body],
    range: Range<usize>,
    kind: Kind,
) -> Result<(Vec<Place>, bool), MergeError> {
    let mut items = Vec::new();
    for position in range.clone() {
        let body = &bodies[position];
        for hit in 0..body.len() {
            let place = Place {
                body: position,
                hit,
            };
            let key = Key::of(bodies, place)?;
            if kind.takes(&key) {
                let point = point(body, hit).map_err(|what| MergeError { position, what })?;
                items.push(Item { place, key, point });
            }
        }
    }
    let cut_off = items.iter().any(|item| item.key.skipped);
    let totals = bodies[range].iter().map(|body| body.total);
    let many = totals.fold(0, u64::saturating_add) >= MANY;
    let ordered = arrange(items, 0, many);
    Ok((
        ordered.into_iter().map(|item| item.place).collect(),
        cut_off,
    ))
}

/// Order hits that are equal by all rules before `from`.
fn arrange(items: Vec<Item>, from: usize, many: bool) -> Vec<Item> {
    if items.len() < 2 {
        return items;
    }
    let Some(at) = items
        .iter()
        .filter_map(|item| next_geo(&item.key, from))
        .min()
    else {
        return sorted(items, &|one, other| {
            compare_from(&one.key, &other.key, from).then_with(|| tie(one, other))
        });
    };
    let before = |one: &Item, other: &Item| {
        (from..at).fold(Ordering::Equal, |order, rule| {
            order.then_with(|| compare_rule(&one.key, &other.key, rule))
        })
    };
    let items = sorted(items, &|one, other| {
        before(one, other).then_with(|| tie(one, other))
    });
    let groups = cut(items, |first, next| before(first, next).is_ne());
    groups
        .into_iter()
        .flat_map(|group| by_distance(group, at, many))
        .collect()
}

fn next_geo(key: &Key, from: usize) -> Option<usize> {
    (from..key.rules.len()).find(|at| matches!(key.rules[*at].1, Said::Geo(_)))
}

/// Order a group by one distance rule, and inside its buckets by the rules behind.
fn by_distance(group: Vec<Item>, at: usize, many: bool) -> Vec<Item> {
    let descending = group.iter().any(|item| {
        matches!(
            &item.key.rules.get(at),
            Some((
                _,
                Said::Geo(Geo {
                    descending: true,
                    ..
                })
            ))
        )
    });
    let measured: Vec<(Option<f64>, Item)> = group
        .into_iter()
        .map(|item| (distance(&item, at), item))
        .collect();
    let (near, nowhere): (Vec<_>, Vec<_>) = measured
        .into_iter()
        .partition(|(distance, _)| distance.is_some());
    let near: Vec<(f64, Item)> = near
        .into_iter()
        .filter_map(|(distance, item)| Some((distance?, item)))
        .collect();
    let unit = |distance: f64| if many { distance } else { distance.trunc() };
    let mut near = sorted(near, &|one, other| {
        let age = || {
            compare_from(
                &one.1.key,
                &other.1.key,
                one.1.key.rules.len().saturating_sub(1),
            )
        };
        unit(one.0)
            .total_cmp(&unit(other.0))
            .then_with(age)
            .then_with(|| tie(&one.1, &other.1))
    });
    if descending {
        near.reverse();
    }
    let mut buckets: Vec<Vec<Item>> = buckets(near);
    buckets.push(nowhere.into_iter().map(|(_, item)| item).collect());
    buckets
        .into_iter()
        .flat_map(|bucket| arrange(bucket, at + 1, many))
        .collect()
}

fn buckets(items: Vec<(f64, Item)>) -> Vec<Vec<Item>> {
    let mut buckets: Vec<(f64, Vec<Item>)> = Vec::new();
    for (distance, item) in items {
        match buckets.last_mut() {
            Some((anchor, bucket))
                if (*anchor - distance).abs() <= MARGIN && bucket.len() < BUCKET =>
            {
                bucket.push(item)
            }
            _ => buckets.push((distance, vec![item])),
        }
    }
    buckets.into_iter().map(|(_, bucket)| bucket).collect()
}

/// How far a hit is away, in metres: its own place, else what the node says of its bucket.
fn distance(item: &Item, at: usize) -> Option<f64> {
    let Some((_, Said::Geo(geo))) = item.key.rules.get(at) else {
        return None;
    };
    match (geo.target, item.point) {
        (Some(target), Some(point)) if geo.distance.is_some() => Some(haversine(target, point)),
        _ => geo.distance,
    }
}

/// The great-circle distance as the engine computes it, in metres, rounded to millimetres.
fn haversine(one: [f64; 2], other: [f64; 2]) -> f64 {
    let haversine = |angle: f64| (1.0 - angle.cos()) / 2.0;
    let [[latitude, longitude], [to_latitude, to_longitude]] =
        [one, other].map(|point| point.map(f64::to_radians));
    let across = latitude.cos() * to_latitude.cos() * haversine(to_longitude - longitude);
    let total = haversine(to_latitude - latitude) + across;
    (2.0 * EARTH_RADIUS * total.sqrt().asin() * 1000.0).round() / 1000.0
}

fn point(body: &Body, hit: usize) -> Result<Option<[f64; 2]>, Flaw> {
    let Some(geo) = body
        .last_nested(hit, b"_geo")
        .filter(|geo| geo.starts_with(b"{"))
    else {
        return Ok(None);
    };
    let mut cursor = Cursor::new(geo);
    cursor.expect(b'{')?;
    let (mut first, mut latitude, mut longitude) = (true, None, None);
    while let Some(name) = cursor.key(first)? {
        first = false;
        let value = coordinate(cursor.value()?);
        match name {
            b"lat" => latitude = value,
            b"lng" => longitude = value,
            _ => {}
        }
    }
    Ok(latitude
        .zip(longitude)
        .map(|(latitude, longitude)| [latitude, longitude]))
}

/// A number, or a text that is one.
fn coordinate(value: &[u8]) -> Option<f64> {
    match value {
        [b'"', text @ .., b'"'] => std::str::from_utf8(&unescape(text).ok()?)
            .ok()?
            .trim()
            .parse()
            .ok(),
        value => number(value).ok(),
    }
}

fn tie(one: &Item, other: &Item) -> Ordering {
    break_tie((&one.key, one.place), (&other.key, other.place))
}

/// Cut where an item does not belong to its group's first one.
fn cut<T>(items: Vec<T>, apart: impl Fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        match groups.last_mut() {
            Some(group) if !apart(&group[0], &item) => group.push(item),
            _ => groups.push(vec![item]),
        }
    }
    groups
}

/// A stable merge sort that accepts any comparison: the library's may panic when a node's details contradict each
/// other.
pub fn sorted<T>(mut items: Vec<T>, compare: &impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let behind = items.split_off(items.len() / 2);
    let mut left = sorted(items, compare).into_iter().peekable();
    let mut right = sorted(behind, compare).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let first = if compare(one, other).is_gt() {
            &mut right
        } else {
            &mut left
        };
        merged.extend(first.next());
    }
    merged.extend(left.chain(right));
    merged
}
