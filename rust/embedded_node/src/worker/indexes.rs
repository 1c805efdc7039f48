//! Tasks that make, change or remove whole indexes.

use milli_core as milli;
use milli_core::update::Settings;
use uuid::Uuid;

use super::engine::failure;
use super::{Effects, Outcome, Worker, any_may_create, index_uid, supersede};
use crate::error::ApiError;
use crate::indexes::changes::{already_exists, rename, swap};
use crate::settings::apply;
use crate::tasks::{Content, Status, Swap, Task};

impl Worker {
    /// The index, made at once if it is missing and `may_create` allows it.
    pub fn index_or_new(&self, uid: &str, may_create: bool) -> Outcome<milli::Index> {
        match self.app.indexes.find(uid) {
            Some(directory) => Ok(self.app.indexes.open(directory)?),
            None if may_create => self.new_index(uid),
            None => Err(ApiError::index_not_found(uid).into()),
        }
    }

    fn new_index(&self, uid: &str) -> Outcome<milli::Index> {
        let (directory, index) = self.app.indexes.create()?;
        let mut wtxn = self.app.store.write()?;
        self.app.store.put_name(&mut wtxn, uid, directory)?;
        let mut names = self.app.indexes.names();
        names.insert(uid.to_owned(), directory);
        self.app
            .indexes
            .publish_with(names, || Ok(wtxn.commit()?))?;
        Ok(index)
    }

    pub fn create_index(&self, task: &mut Task, primary_key: Option<&str>) -> Outcome<Effects> {
        let uid = index_uid(task).to_owned();
        let mut names = self.app.indexes.names();
        if names.contains_key(&uid) {
            return Err(already_exists(&uid).into());
        }
        let (directory, index) = self.app.indexes.create()?;
        if let Some(primary_key) = primary_key {
            self.set_primary_key(&uid, &index, primary_key)?;
        }
        names.insert(uid, directory);
        task.finish(Status::Succeeded, None);
        Ok(Effects {
            names: Some(names),
            ..Effects::default()
        })
    }

    fn set_primary_key(&self, uid: &str, index: &milli::Index, primary_key: &str) -> Outcome<()> {
        let mut wtxn = index.write_txn()?;
        let mut settings = Settings::new(&mut wtxn, index, &self.engine.config);
        settings.set_primary_key(primary_key.to_owned());
        settings
            .execute(|_| (), || false)
            .map_err(|error| failure(error, uid))?;
        Ok(wtxn.commit()?)
    }

    pub fn update_index(
        &self,
        task: &mut Task,
        primary_key: Option<&str>,
        new_uid: Option<&str>,
    ) -> Outcome<Effects> {
        let uid = index_uid(task).to_owned();
        let index = self.app.indexes.get(&uid)?;
        let mut effects = Effects::default();
        if let Some(new) = new_uid.filter(|new| *new != uid) {
            let mut names = self.app.indexes.names();
            rename(&mut names, &uid, new)?;
            effects.names = Some(names);
        }
        if let Some(primary_key) = primary_key {
            self.set_primary_key(&uid, &index, primary_key)?;
        }
        task.finish(Status::Succeeded, None);
        Ok(effects)
    }

    /// The tasks before the last one have nothing left to do.
    pub fn delete_index(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        let uid = index_uid(&tasks[0]).to_owned();
        let mut names = self.app.indexes.names();
        let discarded: Vec<_> = names.remove(&uid).into_iter().collect();
        if discarded.is_empty() && !any_may_create(tasks) {
            return Err(ApiError::index_not_found(&uid).into());
        }
        let count = discarded
            .first()
            .map_or(Ok(0), |directory| self.documents_of(&uid, *directory))?;
        for task in tasks {
            match task.content {
                Content::IndexDeletion => {
                    task.set_detail("deletedDocuments", count);
                    task.finish(Status::Succeeded, None);
                }
                Content::Clear => supersede(task, true),
                _ => supersede(task, false),
            }
        }
        Ok(Effects {
            names: Some(names),
            discarded,
            ..Effects::default()
        })
    }

    fn documents_of(&self, uid: &str, directory: Uuid) -> Outcome<u64> {
        let index = self.app.indexes.open(directory)?;
        let rtxn = index.read_txn()?;
        index
            .number_of_documents(&rtxn)
            .map_err(|error| failure(error, uid))
    }

    /// All of the batch or nothing.
    pub fn change_settings(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        let uid = index_uid(&tasks[0]).to_owned();
        let index = self.index_or_new(&uid, any_may_create(tasks))?;
        let mut wtxn = index.write_txn()?;
        let interrupted = || self.app.scheduler.interrupted();
        for task in tasks.iter() {
            if let Content::Settings { patch, .. } = &task.content {
                apply::apply(&mut wtxn, &index, &self.engine.config, patch, interrupted)?
                    .map_err(|error| failure(error, &uid))?;
            }
        }
        wtxn.commit()?;
        for task in tasks {
            task.finish(Status::Succeeded, None);
        }
        Ok(Effects::default())
    }

    /// Older tasks follow their index to its other name.
    pub fn swap(&self, task: &mut Task, swaps: &[Swap]) -> Outcome<Effects> {
        let mut names = self.app.indexes.names();
        swap(&mut names, swaps)?;
        let rtxn = self.app.store.read()?;
        let mut changed = Vec::new();
        for older in self.app.store.all_tasks(&rtxn, true)? {
            let mut older = older?;
            if older.uid >= task.uid {
                break;
            }
            if let Some(uid) = older
                .index_uid
                .as_deref()
                .and_then(|uid| other_name(uid, swaps))
            {
                older.index_uid = Some(uid);
                changed.push(older);
            }
        }
        task.finish(Status::Succeeded, None);
        Ok(Effects {
            names: Some(names),
            changed,
            ..Effects::default()
        })
    }
}

fn other_name(uid: &str, swaps: &[Swap]) -> Option<String> {
    swaps.iter().find_map(
        |Swap {
             indexes: (left, right),
             rename,
         }| match uid {
            _ if uid == left => Some(right.clone()),
            _ if uid == right && !rename => Some(left.clone()),
            _ => None,
        },
    )
}
