//! What no other test shows: broken answers never panic, and hits sorted by distance are bucketed again.

use super::*;

const PLAIN: &str = r#"{"id":1,"a\"":"x\\","_rankingScore":0.5,"_rankingScoreDetails":{"words":{"order":0,"matchingWords":1,"maxMatchingWords":2,"score":0.5},"exactness":{"order":1,"matchType":"exactMatch","score":1.0},"x:asc":{"order":2,"value":"\u00e9"}}}"#;

fn body(hits: &[String]) -> Vec<u8> {
    let (count, hits) = (hits.len(), hits.join(","));
    let facets = r#""facetDistribution":{"a":{"1":1,"x":2}},"facetStats":{"a":{"min":1,"max":1}}"#;
    format!(r#"{{"hits":[{hits}],"query":"q","estimatedTotalHits":{count},{facets}}}"#).into_bytes()
}

fn plan() -> MergePlan {
    let everything = MergePlan {
        limit: 50,
        max_total_hits: 1000,
        facet_limit: 100,
        ..MergePlan::default()
    };
    MergePlan {
        show_details: true,
        distinct: Some("id".into()),
        strip: vec!["b.c".into()],
        ..everything
    }
}

#[test]
fn any_byte_changed_or_lost_is_no_panic() {
    let whole = body(&[PLAIN.to_owned(), PLAIN.to_owned()]);
    assert!(merge(&[&whole], &plan(), 0, "").is_ok());
    for at in 0..whole.len() {
        assert!(
            merge(&[&whole[..at]], &plan(), 0, "").is_err(),
            "cut at {at}"
        );
        for byte in *b"\"\\{}[]:,0\x00\xff" {
            let mut changed = whole.clone();
            changed[at] = byte;
            drop(merge(&[&whole, &changed], &plan(), 0, ""));
        }
    }
}

fn located(id: u32, lng: f64, anchor: f64, later: &str) -> String {
    let details = format!(
        r#""_geoPoint(0,0):asc":{{"order":0,"value":{{"lat":0,"lng":{anchor}}},"distance":{}}},"x:asc":{{"order":1,"value":"{later}"}}"#,
        anchor * 111_194.0
    );
    format!(
        r#"{{"id":{id},"_geo":{{"lat":0,"lng":"{lng}"}},"_geoDistance":1,"_rankingScore":1,"_rankingScoreDetails":{{{details}}}}}"#
    )
}

fn ids(merged: &Merged) -> Vec<u64> {
    let answer: serde_json::Value = serde_json::from_slice(&merged.body).unwrap();
    answer["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["id"].as_u64().unwrap())
        .collect()
}

#[test]
fn buckets_of_near_places_are_made_over_all_nodes() {
    // 1e-6 degrees are 0.11 m: places 1 and 2 share a bucket, in which the later rule decides; 3 is 11 m away.
    let one = body(&[
        located(1, 0.000_100, 0.000_100, "z"),
        located(3, 0.000_200, 0.000_200, "a"),
    ]);
    let other = body(&[located(2, 0.000_101, 0.000_101, "b")]);
    let plan = MergePlan {
        strip: vec!["_geo".into()],
        distinct: None,
        show_details: false,
        ..plan()
    };
    let merged = merge(&[&one, &other], &plan, 0, "").unwrap();
    assert_eq!(ids(&merged), [2, 1, 3]);
    assert!(!String::from_utf8(merged.body).unwrap().contains("_geo"));
}

#[test]
fn a_hit_with_very_many_rules_is_refused_and_with_many_is_not() {
    let hit = |rules: usize| {
        let rules: Vec<String> = (0..rules)
            .map(|order| {
                format!(
                    r#""_geoPoint({order},0):asc":{{"order":{order},"value":null,"distance":1}}"#
                )
            })
            .collect();
        let details = rules.join(",");
        format!(r#"{{"id":1,"_rankingScore":1,"_rankingScoreDetails":{{{details}}}}}"#)
    };
    let merged = move |rules: usize| {
        let (first, other) = (body(&[hit(1), hit(rules)]), body(&[hit(rules), hit(rules)]));
        merge(&[&first, &other], &plan(), 0, "").map(|merged| merged.cut_off)
    };
    let on_a_small_stack = std::thread::Builder::new().stack_size(1 << 20);
    let judged = on_a_small_stack.spawn(move || (merged(256), merged(257), merged(5000)));
    let (many, more, most) = judged.unwrap().join().unwrap();
    assert_eq!(many, Ok(false));
    assert_eq!(
        more.as_ref().unwrap_err().what,
        "a hit has too many ranking details"
    );
    assert_eq!(most, more);
}
