//! The table of index names: a client's uid -> the directory that holds the index.
//! Creating, renaming, swapping and deleting an index is one change of this table.

use std::collections::BTreeMap;

use milli_core::heed::{RoTxn, RwTxn};
use uuid::Uuid;

use super::{Result, Store, decode, encode};

impl Store {
    pub fn names(&self, txn: &RoTxn<'_>) -> Result<BTreeMap<String, Uuid>> {
        let rows = self.names.iter(txn)?;
        rows.map(|row| {
            let (uid, bytes) = row?;
            Ok((uid.to_owned(), decode(bytes)?))
        })
        .collect()
    }

    pub fn put_name(&self, wtxn: &mut RwTxn<'_>, uid: &str, directory: Uuid) -> Result<()> {
        Ok(self.names.put(wtxn, uid, &encode(&directory)?)?)
    }

    /// Makes the table equal to `names`.
    pub fn replace_names(
        &self,
        wtxn: &mut RwTxn<'_>,
        names: &BTreeMap<String, Uuid>,
    ) -> Result<()> {
        self.names.clear(wtxn)?;
        names
            .iter()
            .try_for_each(|(uid, directory)| self.put_name(wtxn, uid, *directory))
    }
}
