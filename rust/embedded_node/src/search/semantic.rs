//! Which kind of search a request is (words, vectors or both), and running it so.

use std::sync::Arc;

use milli_core::heed::RoTxn;
use milli_core::vector::Embedder;
use milli_core::{Index, Search, SearchResult, UserError};

use super::request::{Hybrid, SearchRequest};
use crate::error::{ApiError, codes};

const MISSING_HYBRID: &str =
    "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.";
const MEDIA_AND_VECTOR: &str = "Invalid request: both `media` and `vector` parameters are present.";

/// How a search finds its hits.
pub enum Kind {
    Words,
    Vectors(Vectors),
    Both(Vectors, f32),
}

/// The embedder of a search, and the client's own vector where there is one.
pub struct Vectors {
    name: String,
    embedder: Arc<Embedder>,
    quantized: bool,
    given: Option<Vec<f32>>,
    query: String,
}

/// What a search found. `semantic_hits` counts the hits that vectors brought, where vectors took part.
pub struct Found {
    pub result: SearchResult,
    pub vector: Option<Vec<f32>>,
    pub semantic_hits: Option<u32>,
}

impl Kind {
    /// Errors: vectors without `hybrid`, media beside a vector, an embedder that the index lacks.
    pub fn of(request: &SearchRequest, index: &Index, rtxn: &RoTxn<'_>) -> Result<Self, ApiError> {
        if request.media.is_some() && request.vector.is_some() {
            return Err(ApiError::new(
                codes::INVALID_SEARCH_MEDIA_AND_VECTOR,
                MEDIA_AND_VECTOR,
            ));
        }
        let Some(hybrid) = &request.hybrid else {
            return match request.media.is_some() || request.vector.is_some() {
                true => Err(ApiError::new(codes::MISSING_SEARCH_HYBRID, MISSING_HYBRID)),
                false => Ok(Self::Words),
            };
        };
        let has_words = request
            .q
            .as_deref()
            .is_some_and(|query| !query.trim().is_empty());
        let ratio = hybrid.semantic_ratio.0 as f32;
        if ratio == 0.0 || (!has_words && request.vector.is_none()) {
            return Ok(Self::Words);
        }
        let vectors = vectors(request, hybrid, index, rtxn)?;
        Ok(if ratio == 1.0 || !has_words {
            Self::Vectors(vectors)
        } else {
            Self::Both(vectors, ratio)
        })
    }

    /// Runs a prepared search. Errors are the engine's.
    pub fn execute(self, search: &mut Search<'_>) -> milli_core::Result<Found> {
        match self {
            Self::Words => Ok(Found {
                result: search.execute()?,
                vector: None,
                semantic_hits: None,
            }),
            Self::Vectors(vectors) => vectors.execute(search),
            Self::Both(vectors, ratio) => {
                let vector = vectors.given.clone();
                search.semantic(
                    vectors.name,
                    vectors.embedder,
                    vectors.quantized,
                    vectors.given,
                );
                let (result, semantic_hits) = search.execute_hybrid(ratio)?;
                Ok(Found {
                    result,
                    vector,
                    semantic_hits,
                })
            }
        }
    }
}

impl Vectors {
    fn execute(self, search: &mut Search<'_>) -> milli_core::Result<Found> {
        let vector = match self.given {
            Some(vector) => vector,
            None => self
                .embedder
                .embed_search(&self.query, None)
                .map_err(|error| {
                    milli_core::Error::UserError(UserError::VectorEmbeddingError(error.into()))
                })?,
        };
        search.semantic(
            self.name,
            self.embedder,
            self.quantized,
            Some(vector.clone()),
        );
        let result = search.execute()?;
        let count = result.documents_ids.len() as u32;
        Ok(Found {
            result,
            vector: Some(vector),
            semantic_hits: Some(count),
        })
    }
}

fn vectors(
    request: &SearchRequest,
    hybrid: &Hybrid,
    index: &Index,
    rtxn: &RoTxn<'_>,
) -> Result<Vectors, ApiError> {
    let configs = index.embedding_configs(rtxn)?;
    let Some(found) = configs
        .into_iter()
        .find(|config| config.name == hybrid.embedder)
    else {
        let error = UserError::InvalidSearchEmbedder(hybrid.embedder.clone());
        return Err(milli_core::Error::from(error).into());
    };
    let quantized = found.config.quantized();
    let embedder = Embedder::new(found.config.embedder_options, 0)
        .map_err(|error| ApiError::new(codes::VECTOR_EMBEDDING_ERROR, error.to_string()))?;
    Ok(Vectors {
        name: found.name,
        embedder: Arc::new(embedder),
        quantized,
        given: request.vector.clone(),
        query: request.q.clone().unwrap_or_default(),
    })
}
