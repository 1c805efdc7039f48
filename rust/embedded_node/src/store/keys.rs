//! The API keys, by uid.

use milli_core::heed::{RoTxn, RwTxn};
use uuid::Uuid;

use super::{Result, Store, decode, encode};
use crate::auth::Key;

impl Store {
    pub fn keys(&self, txn: &RoTxn<'_>) -> Result<Vec<Key>> {
        self.keys.iter(txn)?.map(|row| decode(row?.1)).collect()
    }

    pub fn key(&self, txn: &RoTxn<'_>, uid: Uuid) -> Result<Option<Key>> {
        self.keys.get(txn, uid.as_bytes())?.map(decode).transpose()
    }

    pub fn put_key(&self, wtxn: &mut RwTxn<'_>, key: &Key) -> Result<()> {
        Ok(self.keys.put(wtxn, key.uid.as_bytes(), &encode(key)?)?)
    }

    pub fn delete_key(&self, wtxn: &mut RwTxn<'_>, uid: Uuid) -> Result<bool> {
        Ok(self.keys.delete(wtxn, uid.as_bytes())?)
    }
}
