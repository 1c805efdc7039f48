//! Tasks that change documents.

mod skip;

use std::collections::HashSet;
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

use super::engine::failure;
use super::{Effects, Outcome, Worker, embedders, index_uid};
use crate::documents::filter_syntax;
use crate::error::ApiError;
use crate::tasks::{Content, Method, Status, Task};

/// What the engine's indexing call takes, and what it may come with.
type FieldsMaps = (FieldsIdsMap, FieldsIdsMap);

impl Worker {
    pub fn add_documents(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        let Content::Addition {
            primary_key,
            may_create,
            skip_creation,
            method,
            ..
        } = tasks[0].content.clone()
        else {
            return Err(ApiError::internal("not an addition").into());
        };
        let uid = index_uid(&tasks[0]).to_owned();
        let index = self.index_or_new(&uid, may_create)?;
        let payloads = self.payloads(tasks, &index, skip_creation)?;
        let rtxn = index.read_txn()?;
        let mut operation = DocumentOperation::new();
        for payload in &payloads {
            match method {
                Method::Replace => operation.replace_documents(payload),
                Method::Update => operation.update_documents(payload),
            }
            .map_err(|error| failure(error, &uid))?;
        }
        let stats = self
            .run_operation(&index, &rtxn, operation, primary_key.as_deref())
            .map_err(|error| failure(error, &uid))?;
        for (task, (documents, error)) in tasks.iter_mut().zip(stats) {
            settle(task, "indexedDocuments", documents, error);
        }
        Ok(Effects::default())
    }

    fn payloads(&self, tasks: &[Task], index: &Index, skip_creation: bool) -> Outcome<Vec<Mmap>> {
        let mut maps = Vec::new();
        for payload in tasks.iter().filter_map(|task| task.content.payload()) {
            let file = File::open(self.app.payloads().join(payload.to_string()))?;
            // SAFETY: payload files are written once, before their task exists, and only this thread removes them.
            let map = unsafe { Mmap::map(&file) }?;
            maps.push(if skip_creation {
                skip::known_only(&map, index)?
            } else {
                map
            });
        }
        Ok(maps)
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

    pub fn delete_documents(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        let uid = index_uid(&tasks[0]).to_owned();
        let index = self.app.indexes.get(&uid)?;
        let rtxn = index.read_txn()?;
        let lists: Vec<Vec<&str>> = tasks.iter().map(|task| ids(&task.content)).collect();
        let (counts, doomed) = count_known(&index, &rtxn, &lists)?;
        self.delete(&index, &rtxn, doomed)
            .map_err(|error| failure(error, &uid))?;
        for (task, count) in tasks.iter_mut().zip(counts) {
            settle(task, "deletedDocuments", count, None);
        }
        Ok(Effects::default())
    }

    pub fn delete_by_filter(&self, task: &mut Task, filter: &Value) -> Outcome<Effects> {
        let uid = index_uid(task).to_owned();
        let index = self.app.indexes.get(&uid)?;
        let rtxn = index.read_txn()?;
        let doomed = match filter_syntax::parse(filter)? {
            None => RoaringBitmap::new(),
            Some(filter) => filter.evaluate(&rtxn, &index).map_err(|error| {
                let error = filter_syntax::as_document_filter(error);
                ApiError::new(error.code, format!("Index `{uid}`: {}", error.message))
            })?,
        };
        let count = doomed.len();
        self.delete(&index, &rtxn, doomed)
            .map_err(|error| failure(error, &uid))?;
        settle(task, "deletedDocuments", count, None);
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

    pub fn clear(&self, task: &mut Task) -> Outcome<Effects> {
        let uid = index_uid(task).to_owned();
        let index = self.app.indexes.get(&uid)?;
        let mut wtxn = index.write_txn()?;
        let count = ClearDocuments::new(&mut wtxn, &index)
            .execute()
            .map_err(|error| failure(error, &uid))?;
        index.put_documents_stats(&mut wtxn, Default::default())?;
        wtxn.commit()?;
        settle(task, "deletedDocuments", count, None);
        Ok(Effects::default())
    }
}

fn settle(task: &mut Task, count: &str, documents: u64, error: Option<UserError>) {
    match error {
        None => {
            task.set_detail(count, documents);
            task.finish(Status::Succeeded, None);
        }
        Some(error) => {
            let error = ApiError::from(milli::Error::from(error));
            task.finish(Status::Failed, Some(error.body()));
        }
    }
}

fn ids(content: &Content) -> Vec<&str> {
    match content {
        Content::DeletionByIds { ids } => ids.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// How many documents each list removes when they are applied in order, and the internal ids of all of them.
fn count_known(
    index: &Index,
    rtxn: &RoTxn<'_>,
    lists: &[Vec<&str>],
) -> Outcome<(Vec<u64>, RoaringBitmap)> {
    let known = index.external_documents_ids();
    let mut gone = HashSet::new();
    let mut doomed = RoaringBitmap::new();
    let mut counts = Vec::new();
    for list in lists {
        let mut count = 0;
        for id in list {
            // Longer than any id can be, and than any key the database takes.
            if id.is_empty()
                || id.len() > milli::MAX_FACET_VALUE_LENGTH.max(511)
                || gone.contains(id)
            {
                continue;
            }
            if let Some(document) = known.get(rtxn, id)? {
                gone.insert(*id);
                doomed.insert(document);
                count += 1;
            }
        }
        counts.push(count);
    }
    Ok((counts, doomed))
}
