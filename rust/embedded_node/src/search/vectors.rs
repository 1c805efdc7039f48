//! `_vectors` of a document: hidden unless asked for, then the stored vectors of every embedder. A quantised one has nothing
//! left but ones and zeros.

use milli_core::{DocumentId, Index, Object, heed::RoTxn};
use serde_json::{Value, json};

/// The field that carries vectors in documents.
pub const FIELD: &str = "_vectors";

/// All vectors of a document. `given` is what the stored document itself holds under `_vectors`.
pub fn of_document(
    index: &Index,
    rtxn: &RoTxn<'_>,
    id: DocumentId,
    given: Option<Value>,
) -> milli_core::Result<Object> {
    let mut all = match given {
        Some(Value::Object(object)) => object,
        _ => Object::new(),
    };
    let configs = index.embedding_configs(rtxn)?;
    for (name, mut embeddings) in index.embeddings(rtxn, id)? {
        let config = configs.iter().find(|config| config.name == name);
        if config.is_some_and(|config| config.config.quantized()) {
            let numbers = embeddings.iter_mut().flatten();
            numbers.for_each(|number| *number = f32::from(*number > 0.0));
        }
        let given_by_user = config.is_some_and(|config| config.user_provided.contains(id));
        all.insert(
            name,
            json!({"embeddings": embeddings, "regenerate": !given_by_user}),
        );
    }
    Ok(all)
}
