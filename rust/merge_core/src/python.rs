//! What Python sees: a thin skin. Converts arguments and errors, and lets go of the GIL where real work is done.

mod federating;
mod merging;
mod placement;
mod splitting;

use pyo3::prelude::*;

/// Work on fewer bytes than this is done with the GIL held: letting go of it would cost more.
const SMALL: usize = 4096;

#[pymodule]
fn _merge_core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    placement::register(module)?;
    splitting::register(module)?;
    merging::register(module)?;
    federating::register(module)
}
