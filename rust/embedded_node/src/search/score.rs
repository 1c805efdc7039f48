//! The ranking score of a hit: one number out of the details of all ranking rules.

use milli_core::score_details::{Rank, ScoreDetails};

/// Between 0 and 1. Rules that sort leave no trace in it; a vector's similarity stands alone.
pub fn global(details: &[ScoreDetails]) -> f64 {
    let similarity = details.iter().find_map(|detail| match detail {
        ScoreDetails::Vector(vector) => Some(vector.similarity.map_or(0.0, f64::from)),
        _ => None,
    });
    similarity.unwrap_or_else(|| merged(details.iter().filter_map(ScoreDetails::rank)))
}

/// Each rule divides the step that the rules before it left open, as digits of a mixed-radix number do. The product
/// of many rules outgrows 32 bits, so it is kept in 128.
fn merged(ranks: impl Iterator<Item = Rank>) -> f64 {
    let (mut rank, mut max) = (1_u128, 1_u128);
    for inner in ranks {
        let wide = u128::from(inner.max_rank);
        rank = rank
            .saturating_sub(1)
            .saturating_mul(wide)
            .saturating_add(u128::from(inner.rank));
        max = max.saturating_mul(wide);
    }
    rank as f64 / max as f64
}

#[cfg(test)]
mod tests {
    use milli_core::score_details::{Sort, Words};
    use serde_json::Value;

    use super::*;

    fn words(matching_words: u32) -> ScoreDetails {
        ScoreDetails::Words(Words {
            matching_words,
            max_matching_words: 2,
        })
    }

    fn proximity(rank: u32) -> ScoreDetails {
        ScoreDetails::Proximity(Rank { rank, max_rank: 4 })
    }

    #[test]
    fn a_sort_between_rules_does_not_end_the_score() {
        let sort = Sort {
            field_name: "a".to_owned(),
            ascending: true,
            redacted: false,
            value: Value::Null,
        };
        let with_sort = [words(2), ScoreDetails::Sort(sort.clone()), proximity(3)];
        assert_eq!(global(&with_sort), 7.0 / 8.0);
        assert_eq!(global(&with_sort), global(&[words(2), proximity(3)]));
        assert_eq!(global(&[ScoreDetails::Sort(sort)]), 1.0);
    }

    #[test]
    fn many_rules_do_not_overflow() {
        let details: Vec<ScoreDetails> = (0..40).map(|_| proximity(4)).collect();
        assert_eq!(global(&details), 1.0);
    }
}
