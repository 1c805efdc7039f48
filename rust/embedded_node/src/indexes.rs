//! The indexes of the node: which names exist, and the one open engine handle of each directory.

pub mod changes;
pub mod routes;
pub mod uid;
pub mod view;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use milli_core as milli;
use uuid::Uuid;

use crate::error::ApiError;
use crate::files;
use crate::store::{Result, Store};

/// Sparse, like the node's own database: pages are only allocated when written.
const MAP_SIZE: usize = 16 << 30;
const MAX_READERS: u32 = 1024;

/// Names are read on every search, so they are kept in memory; the store stays the authority.
pub struct Indexes {
    root: PathBuf,
    names: RwLock<BTreeMap<String, Uuid>>,
    open: Mutex<HashMap<Uuid, milli::Index>>,
}

impl Indexes {
    /// Reads the names and removes directories that no name points to: creations or deletions cut by a crash.
    pub fn load(root: PathBuf, store: &Store) -> Result<Self> {
        files::create_dir(&root)?;
        let names = {
            let rtxn = store.read()?;
            store.names(&rtxn)?
        };
        files::remove_strays(&root, |name| {
            Uuid::parse_str(name).is_ok_and(|uuid| names.values().any(|used| *used == uuid))
        })?;
        Ok(Self {
            root,
            names: RwLock::new(names),
            open: Mutex::default(),
        })
    }

    pub fn names(&self) -> BTreeMap<String, Uuid> {
        self.names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn find(&self, uid: &str) -> Option<Uuid> {
        self.names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(uid)
            .copied()
    }

    /// Shows another table of names and makes it durable. Shown first, so that whoever sees the task succeed finds
    /// the index under its name; taken back when the commit fails.
    pub fn publish_with(
        &self,
        names: BTreeMap<String, Uuid>,
        commit: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let before = std::mem::replace(
            &mut *self.names.write().unwrap_or_else(PoisonError::into_inner),
            names,
        );
        commit()
            .inspect_err(|_| *self.names.write().unwrap_or_else(PoisonError::into_inner) = before)
    }

    /// The engine handle behind a name.
    pub fn get(&self, uid: &str) -> Result<milli::Index> {
        let directory = self
            .find(uid)
            .ok_or_else(|| ApiError::index_not_found(uid))?;
        self.open(directory)
    }

    /// The handle of a directory; opened once, since LMDB allows one environment per path and process.
    pub fn open(&self, directory: Uuid) -> Result<milli::Index> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = open.get(&directory) {
            return Ok(index.clone());
        }
        let index = open_engine(&self.path(directory), false)?;
        open.insert(directory, index.clone());
        Ok(index)
    }

    /// Makes an empty index that no name points to yet, synced to disk.
    pub fn create(&self) -> Result<(Uuid, milli::Index)> {
        let directory = Uuid::new_v4();
        let path = self.path(directory);
        files::create_dir(&path)?;
        let index = open_engine(&path, true)?;
        files::sync_dir(&path)?;
        files::sync_dir(&self.root)?;
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(directory, index.clone());
        Ok((directory, index))
    }

    /// Forgets a directory that no name points to any more. Readers that hold the handle keep their data.
    pub fn discard(&self, directory: Uuid) -> Result<()> {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&directory);
        Ok(std::fs::remove_dir_all(self.path(directory))?)
    }

    fn path(&self, directory: Uuid) -> PathBuf {
        self.root.join(directory.to_string())
    }
}

fn open_engine(path: &Path, creation: bool) -> Result<milli::Index> {
    let mut options = milli::heed::EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(MAP_SIZE).max_readers(MAX_READERS);
    Ok(milli::Index::new(options, path, creation)?)
}
