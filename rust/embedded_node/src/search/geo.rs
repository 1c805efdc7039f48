//! `_geoDistance`: the distance of a retrieved `_geo` to the point that the search sorts by.

use milli_core::{AscDesc, Object, distance_between_two_points};
use serde_json::Value;

/// Whole metres between a document's `_geo` and the first `_geoPoint` of the sort, where both are there.
pub fn distance(sort: Option<&[String]>, document: &Object) -> Option<u64> {
    let target = sort?.iter().find_map(|criterion| point_of(criterion))?;
    let place = point(document.get("_geo")?)?;
    Some(distance_between_two_points(&target, &place).round() as u64)
}

fn point_of(criterion: &str) -> Option<[f64; 2]> {
    criterion
        .parse::<AscDesc>()
        .ok()?
        .member()
        .geo_point()
        .copied()
}

/// The point of a `_geo` value; coordinates may be numbers or their text.
pub fn point(value: &Value) -> Option<[f64; 2]> {
    Some([
        coordinate(value.get("lat")?)?,
        coordinate(value.get("lng")?)?,
    ])
}

fn coordinate(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn measure(sort: &[&str], document: Value) -> Option<u64> {
        let sort: Vec<String> = sort.iter().map(|text| (*text).to_owned()).collect();
        distance(Some(&sort), document.as_object()?)
    }

    #[test]
    fn the_first_point_of_the_sort_counts() {
        let near = json!({"_geo": {"lat": "0", "lng": 0}});
        let sort = ["year:asc", "_geoPoint(0, 1):desc", "_geoPoint(50, 50):asc"];
        assert_eq!(measure(&sort, near), Some(111_195));
    }

    #[test]
    fn without_a_point_there_is_no_distance() {
        assert_eq!(
            measure(&["year:asc"], json!({"_geo": {"lat": 0, "lng": 0}})),
            None
        );
        assert_eq!(measure(&["_geoPoint(0, 1):asc"], json!({"id": 1})), None);
    }
}
