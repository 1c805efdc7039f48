//! Tasks that change documents.

mod skip;

use std::fs::File;

use bumpalo::Bump;
use memmap2::Mmap;
use milli_core::documents::PrimaryKey;
use milli_core::heed::RoTxn;
use milli_core::progress::Progress;
use milli_core::update::ClearDocuments;
use milli_core::update::new::indexer::{self, DocumentDeletion, DocumentOperation};
use milli_core::{self as milli, FieldsIdsMap, Index, UserError};
use roaring::RoaringBitmap;
use serde_json::Value;
use uuid::Uuid;

use super::engine::failure;
use super::{Effects, Outcome, Worker, any_may_create, embedders, index_uid, supersede};
use crate::documents::filter_syntax;
use crate::error::ApiError;
use crate::tasks::{Content, Method, Status, Task};

/// What the engine's indexing call takes, and what it may come with.
type FieldsMaps = (FieldsIdsMap, FieldsIdsMap);

impl Worker {
    /// Additions, replacements, updates and deletions, in their order.
    pub fn change_documents(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        let uid = index_uid(&tasks[0]).to_owned();
        let index = self.index_or_new(&uid, any_may_create(tasks))?;
        let adds = |task: &Task| matches!(task.content, Content::Addition { .. });
        if !tasks.iter().any(adds) {
            return self.delete_documents(tasks, &index);
        }
        let rtxn = index.read_txn()?;
        let names = Bump::new();
        let inputs = tasks
            .iter()
            .map(|task| self.input(task, &index, &rtxn, &names))
            .collect::<Outcome<Vec<_>>>()?;
        let mut operation = DocumentOperation::new();
        for input in &inputs {
            match input {
                Input::Documents(Method::Replace, payload) => operation.replace_documents(payload),
                Input::Documents(Method::Update, payload) => operation.update_documents(payload),
                Input::Doomed(ids) => {
                    operation.delete_documents(ids);
                    Ok(())
                }
            }
            .map_err(|error| failure(error, &uid))?;
        }
        let stats = self
            .run_operation(&index, &rtxn, operation, primary_key(tasks).as_deref())
            .map_err(|error| failure(error, &uid))?;
        for (task, (documents, error)) in tasks.iter_mut().zip(stats) {
            settle(task, documents, error);
        }
        Ok(Effects::default())
    }

    fn input<'t>(
        &self,
        task: &'t Task,
        index: &Index,
        rtxn: &RoTxn<'_>,
        names: &'t Bump,
    ) -> Outcome<Input<'t>> {
        match &task.content {
            Content::Addition {
                payload,
                method,
                skip_creation,
                ..
            } => Ok(Input::Documents(
                *method,
                self.payload(*payload, index, *skip_creation)?,
            )),
            Content::DeletionByFilter { filter } => {
                let found = matching(filter, index_uid(task), index, rtxn)?;
                let ids = index.external_id_of(rtxn, found).map_err(ApiError::from)?;
                let ids = ids.into_iter().map(|id| Ok(&*names.alloc_str(&id?)));
                Ok(Input::Doomed(
                    ids.collect::<milli::Result<_>>().map_err(ApiError::from)?,
                ))
            }
            other => Ok(Input::Doomed(
                ids(other).filter(|id| possible(id)).collect(),
            )),
        }
    }

    fn payload(&self, payload: Uuid, index: &Index, skip_creation: bool) -> Outcome<Mmap> {
        let file = File::open(self.app.payloads().join(payload.to_string()))?;
        // SAFETY: payload files are written once, before their task exists, and only this thread removes them.
        let map = unsafe { Mmap::map(&file) }?;
        match skip_creation {
            true => skip::known_only(&map, index),
            false => Ok(map),
        }
    }

    /// Runs a batch of additions or deletions; the number of documents and the error of each payload.
    fn run_operation(
        &self,
        index: &Index,
        rtxn: &RoTxn<'_>,
        operation: DocumentOperation<'_>,
        primary_key: Option<&str>,
    ) -> milli::Result<Vec<(u64, Option<UserError>)>> {
        let old_fields = index.fields_ids_map(rtxn)?;
        let mut new_fields = old_fields.clone();
        let memory = Bump::new();
        let interrupted = || self.app.scheduler.interrupted();
        let (changes, stats, primary_key) = operation.into_changes(
            &memory,
            index,
            rtxn,
            primary_key,
            &mut new_fields,
            &interrupted,
            Progress::default(),
        )?;
        let stats: Vec<_> = stats
            .into_iter()
            .map(|payload| (payload.document_count, payload.error))
            .collect();
        if stats.iter().any(|(_, error)| error.is_none()) {
            self.write(index, rtxn, &changes, primary_key, (old_fields, new_fields))?;
        }
        Ok(stats)
    }

    /// Lets the engine index the changes and commits them.
    fn write<'pl, C>(
        &self,
        index: &Index,
        rtxn: &RoTxn<'_>,
        changes: &C,
        primary_key: Option<PrimaryKey<'pl>>,
        (old_fields, new_fields): FieldsMaps,
    ) -> milli::Result<()>
    where
        C: indexer::document_changes::DocumentChanges<'pl>,
    {
        let embedders = embedders::of(index, rtxn)?;
        let interrupted = || self.app.scheduler.interrupted();
        let progress = Progress::default();
        let mut wtxn = index.write_txn()?;
        let parameters = self.engine.config.grenad_parameters();
        let extraction = &self.engine.extraction;
        let indexed = self.engine.writing.install(|| {
            indexer::index(
                &mut wtxn,
                index,
                extraction,
                parameters,
                &old_fields,
                new_fields,
                primary_key,
                changes,
                embedders,
                &interrupted,
                &progress,
            )
        });
        indexed.map_err(milli::InternalError::from)??;
        Ok(wtxn.commit()?)
    }

    /// Only deletions: each is counted by what it finds, and a filter that cannot be used fails its own task alone.
    fn delete_documents(&self, tasks: &mut [Task], index: &Index) -> Outcome<Effects> {
        let uid = index_uid(&tasks[0]).to_owned();
        let rtxn = index.read_txn()?;
        let mut doomed = RoaringBitmap::new();
        let mut counts = Vec::new();
        for task in tasks.iter() {
            let found = match &task.content {
                Content::DeletionByFilter { filter } => matching(filter, &uid, index, &rtxn),
                other => Ok(known(ids(other), index, &rtxn)?),
            };
            let before = doomed.len();
            counts.push(found.map(|found| {
                doomed |= found;
                doomed.len() - before
            }));
        }
        self.delete(index, &rtxn, doomed)
            .map_err(|error| failure(error, &uid))?;
        for (task, count) in tasks.iter_mut().zip(counts) {
            match count {
                Ok(count) => settle(task, count, None),
                Err(error) => task.finish(Status::Failed, Some(error.body())),
            }
        }
        Ok(Effects::default())
    }

    fn delete(&self, index: &Index, rtxn: &RoTxn<'_>, doomed: RoaringBitmap) -> milli::Result<()> {
        let Some(name) = index.primary_key(rtxn)?.filter(|_| !doomed.is_empty()) else {
            return Ok(());
        };
        let old_fields = index.fields_ids_map(rtxn)?;
        let mut new_fields = old_fields.clone();
        let primary_key = PrimaryKey::new_or_insert(name, &mut new_fields)?;
        let mut deletion = DocumentDeletion::new();
        deletion.delete_documents_by_docids(doomed);
        let memory = Bump::new();
        let changes = deletion.into_changes(&memory, primary_key);
        self.write(index, rtxn, &changes, None, (old_fields, new_fields))
    }

    /// The first clear counts what was there; the other tasks have nothing left to do.
    pub fn clear(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        let uid = index_uid(&tasks[0]).to_owned();
        let index = self.index_or_new(&uid, any_may_create(tasks))?;
        let mut wtxn = index.write_txn()?;
        let mut count = ClearDocuments::new(&mut wtxn, &index)
            .execute()
            .map_err(|error| failure(error, &uid))?;
        index.put_documents_stats(&mut wtxn, Default::default())?;
        wtxn.commit()?;
        for task in tasks {
            match task.content {
                Content::Clear => settle(task, std::mem::take(&mut count), None),
                _ => supersede(task, true),
            }
        }
        Ok(Effects::default())
    }
}

/// What one task gives to an operation.
enum Input<'t> {
    Documents(Method, Mmap),
    Doomed(Vec<&'t str>),
}

/// The primary key that the additions of a batch agree on, where one names it.
fn primary_key(tasks: &[Task]) -> Option<String> {
    tasks.iter().find_map(|task| match &task.content {
        Content::Addition { primary_key, .. } => primary_key.clone(),
        _ => None,
    })
}

fn settle(task: &mut Task, documents: u64, error: Option<UserError>) {
    match error {
        None => {
            let count = match task.content {
                Content::Addition { .. } => "indexedDocuments",
                _ => "deletedDocuments",
            };
            task.set_detail(count, documents);
            task.finish(Status::Succeeded, None);
        }
        Some(error) => {
            let error = ApiError::from(milli::Error::from(error));
            task.finish(Status::Failed, Some(error.body()));
        }
    }
}

fn ids(content: &Content) -> impl Iterator<Item = &str> {
    let ids: &[String] = match content {
        Content::DeletionByIds { ids } => ids,
        _ => &[],
    };
    ids.iter().map(String::as_str)
}

/// Neither empty nor longer than any id can be, and than any key the database takes.
fn possible(id: &str) -> bool {
    !id.is_empty() && id.len() <= milli::MAX_FACET_VALUE_LENGTH.max(511)
}

/// The internal ids of the documents that are there.
fn known<'i>(
    ids: impl Iterator<Item = &'i str>,
    index: &Index,
    rtxn: &RoTxn<'_>,
) -> Outcome<RoaringBitmap> {
    let all = index.external_documents_ids();
    let mut found = RoaringBitmap::new();
    for id in ids.filter(|id| possible(id)) {
        found.extend(all.get(rtxn, id)?);
    }
    Ok(found)
}

/// The internal ids of the documents that a filter lets pass.
fn matching(
    filter: &Value,
    uid: &str,
    index: &Index,
    rtxn: &RoTxn<'_>,
) -> Result<RoaringBitmap, ApiError> {
    let Some(filter) = filter_syntax::parse(filter)? else {
        return Ok(RoaringBitmap::new());
    };
    filter.evaluate(rtxn, index).map_err(|error| {
        let error = filter_syntax::as_document_filter(error);
        ApiError::new(error.code, format!("Index `{uid}`: {}", error.message))
    })
}
