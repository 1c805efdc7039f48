//! Ids, shards, nodes and digits.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::digits::{self, SEQUENCE_WIDTH, SEQUENCES, SHARD_WIDTH};
use crate::{ids, placement};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(canonical_id, module)?)?;
    module.add_function(wrap_pyfunction!(shard_of, module)?)?;
    module.add_function(wrap_pyfunction!(rendezvous, module)?)?;
    module.add_function(wrap_pyfunction!(encode_shard, module)?)?;
    module.add_function(wrap_pyfunction!(encode_sequence, module)?)
}

/// The number of shards of an index, when it can be one.
pub fn check_shards(shards: i64) -> PyResult<u32> {
    match u32::try_from(shards) {
        Ok(shards) if (1..=placement::MAX_SHARDS).contains(&shards) => Ok(shards),
        _ => Err(PyValueError::new_err(format!(
            "an index has 1 to {} shards, not {shards}",
            placement::MAX_SHARDS
        ))),
    }
}

#[pyfunction]
fn canonical_id(value: &[u8]) -> Option<String> {
    ids::canonical(value)
}

#[pyfunction]
fn shard_of(document_id: &str, shards: i64) -> PyResult<u32> {
    Ok(placement::shard_of(document_id, check_shards(shards)?))
}

#[pyfunction]
fn rendezvous(
    nodes: Vec<(String, f64)>,
    shard: u32,
    salt: &str,
    copies: usize,
) -> PyResult<Vec<String>> {
    if let Some((id, weight)) = nodes
        .iter()
        .find(|(_, weight)| !(weight.is_finite() && *weight > 0.0))
    {
        return Err(PyValueError::new_err(format!(
            "the weight of node {id} must be more than 0, not {weight}"
        )));
    }
    let chosen = placement::rendezvous(&nodes, shard, salt, copies);
    Ok(chosen
        .into_iter()
        .map(|position| nodes[position].0.clone())
        .collect())
}

#[pyfunction]
fn encode_shard(shard: i64) -> PyResult<String> {
    match u64::try_from(shard) {
        Ok(number) if number < u64::from(placement::MAX_SHARDS) => {
            Ok(text(&digits::encode::<SHARD_WIDTH>(number)))
        }
        _ => Err(PyValueError::new_err(format!(
            "no shard has the number {shard}"
        ))),
    }
}

#[pyfunction]
fn encode_sequence(sequence: i64) -> PyResult<String> {
    match u64::try_from(sequence) {
        Ok(number) if number < SEQUENCES => Ok(text(&digits::encode::<SEQUENCE_WIDTH>(number))),
        _ => Err(PyValueError::new_err(format!(
            "{sequence} is no sequence number"
        ))),
    }
}

fn text(digits: &[u8]) -> String {
    digits.iter().copied().map(char::from).collect()
}
