//! The engine's settings of this process: few threads, bounded memory.

use milli_core::update::IndexerConfig;
use milli_core::{InternalError, ThreadPoolNoAbort, ThreadPoolNoAbortBuilder};

use super::Failure;
use crate::error::ApiError;

const THREADS: usize = 2;
const MAX_MEMORY: usize = 512 << 20;

pub struct Engine {
    pub config: IndexerConfig,
    /// Where extraction runs; writing has the other pool, so that neither waits for a thread of the other.
    pub extraction: ThreadPoolNoAbort,
    pub writing: ThreadPoolNoAbort,
}

impl Engine {
    pub fn new() -> Result<Self, ApiError> {
        let config = IndexerConfig {
            max_memory: Some(MAX_MEMORY),
            thread_pool: Some(pool("settings")?),
            ..Default::default()
        };
        Ok(Self {
            config,
            extraction: pool("extraction")?,
            writing: pool("writing")?,
        })
    }
}

fn pool(name: &'static str) -> Result<ThreadPoolNoAbort, ApiError> {
    let builder = ThreadPoolNoAbortBuilder::new().num_threads(THREADS);
    builder
        .thread_name(move |number| format!("{name}-{number}"))
        .build()
        .map_err(ApiError::internal)
}

/// An engine error on the index `uid`, as the failure of a batch.
pub fn failure(error: milli_core::Error, uid: &str) -> Failure {
    match error {
        milli_core::Error::InternalError(InternalError::AbortedIndexation) => Failure::Interrupted,
        error => Failure::Error(ApiError::in_index(error, uid)),
    }
}
