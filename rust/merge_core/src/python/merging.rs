//! The plan and the merge.

use std::collections::HashMap;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::SMALL;
use crate::merge::{self, FacetOrder, MergePlan, Page};

create_exception!(miroir._merge_core, MergeError, PyException);

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MergeError", module.py().get_type::<MergeError>())?;
    module.add_class::<PyMergePlan>()?;
    module.add_function(wrap_pyfunction!(normalize_facet, module)?)?;
    module.add_function(wrap_pyfunction!(py_merge, module)?)
}

#[pyclass(frozen, name = "MergePlan", module = "miroir._merge_core")]
struct PyMergePlan(MergePlan);

#[pymethods]
impl PyMergePlan {
    #[new]
    #[pyo3(signature = (
        *, offset, limit, page = None, max_total_hits = 1000, show_score = false, show_details = false,
        strip = Vec::new(), strip_formatted = None, strip_facets = Vec::new(), displayed = None,
        distinct = None, facet_limit = 100, facet_order = HashMap::new(), hidden_rules = Vec::new(),
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "all are named, and each is one choice of the client"
    )]
    fn new(
        offset: u64,
        limit: u64,
        page: Option<(u64, u64)>,
        max_total_hits: u64,
        show_score: bool,
        show_details: bool,
        strip: Vec<String>,
        strip_formatted: Option<Vec<String>>,
        strip_facets: Vec<String>,
        displayed: Option<Vec<String>>,
        distinct: Option<String>,
        facet_limit: usize,
        facet_order: HashMap<String, String>,
        hidden_rules: Vec<String>,
    ) -> PyResult<Self> {
        let facet_order = facet_order
            .into_iter()
            .map(read_order)
            .collect::<PyResult<_>>()?;
        let page = page.map(|(number, hits)| Page { number, hits });
        Ok(Self(MergePlan {
            offset,
            limit,
            page,
            max_total_hits,
            show_score,
            show_details,
            strip,
            strip_formatted,
            strip_facets,
            displayed,
            distinct,
            facet_limit,
            facet_order,
            hidden_rules,
        }))
    }
}

fn read_order((facet, order): (String, String)) -> PyResult<(String, FacetOrder)> {
    match order.as_str() {
        "alpha" => Ok((facet, FacetOrder::Alpha)),
        "count" => Ok((facet, FacetOrder::Count)),
        _ => Err(PyValueError::new_err(format!(
            "facets are ordered by \"alpha\" or \"count\", not {order:?}"
        ))),
    }
}

#[pyfunction]
fn normalize_facet(text: &str) -> String {
    merge::normalized(text.as_bytes())
}

#[pyfunction(name = "merge")]
fn py_merge<'py>(
    py: Python<'py>,
    bodies: Vec<Bound<'py, PyBytes>>,
    plan: &PyMergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> PyResult<(Bound<'py, PyBytes>, bool)> {
    if bodies.is_empty() {
        return Err(PyValueError::new_err("there is nothing to merge"));
    }
    let texts: Vec<&[u8]> = bodies.iter().map(|body| body.as_bytes()).collect();
    let run = || merge::merge(&texts, &plan.0, processing_time_ms, request_uid);
    let merged = match texts.iter().map(|text| text.len()).sum() {
        0..SMALL => run(),
        _ => py.detach(run),
    };
    let merged = merged.map_err(|error| MergeError::new_err((error.position, error.what)))?;
    Ok((PyBytes::new(py, &merged.body), merged.cut_off))
}
