//! The merge of answers to several queries, and its plan.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::SMALL;
use super::merging::{MergeError, PyMergePlan};
use crate::merge::Page;
use crate::merge::federated::{self, FederatedPlan, Index, Query};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyFederatedPlan>()?;
    module.add_function(wrap_pyfunction!(py_merge_federated, module)?)
}

#[pyclass(frozen, name = "FederatedPlan", module = "miroir._merge_core")]
struct PyFederatedPlan(FederatedPlan);

/// Index, weight, and how hits are shown.
type PyQuery = (usize, f64, Py<PyMergePlan>);
/// Uid, primary key, most hits, which answer counts, whether facets are wanted.
type PyIndex = (String, Option<String>, usize, usize, bool);

#[pymethods]
impl PyFederatedPlan {
    #[new]
    #[pyo3(signature = (
        *, queries, indexes, offset, limit, page = None, distinct = None, merge_facets = false, facet_limit = None,
        show_semantic = false, show_vectors = false,
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "all are named, and each is one choice of the client"
    )]
    fn new(
        queries: Vec<PyQuery>,
        indexes: Vec<PyIndex>,
        offset: u64,
        limit: u64,
        page: Option<(u64, u64)>,
        distinct: Option<String>,
        merge_facets: bool,
        facet_limit: Option<usize>,
        show_semantic: bool,
        show_vectors: bool,
    ) -> Self {
        let queries = queries.into_iter().map(|(index, weight, plan)| Query {
            index,
            weight,
            plan: plan.get().0.clone(),
        });
        let indexes = indexes
            .into_iter()
            .map(|(uid, primary_key, wanted, counted, facets)| Index {
                uid,
                primary_key,
                wanted,
                counted,
                facets,
            });
        Self(FederatedPlan {
            queries: queries.collect(),
            indexes: indexes.collect(),
            offset,
            limit,
            page: page.map(|(number, hits)| Page { number, hits }),
            distinct,
            merge_facets,
            facet_limit,
            show_semantic,
            show_vectors,
        })
    }
}

#[pyfunction(name = "merge_federated")]
fn py_merge_federated<'py>(
    py: Python<'py>,
    bodies: Vec<Bound<'py, PyBytes>>,
    plan: &PyFederatedPlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    if !plan.0.fits(bodies.len()) {
        return Err(PyValueError::new_err(
            "the plan speaks of more answers than there are",
        ));
    }
    let texts: Vec<&[u8]> = bodies.iter().map(|body| body.as_bytes()).collect();
    let run = || federated::merge(&texts, &plan.0, processing_time_ms, request_uid);
    let merged = match texts.iter().map(|text| text.len()).sum() {
        0..SMALL => run(),
        _ => py.detach(run),
    };
    let merged = merged.map_err(|error| MergeError::new_err((error.position, error.what)))?;
    Ok(PyBytes::new(py, &merged))
}
