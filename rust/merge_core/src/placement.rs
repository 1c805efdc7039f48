//! Which shard a document belongs to, and which nodes a shard belongs to. Both are for ever: stored data depends on
//! them, and fixtures pin them. Never change a function here; add a version beside it.

use std::borrow::Cow;
use std::cmp::Ordering;

use xxhash_rust::xxh64::{Xxh64, xxh64};

/// The most shards an index can have: what four digits can name.
pub const MAX_SHARDS: u32 = 4096;

/// The form of a canonical id that is hashed: filters compare ids without case, so ids that differ only by case must
/// share a shard. Only ASCII letters are folded; valid ids hold no others.
pub fn fold(id: &str) -> Cow<'_, str> {
    match id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(id.to_ascii_lowercase()),
        false => Cow::Borrowed(id),
    }
}

/// The shard of a document. `shards` must not be 0.
pub fn shard_of(id: &str, shards: u32) -> u32 {
    (xxh64(fold(id).as_bytes(), 0) % u64::from(shards)) as u32
}

/// How much a node wants a shard: more is better. Weighted rendezvous by the logarithmic method, `-weight / ln(u)`.
///
/// `u` lies strictly between 0 and 1 and is made of the hash's top 53 bits, so it is exact. The logarithm is `libm`'s
/// own code, which gives the same bits on every platform.
pub fn score(node: &str, weight: f64, shard: u32, salt: &str) -> f64 {
    let mut hash = Xxh64::new(0);
    hash.update(node.as_bytes());
    hash.update(&[0]);
    hash.update(&shard.to_le_bytes());
    hash.update(salt.as_bytes());
    let u = (hash.digest() >> 11).max(1) as f64 / (1u64 << 53) as f64;
    -weight / libm::log(u)
}

/// Positions in `nodes` of the `copies` nodes that want the shard most, best first; equal scores go by id.
pub fn rendezvous(nodes: &[(String, f64)], shard: u32, salt: &str, copies: usize) -> Vec<usize> {
    let scores: Vec<f64> = nodes
        .iter()
        .map(|(id, weight)| score(id, *weight, shard, salt))
        .collect();
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by(|&a, &b| match scores[b].total_cmp(&scores[a]) {
        Ordering::Equal => nodes[a].0.cmp(&nodes[b].0),
        unequal => unequal,
    });
    order.truncate(copies);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(count: usize) -> Vec<(String, f64)> {
        (0..count)
            .map(|number| (format!("node-{number}"), 1.0))
            .collect()
    }

    #[test]
    fn ids_that_differ_by_case_share_a_shard() {
        assert_eq!(shard_of("AbC", 4096), shard_of("aBc", 4096));
    }

    #[test]
    fn a_node_more_takes_only_what_it_wants() {
        let (before, after) = (nodes(5), nodes(6));
        for shard in 0..500 {
            let (old, new) = (
                rendezvous(&before, shard, "s", 1)[0],
                rendezvous(&after, shard, "s", 1)[0],
            );
            assert!(new == old || new == 5);
        }
    }

    #[test]
    fn weight_is_proportional_to_the_share() {
        let mut nodes = nodes(3);
        nodes[0].1 = 2.0;
        let first = (0..4000)
            .filter(|&shard| rendezvous(&nodes, shard, "s", 1)[0] == 0)
            .count();
        assert!((1850..2150).contains(&first), "{first}");
    }
}
