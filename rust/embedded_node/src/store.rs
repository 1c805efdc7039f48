//! The node's own database: tasks, the names of indexes, keys and flags, in one LMDB environment.
//! Every change is one transaction, synced to disk when it returns; documents live elsewhere (`indexes`).

mod keys;
mod names;
mod tasks;

use std::path::Path;

use milli_core::heed::byteorder::BE;
use milli_core::heed::types::{Bytes, Str, U32, Unit};
use milli_core::heed::{Database, Env, EnvOpenOptions, RoTxn, RwTxn, WithoutTls};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Sparse: pages are only allocated when written.
const MAP_SIZE: usize = 16 << 30;
const MAX_READERS: u32 = 1024;

pub type Result<T> = std::result::Result<T, ApiError>;

#[derive(Clone)]
pub struct Store {
    env: Env<WithoutTls>,
    tasks: Database<U32<BE>, Bytes>,
    /// The uids of tasks that still have to run.
    pending: Database<U32<BE>, Unit>,
    /// The same, for the tasks that overtake the others.
    urgent: Database<U32<BE>, Unit>,
    names: Database<Str, Bytes>,
    keys: Database<Bytes, Bytes>,
    meta: Database<Str, Bytes>,
}

impl Store {
    /// Opens the database in `directory`, which must exist, and creates it when it is new.
    pub fn open(directory: &Path) -> Result<Self> {
        let mut options = EnvOpenOptions::new().read_txn_without_tls();
        options
            .map_size(MAP_SIZE)
            .max_dbs(8)
            .max_readers(MAX_READERS);
        // SAFETY: nothing else maps or truncates this file while the process runs; the caller holds the directory's lock.
        let env = unsafe { options.open(directory) }?;
        let mut wtxn = env.write_txn()?;
        let tasks = env.create_database(&mut wtxn, Some("tasks"))?;
        let pending = env.create_database(&mut wtxn, Some("pending"))?;
        let urgent = env.create_database(&mut wtxn, Some("urgent"))?;
        let names = env.create_database(&mut wtxn, Some("names"))?;
        let keys = env.create_database(&mut wtxn, Some("keys"))?;
        let meta = env.create_database(&mut wtxn, Some("meta"))?;
        wtxn.commit()?;
        Ok(Self {
            env,
            tasks,
            pending,
            urgent,
            names,
            keys,
            meta,
        })
    }

    pub fn write(&self) -> Result<RwTxn<'_>> {
        Ok(self.env.write_txn()?)
    }

    pub fn read(&self) -> Result<RoTxn<'_, WithoutTls>> {
        Ok(self.env.read_txn()?)
    }

    /// Bytes on disk, and bytes in use.
    pub fn sizes(&self) -> Result<(u64, u64)> {
        Ok((self.env.real_disk_size()?, self.env.non_free_pages_size()?))
    }

    /// A small named value, such as a counter or the set of flags.
    pub fn meta<T: DeserializeOwned>(&self, txn: &RoTxn<'_>, name: &str) -> Result<Option<T>> {
        self.meta.get(txn, name)?.map(decode).transpose()
    }

    pub fn put_meta<T: Serialize>(
        &self,
        wtxn: &mut RwTxn<'_>,
        name: &str,
        value: &T,
    ) -> Result<()> {
        Ok(self.meta.put(wtxn, name, &encode(value)?)?)
    }

    /// Takes the next value of a counter that starts at 0.
    fn next_number(&self, wtxn: &mut RwTxn<'_>, name: &str) -> Result<u32> {
        let number: u32 = self.meta(wtxn, name)?.unwrap_or(0);
        self.put_meta(wtxn, name, &(number + 1))?;
        Ok(number)
    }
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(ApiError::internal)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(ApiError::internal)
}
