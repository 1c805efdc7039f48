//! Selecting and visiting nested fields of a document by dotted names. Pure functions over JSON.

use std::collections::HashSet;

use milli_core::Object;
use serde_json::Value;

/// The part of a document that the names select: `a` takes all of `a`, `a.b` only `b` inside it (inside every
/// element where `a` is an array). The document's own order is kept.
pub fn select<'a>(document: &'a Object, names: impl IntoIterator<Item = &'a str>) -> Object {
    select_object(document, &names.into_iter().collect())
}

fn select_object(object: &Object, names: &HashSet<&str>) -> Object {
    let mut selected = Object::new();
    for (key, value) in object {
        if names.contains(key.as_str()) {
            selected.insert(key.clone(), value.clone());
            continue;
        }
        if let Some(part) = select_inside(value, &names_below(names, key)) {
            selected.insert(key.clone(), part);
        }
    }
    selected
}

/// The rest of every name that continues below `key`.
fn names_below<'a>(names: &HashSet<&'a str>, key: &str) -> HashSet<&'a str> {
    names
        .iter()
        .filter_map(|name| name.strip_prefix(key)?.strip_prefix('.'))
        .collect()
}

fn select_inside(value: &Value, names: &HashSet<&str>) -> Option<Value> {
    if names.is_empty() {
        return None;
    }
    match value {
        Value::Object(object) => Some(Value::Object(select_object(object, names))),
        Value::Array(array) => Some(Value::Array(select_elements(array, names))),
        _ => None,
    }
}

/// Elements in which nothing is selected are left out.
fn select_elements(array: &[Value], names: &HashSet<&str>) -> Vec<Value> {
    let parts = array
        .iter()
        .filter_map(|element| match select_inside(element, names)? {
            Value::Object(object) if object.is_empty() => None,
            Value::Array(elements) if elements.is_empty() => None,
            part => Some(part),
        });
    parts.collect()
}

/// Visits every leaf (neither object nor array) with its dotted name, its indices in the arrays above it, and itself.
pub fn visit_leaves(document: &mut Object, visit: &mut impl FnMut(&str, &[usize], &mut Value)) {
    let mut name = String::new();
    let mut indices = Vec::new();
    visit_object(document, &mut name, &mut indices, visit);
}

fn visit_object(
    object: &mut Object,
    name: &mut String,
    indices: &mut Vec<usize>,
    visit: &mut impl FnMut(&str, &[usize], &mut Value),
) {
    for (key, value) in object.iter_mut() {
        let parent = name.len();
        if parent > 0 {
            name.push('.');
        }
        name.push_str(key);
        visit_value(value, name, indices, visit);
        name.truncate(parent);
    }
}

fn visit_value(
    value: &mut Value,
    name: &mut String,
    indices: &mut Vec<usize>,
    visit: &mut impl FnMut(&str, &[usize], &mut Value),
) {
    match value {
        Value::Object(object) => visit_object(object, name, indices, visit),
        Value::Array(array) => {
            for (index, element) in array.iter_mut().enumerate() {
                indices.push(index);
                visit_value(element, name, indices, visit);
                indices.pop();
            }
        }
        leaf => visit(name, indices, leaf),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        match value {
            Value::Object(object) => object,
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn nested_names_select_inside_objects_and_arrays() {
        let document =
            object(json!({"b": 1, "a": {"x": 1, "y": 2}, "l": [{"x": 1}, {"z": 2}, 3], "ab": 4}));
        let selected = select(&document, ["a.x", "l.x", "b"]);
        assert_eq!(
            Value::Object(selected),
            json!({"b": 1, "a": {"x": 1}, "l": [{"x": 1}]})
        );
    }

    #[test]
    fn a_name_that_leads_nowhere_leaves_empty_containers_but_no_scalars() {
        let document = object(json!({"a": {"x": 1}, "l": [1], "s": "t"}));
        assert_eq!(
            Value::Object(select(&document, ["a.q", "l.q", "s.q"])),
            json!({"a": {}, "l": []})
        );
    }

    #[test]
    fn leaves_are_visited_with_their_path() {
        let mut document = object(json!({"a": {"x": [1, [2]]}, "b": null}));
        let mut seen = Vec::new();
        visit_leaves(&mut document, &mut |name, indices, value| {
            seen.push((name.to_owned(), indices.to_vec(), value.clone()));
        });
        let expected = vec![
            ("a.x".to_owned(), vec![0], json!(1)),
            ("a.x".to_owned(), vec![1, 0], json!(2)),
            ("b".to_owned(), vec![], json!(null)),
        ];
        assert_eq!(seen, expected);
    }
}
