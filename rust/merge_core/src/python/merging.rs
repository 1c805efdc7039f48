//! The plan and the merge.

use std::collections::HashMap;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::SMALL;
use crate::merge::{self, FacetOrder, Hybrid, MergePlan, Merged, Page, Rerank};
use crate::rerank::{Query, Shift};

create_exception!(miroir._merge_core, MergeError, PyException);

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MergeError", module.py().get_type::<MergeError>())?;
    module.add_class::<PyMergePlan>()?;
    module.add_function(wrap_pyfunction!(normalize_facet, module)?)?;
    module.add_function(wrap_pyfunction!(py_merge, module)?)?;
    module.add_function(wrap_pyfunction!(merge_legs, module)?)?;
    module.add_function(wrap_pyfunction!(page_stamps, module)?)?;
    module.add_function(wrap_pyfunction!(merge_page, module)?)?;
    module.add_function(wrap_pyfunction!(good_enough, module)?)
}

/// The embedder, the vector of the query, mean and deviation of its similarities.
type Reranking = (String, Vec<f32>, Option<(f32, f32)>);

#[pyclass(frozen, name = "MergePlan", module = "miroir._merge_core")]
pub struct PyMergePlan(pub MergePlan);

#[pymethods]
impl PyMergePlan {
    #[new]
    #[pyo3(signature = (
        *, offset, limit, page = None, max_total_hits = 1000, show_score = false, show_details = false,
        strip = Vec::new(), strip_formatted = None, strip_facets = Vec::new(), displayed = None,
        distinct = None, facet_limit = 100, facet_order = HashMap::new(), hidden_rules = Vec::new(),
        semantic_ratio = None, primary_key = None, show_query_vector = false, rerank = None,
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
        semantic_ratio: Option<f32>,
        primary_key: Option<String>,
        show_query_vector: bool,
        rerank: Option<Reranking>,
    ) -> PyResult<Self> {
        let facet_order = facet_order
            .into_iter()
            .map(read_order)
            .collect::<PyResult<_>>()?;
        let hybrid = semantic_ratio.map(|ratio| Hybrid {
            ratio,
            primary_key,
            show_query_vector,
        });
        let rerank = rerank.map(|(embedder, vector, shift)| Rerank {
            embedder,
            query: Query::new(vector, shift.map(|(mean, sigma)| Shift { mean, sigma })),
        });
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
            hybrid,
            rerank,
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
    let run = |texts: &[&[u8]]| merge::merge(texts, &plan.0, processing_time_ms, request_uid);
    answer(py, on_texts(py, &bodies, run))
}

#[pyfunction]
fn merge_legs<'py>(
    py: Python<'py>,
    words: Vec<Bound<'py, PyBytes>>,
    vectors: Vec<Bound<'py, PyBytes>>,
    plan: &PyMergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> PyResult<(Bound<'py, PyBytes>, bool)> {
    let by_words = words.len();
    let bodies = [words, vectors].concat();
    if bodies.len() == by_words {
        return Err(PyValueError::new_err("there is nothing to merge"));
    }
    let run = |texts: &[&[u8]]| {
        let (words, vectors) = texts.split_at(by_words);
        merge::merge_legs(words, vectors, &plan.0, processing_time_ms, request_uid)
    };
    answer(py, on_texts(py, &bodies, run))
}

#[pyfunction]
fn page_stamps(
    py: Python<'_>,
    bodies: Vec<Bound<'_, PyBytes>>,
    plan: &PyMergePlan,
) -> PyResult<Vec<merge::Stamps>> {
    on_texts(py, &bodies, |texts| merge::page_stamps(texts, &plan.0)).map_err(raised)
}

#[pyfunction]
fn merge_page<'py>(
    py: Python<'py>,
    bodies: Vec<Bound<'py, PyBytes>>,
    contents: Vec<Bound<'py, PyBytes>>,
    plan: &PyMergePlan,
    processing_time_ms: u64,
    request_uid: &str,
) -> PyResult<Option<(Bound<'py, PyBytes>, bool)>> {
    let ranked = bodies.len();
    if ranked == 0 {
        return Err(PyValueError::new_err("there is nothing to merge"));
    }
    let run = |texts: &[&[u8]]| {
        let (bodies, contents) = texts.split_at(ranked);
        merge::merge_page(bodies, contents, &plan.0, processing_time_ms, request_uid)
    };
    let merged = on_texts(py, &[bodies, contents].concat(), run).map_err(raised)?;
    merged.map(|merged| answer(py, Ok(merged))).transpose()
}

#[pyfunction]
fn good_enough<'py>(
    py: Python<'py>,
    bodies: Vec<Bound<'py, PyBytes>>,
    plan: &PyMergePlan,
) -> PyResult<bool> {
    on_texts(py, &bodies, |texts| merge::good_enough(texts, &plan.0)).map_err(raised)
}

/// Do something with the bytes of some bodies, without the GIL where that takes longer than letting go of it.
fn on_texts<T: Send>(
    py: Python<'_>,
    bodies: &[Bound<'_, PyBytes>],
    run: impl Send + FnOnce(&[&[u8]]) -> T,
) -> T {
    let texts: Vec<&[u8]> = bodies.iter().map(|body| body.as_bytes()).collect();
    match texts.iter().map(|text| text.len()).sum() {
        0..SMALL => run(&texts),
        _ => py.detach(|| run(&texts)),
    }
}

fn answer<'py>(
    py: Python<'py>,
    merged: Result<Merged, merge::MergeError>,
) -> PyResult<(Bound<'py, PyBytes>, bool)> {
    let merged = merged.map_err(raised)?;
    Ok((PyBytes::new(py, &merged.body), merged.cut_off))
}

fn raised(error: merge::MergeError) -> PyErr {
    MergeError::new_err((error.position, error.what))
}
