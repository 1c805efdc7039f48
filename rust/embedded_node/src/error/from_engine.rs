//! What the engine's errors become in the HTTP layer: one code for each kind, the engine's own words as the message.

use milli_core::{self as milli, UserError, heed};

use super::{ApiError, Code, codes};

impl From<milli::Error> for ApiError {
    fn from(error: milli::Error) -> Self {
        match error {
            milli::Error::UserError(user) => Self::new(user_code(&user), user.to_string()),
            milli::Error::IoError(io) => io.into(),
            milli::Error::InternalError(internal) => internal_error(&internal),
        }
    }
}

impl From<heed::Error> for ApiError {
    fn from(error: heed::Error) -> Self {
        milli::Error::from(error).into()
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::new(
                codes::NO_SPACE_LEFT_ON_DEVICE,
                "There is no more space left on the device.",
            ),
            _ => Self::new(codes::IO_ERROR, format!("Input/output error: {error}.")),
        }
    }
}

fn internal_error(error: &milli::InternalError) -> ApiError {
    match error {
        milli::InternalError::VectorEmbeddingError(inner) => {
            ApiError::new(codes::VECTOR_EMBEDDING_ERROR, inner.to_string())
        }
        other => ApiError::internal(other),
    }
}

/// The documented code for what the engine blames on its user.
fn user_code(error: &UserError) -> Code {
    match error {
        UserError::AttributeLimitReached => codes::MAX_FIELDS_LIMIT_EXCEEDED,
        UserError::MissingDocumentId { .. } => codes::MISSING_DOCUMENT_ID,
        UserError::InvalidDocumentId { .. } | UserError::TooManyDocumentIds { .. } => {
            codes::INVALID_DOCUMENT_ID
        }
        UserError::MissingDocumentField(_) => codes::INVALID_DOCUMENT_FIELDS,
        UserError::NoPrimaryKeyCandidateFound => codes::INDEX_PRIMARY_KEY_NO_CANDIDATE_FOUND,
        UserError::MultiplePrimaryKeyCandidatesFound { .. } => {
            codes::INDEX_PRIMARY_KEY_MULTIPLE_CANDIDATES_FOUND
        }
        UserError::PrimaryKeyCannotBeChanged(_) => codes::INDEX_PRIMARY_KEY_ALREADY_EXISTS,
        UserError::InvalidGeoField(_) => codes::INVALID_DOCUMENT_GEO_FIELD,
        UserError::NoSpaceLeftOnDevice => codes::NO_SPACE_LEFT_ON_DEVICE,
        UserError::MaxDatabaseSizeReached => codes::DATABASE_SIZE_LIMIT_REACHED,
        UserError::InvalidStoreFile => codes::INVALID_STORE_FILE,
        UserError::DocumentEditionCannotModifyPrimaryKey
        | UserError::DocumentEditionDocumentMustBeObject
        | UserError::DocumentEditionRuntimeError(_)
        | UserError::DocumentEditionCompilationError(_) => codes::EDIT_DOCUMENTS_BY_FUNCTION_ERROR,
        other => search_code(other)
            .or_else(|| vector_code(other))
            .unwrap_or(codes::INTERNAL),
    }
}

fn search_code(error: &UserError) -> Option<Code> {
    Some(match error {
        UserError::InvalidFilter(_)
        | UserError::InvalidFilterExpression(..)
        | UserError::FilterOperatorNotAllowed { .. } => codes::INVALID_SEARCH_FILTER,
        UserError::InvalidFacetsDistribution { .. } => codes::INVALID_SEARCH_FACETS,
        UserError::InvalidSortableAttribute { .. }
        | UserError::SortRankingRuleMissing
        | UserError::SortError(_) => codes::INVALID_SEARCH_SORT,
        UserError::InvalidDistinctAttribute { .. } => codes::INVALID_SEARCH_DISTINCT,
        UserError::InvalidFacetSearchFacetName { .. } => codes::INVALID_FACET_SEARCH_FACET_NAME,
        UserError::InvalidSearchableAttribute { .. } => {
            codes::INVALID_SEARCH_ATTRIBUTES_TO_SEARCH_ON
        }
        UserError::InvalidSearchEmbedder(_) => codes::INVALID_SEARCH_EMBEDDER,
        UserError::InvalidSimilarEmbedder(_) => codes::INVALID_SIMILAR_EMBEDDER,
        UserError::CriterionError(_) => codes::INVALID_SETTINGS_RANKING_RULES,
        UserError::InvalidMinTypoWordLenSetting(..) => codes::INVALID_SETTINGS_TYPO_TOLERANCE,
        _ => return None,
    })
}

fn vector_code(error: &UserError) -> Option<Code> {
    Some(match error {
        UserError::InvalidVectorDimensions { .. }
        | UserError::InvalidIndexingVectorDimensions { .. } => codes::INVALID_VECTOR_DIMENSIONS,
        UserError::InvalidVectorsMapType { .. } | UserError::InvalidVectorsEmbedderConf { .. } => {
            codes::INVALID_VECTORS_TYPE
        }
        UserError::TooManyVectors(..) => codes::TOO_MANY_VECTORS,
        UserError::VectorEmbeddingError(_) | UserError::DocumentEmbeddingError(_) => {
            codes::VECTOR_EMBEDDING_ERROR
        }
        UserError::TooManyEmbedders(_)
        | UserError::InvalidPrompt(_)
        | UserError::InvalidPromptForEmbeddings(..)
        | UserError::InvalidFieldForSource { .. }
        | UserError::InvalidOpenAiModel { .. }
        | UserError::MissingFieldForSource { .. }
        | UserError::InvalidOpenAiModelDimensions { .. }
        | UserError::InvalidOpenAiModelDimensionsMax { .. }
        | UserError::InvalidSourceForNested { .. }
        | UserError::MissingSourceForNested { .. }
        | UserError::InvalidSettingsEmbedder { .. }
        | UserError::InvalidSettingsDimensions { .. }
        | UserError::InvalidDisableBinaryQuantization { .. }
        | UserError::InvalidSettingsDocumentTemplateMaxBytes { .. }
        | UserError::InvalidUrl { .. } => codes::INVALID_SETTINGS_EMBEDDERS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_error_keeps_the_engines_words_under_the_documented_code() {
        let error = milli::Error::from(UserError::PrimaryKeyCannotBeChanged("id".to_owned()));
        let api = ApiError::in_index(error, "movies");
        assert_eq!(api.code.name, "index_primary_key_already_exists");
        assert_eq!(
            api.message,
            "Index `movies`: Index already has a primary key: `id`."
        );
    }

    #[test]
    fn a_full_disk_is_told_apart_from_other_io_errors() {
        let full = ApiError::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        let other = ApiError::from(std::io::Error::other("boom"));
        assert_eq!(
            (full.code.name, other.code.name),
            ("no_space_left_on_device", "io_error")
        );
    }
}
