//! An index as clients see it.

use milli_core as milli;
use serde::Serialize;
use time::OffsetDateTime;

use crate::error::ApiError;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexView {
    uid: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    primary_key: Option<String>,
}

impl IndexView {
    pub fn read(uid: String, index: &milli::Index) -> Result<Self, ApiError> {
        let rtxn = index.read_txn()?;
        Ok(Self {
            uid,
            created_at: index.created_at(&rtxn)?,
            updated_at: index.updated_at(&rtxn)?,
            primary_key: index.primary_key(&rtxn)?.map(str::to_owned),
        })
    }
}
