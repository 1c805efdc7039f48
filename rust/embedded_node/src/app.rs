//! What every route shares: the store, the indexes, the keys and the queues. Opens and closes nothing by itself
//! after the start.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;
use milli_core as milli;

use crate::auth::{Access, refused};
use crate::error::ApiError;
use crate::features::Features;
use crate::files;
use crate::indexes::{Indexes, uid};
use crate::keyring::Keyring;
use crate::scheduler::Scheduler;
use crate::search_queue::SearchQueue;
use crate::store::{Result, Store};
use crate::tasks::Task;

pub struct App {
    pub store: Store,
    pub indexes: Indexes,
    pub keys: Keyring,
    pub scheduler: Scheduler,
    features: RwLock<Features>,
    searches: SearchQueue,
    payloads: PathBuf,
    /// Held while the process lives: two processes on one directory would destroy it.
    _lock: File,
}

impl App {
    /// Opens (or creates) the data directory and puts interrupted work back in the queue.
    pub fn open(directory: &Path, master_key: Option<String>) -> Result<Self> {
        files::create_dir(directory)?;
        let lock = files::lock(&directory.join("lock"))?;
        let (tasks, payloads) = (directory.join("tasks"), directory.join("payloads"));
        files::create_dir(&tasks)?;
        files::create_dir(&payloads)?;
        let store = Store::open(&tasks)?;
        files::sync_dir(&tasks)?;
        let features = stored_features(&store)?;
        let app = Self {
            indexes: Indexes::load(directory.join("indexes"), &store)?,
            keys: Keyring::load(master_key, &store)?,
            scheduler: Scheduler::default(),
            features: RwLock::new(features),
            searches: SearchQueue::default(),
            payloads,
            store,
            _lock: lock,
        };
        app.remove_stray_payloads()?;
        Ok(app)
    }

    /// The engine index behind a uid: 400 for a name that cannot be one, 404 where there is none.
    pub fn index(&self, uid: &str) -> Result<milli::Index> {
        uid::check(uid)?;
        self.indexes.get(uid)
    }

    /// Who sends this request, if that may do `action` somewhere.
    pub fn access(&self, headers: &HeaderMap, action: &str) -> Result<Access> {
        let access = self.keys.identify(headers)?;
        match access.may(action) {
            true => Ok(access),
            false => Err(refused()),
        }
    }

    /// Refuses a request that may not do `action`, on `index` where one is given.
    pub fn authorize(&self, headers: &HeaderMap, action: &str, index: Option<&str>) -> Result<()> {
        let access = self.access(headers, action)?;
        match index {
            Some(index) if !access.reaches(index) => Err(refused()),
            _ => Ok(()),
        }
    }

    /// Runs a search on a blocking thread, behind the bounded queue. A panic in it is a 500.
    pub async fn run_search<T: Send + 'static>(
        &self,
        search: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _permit = self.searches.enter().await?;
        blocking(search).await
    }

    /// Writes a task into the queue. It is durable when this returns.
    pub async fn enqueue(self: &Arc<Self>, task: Task) -> Result<Task> {
        let app = self.clone();
        blocking(move || {
            let mut wtxn = app.store.write()?;
            let task = app.store.add_task(&mut wtxn, task)?;
            wtxn.commit()?;
            app.scheduler.wake();
            Ok(task)
        })
        .await
    }

    /// Whether a batch on this index runs. One whose outcome is already written does not count.
    pub fn is_indexing(&self, uid: &str) -> Result<bool> {
        let Some(running) = self.scheduler.running() else {
            return Ok(false);
        };
        let (Some(first), true) = (
            running.tasks.first(),
            running.indexes.iter().any(|index| index == uid),
        ) else {
            return Ok(false);
        };
        let rtxn = self.store.read()?;
        Ok(self
            .store
            .task(&rtxn, *first)?
            .is_some_and(|task| !task.status.finished()))
    }

    pub fn features(&self) -> Features {
        self.features
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn set_features(&self, features: Features) -> Result<()> {
        let mut wtxn = self.store.write()?;
        self.store.put_meta(&mut wtxn, "features", &features)?;
        wtxn.commit()?;
        *self
            .features
            .write()
            .unwrap_or_else(PoisonError::into_inner) = features;
        Ok(())
    }

    /// Where the documents of waiting additions lie.
    pub fn payloads(&self) -> &Path {
        &self.payloads
    }

    /// Removes payloads of tasks that are done or were never accepted.
    fn remove_stray_payloads(&self) -> Result<()> {
        let rtxn = self.store.read()?;
        let mut used = HashSet::new();
        for task in self.store.pending_tasks(&rtxn)? {
            used.extend(task?.content.payload().map(|payload| payload.to_string()));
        }
        Ok(files::remove_strays(&self.payloads, |name| {
            used.contains(name)
        })?)
    }
}

fn stored_features(store: &Store) -> Result<Features> {
    let rtxn = store.read()?;
    Ok(store.meta(&rtxn, "features")?.unwrap_or_default())
}

/// Runs what may block on a thread of its own; a panic in it is a 500.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failure) => Err(ApiError::internal(failure)),
    }
}
