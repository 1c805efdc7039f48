//! Reads on a small index.

use serde_json::{Value, json};

use super::list::{Context, list, one};
use super::request::{ListRequest, OneForm};
use crate::error::ApiError;
use crate::features::Features;
use crate::params::JsonFault;
use crate::search::fixture::{Fixture, filter_and_sort, index_of};

fn books() -> Fixture {
    let documents = [
        json!({"id": "b", "price": 3, "tags": ["x", "y"], "shop": {"name": "A", "town": "Paris"}}),
        json!({"id": "a", "price": "Free"}),
        json!({"id": 7, "price": [1, 9], "tags": ["y"]}),
        json!({"id": "c"}),
    ];
    index_of(
        |builder| {
            filter_and_sort(builder, &["price", "tags"]);
            builder.set_displayed_fields(vec!["id".to_owned()]);
        },
        &documents,
    )
}

fn try_list(fixture: &Fixture, body: Value, show_sort_values: bool) -> Result<Value, ApiError> {
    let request = deserr::deserialize::<ListRequest, _, JsonFault>(body).map_err(ApiError::from)?;
    let context = Context {
        index: fixture.index.clone(),
        features: Features::default(),
        show_sort_values,
    };
    Ok(serde_json::to_value(list(&context, &request)?).expect("a page is JSON"))
}

fn ids(fixture: &Fixture, body: Value) -> Value {
    let page = try_list(fixture, body, false).expect("a valid list");
    page["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|document| document["id"].clone())
        .collect()
}

#[test]
fn documents_come_whole_in_the_order_of_arrival() {
    let page = try_list(&books(), json!({"offset": 1, "limit": 2}), false).expect("valid");
    let expected = json!({
        "results": [{"id": "a", "price": "Free"}, {"id": 7, "price": [1, 9], "tags": ["y"]}],
        "offset": 1, "limit": 2, "total": 4
    });
    assert_eq!(page, expected);
}

#[test]
fn ids_may_be_text_or_integers_and_unknown_ones_are_skipped() {
    let fixture = books();
    assert_eq!(
        ids(&fixture, json!({"ids": ["7", 7, "b", "zzz"]})),
        json!(["b", 7])
    );
    let error = try_list(&fixture, json!({"ids": ["a", 1.5]}), false).expect_err("a float");
    assert_eq!(error.code.name, "invalid_document_ids");
    assert!(
        error
            .message
            .starts_with("In `.ids[1]`: Document identifier `1.5` is invalid."),
        "{}",
        error.message
    );
}

#[test]
fn filters_and_fields_narrow_the_list() {
    let fixture = books();
    assert_eq!(
        ids(&fixture, json!({"filter": "tags = y AND price > 2"})),
        json!(["b", 7])
    );
    let page = try_list(
        &fixture,
        json!({"fields": ["shop.town"], "limit": 2}),
        false,
    )
    .expect("valid");
    assert_eq!(page["results"], json!([{"shop": {"town": "Paris"}}, {}]));
    let error =
        try_list(&fixture, json!({"filter": "shop = 1"}), false).expect_err("not filterable");
    assert_eq!(error.code.name, "invalid_document_filter");
}

#[test]
fn sorted_lists_put_numbers_before_text_and_the_valueless_last() {
    let fixture = books();
    assert_eq!(
        ids(&fixture, json!({"sort": ["price:asc"]})),
        json!([7, "b", "a", "c"])
    );
    assert_eq!(
        ids(&fixture, json!({"sort": ["price:desc"]})),
        json!([7, "b", "a", "c"])
    );
    assert_eq!(
        ids(&fixture, json!({"sort": ["tags:desc", "price:asc"]})),
        json!([7, "b", "a", "c"])
    );
    let error = try_list(&fixture, json!({"sort": ["shop:asc"]}), false).expect_err("not sortable");
    assert_eq!(error.code.name, "invalid_document_sort");
    assert_eq!(
        try_list(&fixture, json!({"sort": ["price"]}), false)
            .expect_err("syntax")
            .code
            .name,
        "invalid_document_sort"
    );
}

#[test]
fn sort_values_are_shown_to_an_instance_in_front() {
    let page = try_list(
        &books(),
        json!({"sort": ["price:desc"], "fields": ["id"], "limit": 3}),
        true,
    )
    .expect("valid");
    let values =
        |place: usize| page["results"][place]["_federation"]["weightedScoreValues"].clone();
    assert_eq!(values(0), json!([{"sort": {"asc": false, "value": 9}}]));
    assert_eq!(
        values(2),
        json!([{"sort": {"asc": false, "value": "free"}}])
    );
}

#[test]
fn one_document_is_found_by_the_text_of_its_id() {
    let fixture = books();
    let found = one(&fixture.index, "7", &OneForm::default()).expect("found");
    assert_eq!(found.get("price"), Some(&json!([1, 9])));
    let error = one(&fixture.index, "nobody", &OneForm::default()).expect_err("missing");
    assert_eq!(
        (error.code.name, error.message.as_str()),
        ("document_not_found", "Document `nobody` not found.")
    );
}
