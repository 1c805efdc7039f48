//! Whole searches on a small index: what the HTTP layer adds to the engine's ranking.

use std::time::Instant;

use serde_json::{Value, json};

use super::fixture::{Fixture, filter_and_sort, index_of};
use super::run::{Context, run};
use super::*;
use crate::features::Features;
use crate::params::JsonFault;

fn movies() -> Fixture {
    let documents = [
        json!({"id": 1, "title": "Captain Marvel", "genres": ["action", "Drama"], "year": 2019, "crew": {"lead": "Brie Larson", "size": 40}}),
        json!({"id": 2, "title": "Captain America", "genres": ["action"], "year": 2011, "crew": {"lead": "Chris Evans", "size": 7}}),
        json!({"id": 3, "title": "Carol", "genres": ["Drama"], "year": 2015, "crew": {"lead": "Cate Blanchett", "size": 9}}),
        json!({"id": 4, "title": "Shazam", "genres": [], "year": "unknown", "_geo": {"lat": 48.8, "lng": 2.3}}),
    ];
    index_of(
        |builder| filter_and_sort(builder, &["genres", "year", "title", "_geo"]),
        &documents,
    )
}

fn context(fixture: &Fixture) -> Context {
    Context {
        index: fixture.index.clone(),
        uid: "movies".to_owned(),
        features: Features::default(),
        include_metadata: false,
        started: Instant::now(),
    }
}

fn try_search(fixture: &Fixture, body: Value) -> Result<Value, ApiError> {
    let request =
        deserr::deserialize::<SearchRequest, _, JsonFault>(body).map_err(ApiError::from)?;
    super::run::check(&request, &Features::default())?;
    let answer = run(&context(fixture), request)?;
    Ok(serde_json::to_value(answer).expect("an answer is JSON"))
}

fn search(fixture: &Fixture, body: Value) -> Value {
    try_search(fixture, body).expect("a valid search")
}

fn refusal(fixture: &Fixture, body: Value) -> (String, &'static str) {
    let error = try_search(fixture, body).expect_err("a refusal");
    (error.message, error.code.name)
}

fn ids(answer: &Value) -> Vec<u64> {
    let hits = answer["hits"].as_array().expect("hits");
    hits.iter().filter_map(|hit| hit["id"].as_u64()).collect()
}

#[test]
fn an_answer_has_its_keys_in_the_documented_order() {
    let fixture = movies();
    let keys = |answer: &Value| {
        answer
            .as_object()
            .expect("object")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let window = search(&fixture, json!({"q": "captain", "facets": ["genres"]}));
    assert_eq!(
        keys(&window),
        "hits query processingTimeMs limit offset estimatedTotalHits facetDistribution facetStats requestUid"
    );
    let pages = search(&fixture, json!({"hitsPerPage": 2}));
    assert_eq!(
        keys(&pages),
        "hits query processingTimeMs hitsPerPage page totalPages totalHits requestUid"
    );
}

#[test]
fn windows_and_pages_cut_the_same_ranking() {
    let fixture = movies();
    let window = search(&fixture, json!({"offset": 1, "limit": 2}));
    assert_eq!(
        (ids(&window), &window["estimatedTotalHits"]),
        (vec![2, 3], &json!(4))
    );
    let page = search(&fixture, json!({"page": 2, "hitsPerPage": 3}));
    assert_eq!(
        (ids(&page), &page["totalPages"], &page["totalHits"]),
        (vec![4], &json!(2), &json!(4))
    );
    assert!(ids(&search(&fixture, json!({"page": 0}))).is_empty());
}

#[test]
fn totals_count_past_the_cap_but_hits_stop_at_it() {
    let fixture = index_of(
        |builder| builder.set_pagination_max_total_hits(2),
        &[json!({"id": 1}), json!({"id": 2}), json!({"id": 3})],
    );
    let answer = search(&fixture, json!({"offset": 1, "limit": 20}));
    assert_eq!(
        (ids(&answer), &answer["estimatedTotalHits"]),
        (vec![2], &json!(3))
    );
    let answer = search(&fixture, json!({"hitsPerPage": 10}));
    assert_eq!(
        (ids(&answer), &answer["totalHits"]),
        (vec![1, 2], &json!(3))
    );
}

#[test]
fn facets_count_values_and_give_the_range_of_numbers() {
    let fixture = movies();
    let answer = search(&fixture, json!({"facets": ["genres", "year"], "limit": 0}));
    let expected = json!({"genres": {"action": 2, "Drama": 2}, "year": {"2011": 1, "2015": 1, "2019": 1, "unknown": 1}});
    assert_eq!(answer["facetDistribution"], expected);
    assert_eq!(
        answer["facetStats"],
        json!({"year": {"min": 2011.0, "max": 2019.0}})
    );
    assert!(
        search(&fixture, json!({"facets": []}))
            .get("facetDistribution")
            .is_none()
    );
    let (message, code) = refusal(&fixture, json!({"facets": ["genres", "crew"]}));
    assert!(
        message.starts_with("Invalid facet distribution: Pattern `crew` is not filterable."),
        "{message}"
    );
    assert_eq!(code, "invalid_search_facets");
}

#[test]
fn filters_sorts_and_distinct_choose_and_order_hits() {
    let fixture = movies();
    let filtered = json!({"filter": [["genres = action", "year = unknown"], "id EXISTS OR year EXISTS"], "sort": ["year:desc"]});
    assert_eq!(refusal(&fixture, filtered).1, "invalid_search_filter");
    let filtered = json!({"filter": [["genres = action", "year = unknown"], "year EXISTS"], "sort": ["year:desc"]});
    assert_eq!(ids(&search(&fixture, filtered)), vec![1, 2, 4]);
    assert_eq!(
        ids(&search(
            &fixture,
            json!({"distinct": "genres", "hitsPerPage": 5})
        )),
        vec![1, 4]
    );
}

#[test]
fn errors_of_the_pipeline_name_the_index_and_the_parameter() {
    let fixture = movies();
    let (message, code) = refusal(&fixture, json!({"filter": "crew = 1"}));
    assert!(
        message.starts_with("Index `movies`: Attribute `crew` is not filterable."),
        "{message}"
    );
    assert_eq!(code, "invalid_search_filter");
    assert_eq!(
        refusal(&fixture, json!({"sort": ["year"]})).1,
        "invalid_search_sort"
    );
    assert_eq!(
        refusal(&fixture, json!({"sort": ["crew:asc"]})).1,
        "invalid_search_sort"
    );
    assert_eq!(
        refusal(&fixture, json!({"distinct": "crew"})).1,
        "invalid_search_distinct"
    );
    let titles = index_of(
        |builder| builder.set_searchable_fields(vec!["title".to_owned()]),
        &[json!({"id": 1})],
    );
    let (_, code) = refusal(
        &titles,
        json!({"q": "a", "attributesToSearchOn": ["nothing"]}),
    );
    assert_eq!(code, "invalid_search_attributes_to_search_on");
}

#[test]
fn vectors_need_an_embedder_and_the_hybrid_parameter() {
    let fixture = movies();
    assert_eq!(
        refusal(&fixture, json!({"vector": [1.0]})).1,
        "missing_search_hybrid"
    );
    let (message, code) = refusal(&fixture, json!({"q": "a", "hybrid": {"embedder": "none"}}));
    assert!(
        message.ends_with("Cannot find embedder with name `none`."),
        "{message}"
    );
    assert_eq!(code, "invalid_search_embedder");
    assert_eq!(
        ids(&search(
            &fixture,
            json!({"q": "carol", "hybrid": {"embedder": "none", "semanticRatio": 0}})
        )),
        vec![3]
    );
}

#[test]
fn a_hit_shows_what_was_asked_for_in_order() {
    let fixture = movies();
    let body = json!({
        "q": "captain", "limit": 1, "attributesToRetrieve": ["crew.lead", "title"], "attributesToHighlight": ["title"],
        "showMatchesPosition": true, "showRankingScore": true, "showRankingScoreDetails": true
    });
    let hit = search(&fixture, body)["hits"][0].clone();
    let keys: Vec<&String> = hit.as_object().expect("object").keys().collect();
    assert_eq!(
        keys,
        [
            "title",
            "crew",
            "_formatted",
            "_matchesPosition",
            "_rankingScore",
            "_rankingScoreDetails"
        ]
    );
    assert_eq!(hit["crew"], json!({"lead": "Brie Larson"}));
    assert_eq!(
        hit["_formatted"],
        json!({"title": "<em>Captain</em> Marvel", "crew": {"lead": "Brie Larson"}})
    );
    assert_eq!(
        hit["_matchesPosition"],
        json!({"title": [{"start": 0, "length": 7}]})
    );
    assert_eq!(
        hit["_rankingScoreDetails"]["words"]["matchingWords"],
        json!(1)
    );
}

#[test]
fn formatted_documents_turn_numbers_into_text_and_keep_nothing_else() {
    let fixture = movies();
    let body = json!({"q": "captain america", "limit": 1, "attributesToHighlight": ["*"], "attributesToCrop": ["title:1"],
        "highlightPreTag": "[", "highlightPostTag": "]", "cropMarker": "~"});
    let formatted = search(&fixture, body)["hits"][0]["_formatted"].clone();
    assert_eq!(formatted["title"], json!("[Captain]~"));
    assert_eq!(
        (&formatted["id"], &formatted["year"]),
        (&json!("2"), &json!("2011"))
    );
    let plain = search(
        &fixture,
        json!({"q": "captain", "attributesToHighlight": ["nothing"]}),
    );
    assert!(plain["hits"][0].get("_formatted").is_none());
}

#[test]
fn matches_inside_arrays_tell_their_indices() {
    let fixture = movies();
    let answer = search(
        &fixture,
        json!({"q": "drama", "limit": 1, "showMatchesPosition": true, "filter": "year = 2019"}),
    );
    let expected = json!({"genres": [{"start": 0, "length": 5, "indices": [1]}]});
    assert_eq!(answer["hits"][0]["_matchesPosition"], expected);
}

#[test]
fn only_displayed_fields_are_shown_and_hidden_sort_values_stay_hidden() {
    let fixture = index_of(
        |builder| {
            filter_and_sort(builder, &["rank"]);
            builder.set_displayed_fields(vec!["id".to_owned()]);
        },
        &[
            json!({"id": 1, "rank": 2, "name": "x"}),
            json!({"id": 2, "rank": 1, "name": "x"}),
        ],
    );
    let body = json!({"sort": ["rank:asc"], "attributesToRetrieve": ["*", "rank"], "showRankingScoreDetails": true});
    let hits = search(&fixture, body)["hits"].clone();
    assert_eq!(hits[0]["id"], json!(2));
    assert!(hits[0].get("rank").is_none() && hits[0].get("name").is_none());
    assert_eq!(
        hits[0]["_rankingScoreDetails"],
        json!({"<hidden-rule-0>": {"order": 0, "value": "<hidden>"}})
    );
}

#[test]
fn the_distance_is_shown_where_the_place_is() {
    let fixture = movies();
    let sort = json!({"sort": ["_geoPoint(48.8, 2.3):asc"], "limit": 1});
    assert_eq!(search(&fixture, sort)["hits"][0]["_geoDistance"], json!(0));
    let hidden =
        json!({"sort": ["_geoPoint(48.8, 2.3):asc"], "limit": 1, "attributesToRetrieve": ["id"]});
    assert_eq!(search(&fixture, hidden)["hits"][0], json!({"id": 4}));
}

#[test]
fn the_threshold_drops_low_hits_and_pages_count_exactly() {
    let fixture = movies();
    let answer = search(
        &fixture,
        json!({"q": "captain america", "rankingScoreThreshold": 0.9, "page": 1}),
    );
    assert_eq!((ids(&answer), &answer["totalHits"]), (vec![2], &json!(1)));
}

#[test]
fn strategies_differ_in_the_words_they_demand() {
    let fixture = movies();
    let with = |strategy: &str| {
        ids(&search(
            &fixture,
            json!({"q": "captain america", "matchingStrategy": strategy}),
        ))
    };
    assert_eq!((with("last"), with("all")), (vec![2, 1], vec![2]));
}
