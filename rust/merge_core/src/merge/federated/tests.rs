//! What no other test shows: broken answers never panic.

use super::*;
use crate::merge::plan::MergePlan;

const HIT: &str = r#"{"id":1,"_federation":0,"_rankingScore":0.5,"_rankingScoreDetails":{"words":{"order":0,"matchingWords":1,"maxMatchingWords":2,"score":0.5},"n:desc":{"order":1,"value":"\u00e9"},"proximity":{"order":2,"score":0.25},"_geoPoint(1,2):asc":{"order":3,"distance":1.5}}}"#;

fn answer() -> Vec<u8> {
    let facets = r#""facetDistribution":{"a":{"1":1,"x":2}},"facetStats":{"a":{"min":1,"max":1}}"#;
    format!(r#"{{"hits":[{HIT},{HIT}],"query":"q","estimatedTotalHits":2,{facets}}}"#).into_bytes()
}

fn plan(merge_facets: bool) -> FederatedPlan {
    let query = Query {
        index: 0,
        weight: 2.0,
        plan: MergePlan::default(),
    };
    let index = Index {
        uid: "movies".into(),
        primary_key: Some("id".into()),
        wanted: 20,
        counted: 1,
        facets: true,
    };
    FederatedPlan {
        queries: vec![query.clone(), query],
        indexes: vec![index],
        offset: 0,
        limit: 20,
        page: None,
        distinct: Some("id".into()),
        merge_facets,
        facet_limit: None,
        show_semantic: true,
        show_vectors: true,
    }
}

#[test]
fn one_document_found_twice_is_answered_once() {
    let merged = merge(&[&answer(), &answer()], &plan(true), 1, "u").unwrap();
    let expected = concat!(
        r#"{"hits":[{"id":1,"_federation":{"indexUid":"movies","queriesPosition":0,"weightedRankingScore":1.0}}],"#,
        r#""queryVectors":{},"processingTimeMs":1,"limit":20,"offset":0,"estimatedTotalHits":2,"#,
        r#""facetDistribution":{"a":{"1":1,"x":2}},"facetStats":{"a":{"min":1,"max":1}},"#,
        r#""requestUid":"u","semanticHitCount":0}"#
    );
    assert_eq!(String::from_utf8(merged).unwrap(), expected);
}

#[test]
fn any_byte_changed_or_lost_is_no_panic() {
    let whole = answer();
    for at in 0..whole.len() {
        for plan in [plan(true), plan(false)] {
            assert!(
                merge(&[&whole, &whole[..at]], &plan, 0, "").is_err(),
                "cut at {at}"
            );
            for byte in *b"\"\\{}[]:,0\x00\xff" {
                let mut changed = whole.clone();
                changed[at] = byte;
                drop(merge(&[&whole, &changed], &plan, 0, ""));
            }
        }
    }
}

#[test]
fn more_queries_than_answers_are_an_error() {
    assert!(merge(&[], &plan(true), 0, "").is_err());
    assert!(merge(&[&answer()], &plan(true), 0, "").is_err());
}
