//! The splitter and the stamp.

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::SMALL;
use super::placement::check_shards;
use crate::split::{self, Splitter};
use crate::stamp::{self, StampError};

create_exception!(miroir._merge_core, SplitError, PyException);

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("SplitError", module.py().get_type::<SplitError>())?;
    module.add_class::<Piece>()?;
    module.add_class::<PySplitter>()?;
    module.add_function(wrap_pyfunction!(py_stamp, module)?)
}

#[pyclass(frozen, get_all, module = "miroir._merge_core")]
struct Piece {
    shard: u32,
    data: Py<PyBytes>,
    ends: Py<PyBytes>,
}

#[pyclass(name = "Splitter", module = "miroir._merge_core")]
struct PySplitter(Splitter);

#[pymethods]
impl PySplitter {
    #[new]
    #[pyo3(signature = (*, ndjson, shards, primary_key = None))]
    fn new(ndjson: bool, shards: i64, primary_key: Option<&str>) -> PyResult<Self> {
        Ok(Self(Splitter::new(
            ndjson,
            check_shards(shards)?,
            primary_key,
        )))
    }

    fn feed(&mut self, py: Python<'_>, chunk: &[u8]) -> PyResult<Vec<Piece>> {
        let pieces = match chunk.len() {
            0..SMALL => self.0.feed(chunk),
            _ => py.detach(|| self.0.feed(chunk)),
        };
        Ok(pieces
            .map_err(raised)?
            .into_iter()
            .map(|piece| shown(py, &piece))
            .collect())
    }

    fn finish(&mut self, py: Python<'_>) -> PyResult<Vec<Piece>> {
        py.detach(|| self.0.finish()).map_err(raised)?;
        Ok(Vec::new())
    }

    #[getter]
    fn documents(&self) -> u64 {
        self.0.documents()
    }

    #[getter]
    fn seen(&self) -> u64 {
        self.0.seen()
    }

    #[getter]
    fn primary_key(&self) -> Option<&str> {
        self.0.primary_key()
    }
}

fn shown(py: Python<'_>, piece: &split::Piece) -> Piece {
    let [data, ends] = [&piece.data, &piece.ends].map(|bytes| PyBytes::new(py, bytes).unbind());
    Piece {
        shard: piece.shard,
        data,
        ends,
    }
}

fn raised(error: split::SplitError) -> PyErr {
    SplitError::new_err((error.code, error.message, error.position))
}

#[pyfunction(name = "stamp")]
fn py_stamp<'py>(
    py: Python<'py>,
    data: &[u8],
    ends: &[u8],
    base: u64,
) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, data.len(), |copy| {
        copy.copy_from_slice(data);
        py.detach(|| stamp::stamp(copy, ends, base))
            .map_err(|error| match error {
                StampError::Damaged => {
                    PyValueError::new_err("these ends do not belong to this data")
                }
                StampError::Overflow => {
                    PyOverflowError::new_err("the sequence of the index is exhausted")
                }
            })
    })
}
