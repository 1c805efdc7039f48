//! The embedders of an index, ready to be used while indexing.

use std::collections::HashMap;
use std::sync::Arc;

use milli_core::heed::RoTxn;
use milli_core::index::IndexEmbeddingConfig;
use milli_core::prompt::Prompt;
use milli_core::vector::{Embedder, EmbeddingConfigs, Error};
use milli_core::{self as milli, Index};

type Ready = (Arc<Embedder>, Arc<Prompt>, bool);

pub fn of(index: &Index, rtxn: &RoTxn<'_>) -> milli::Result<EmbeddingConfigs> {
    let configs = index.embedding_configs(rtxn)?.into_iter();
    let ready = configs.map(|config| Ok((config.name.clone(), ready(config)?)));
    Ok(EmbeddingConfigs::new(
        ready.collect::<milli::Result<HashMap<_, _>>>()?,
    ))
}

fn ready(config: IndexEmbeddingConfig) -> milli::Result<Ready> {
    let quantized = config.config.quantized();
    let prompt = Prompt::try_from(config.config.prompt).map_err(milli::UserError::from)?;
    // Texts are embedded once here, so a cache would only cost memory.
    let embedder = Embedder::new(config.config.embedder_options, 0).map_err(Error::from)?;
    Ok((Arc::new(embedder), Arc::new(prompt), quantized))
}
