//! The task table and the set of tasks that still have to run.

use milli_core::heed::byteorder::BE;
use milli_core::heed::types::{U32, Unit};
use milli_core::heed::{Database, RoTxn, RwTxn};

use super::{Result, Store, decode, encode};
use crate::tasks::{Content, Status, Task};

const NEXT_BATCH: &str = "next_batch";

impl Store {
    /// Gives the task its uid and writes it; the caller commits.
    pub fn add_task(&self, wtxn: &mut RwTxn<'_>, mut task: Task) -> Result<Task> {
        task.uid = self.next_number(wtxn, "next_task")?;
        self.put_task(wtxn, &task)?;
        Ok(task)
    }

    /// The uid that the next batch will have.
    pub fn next_batch(&self, txn: &RoTxn<'_>) -> Result<u32> {
        Ok(self.meta(txn, NEXT_BATCH)?.unwrap_or(0))
    }

    /// Uses that uid up, together with the record of the batch.
    pub fn take_batch(&self, wtxn: &mut RwTxn<'_>) -> Result<()> {
        self.next_number(wtxn, NEXT_BATCH).map(|_| ())
    }

    pub fn put_task(&self, wtxn: &mut RwTxn<'_>, task: &Task) -> Result<()> {
        self.tasks.put(wtxn, &task.uid, &encode(task)?)?;
        match task.status {
            Status::Enqueued | Status::Processing => {
                self.waiting(&task.content).put(wtxn, &task.uid, &())?
            }
            _ => {
                self.waiting(&task.content).delete(wtxn, &task.uid)?;
            }
        }
        Ok(())
    }

    pub fn task(&self, txn: &RoTxn<'_>, uid: u32) -> Result<Option<Task>> {
        self.tasks.get(txn, &uid)?.map(decode).transpose()
    }

    pub fn delete_task(&self, wtxn: &mut RwTxn<'_>, uid: u32) -> Result<bool> {
        Ok(self.tasks.delete(wtxn, &uid)?)
    }

    pub fn task_count(&self, txn: &RoTxn<'_>) -> Result<u64> {
        Ok(self.tasks.len(txn)?)
    }

    /// Tasks from the newest to the oldest, or the other way round.
    pub fn all_tasks<'t>(
        &self,
        txn: &'t RoTxn<'_>,
        oldest_first: bool,
    ) -> Result<Box<dyn Iterator<Item = Result<Task>> + 't>> {
        if oldest_first {
            return Ok(Box::new(self.tasks.iter(txn)?.map(|row| decode(row?.1))));
        }
        Ok(Box::new(
            self.tasks.rev_iter(txn)?.map(|row| decode(row?.1)),
        ))
    }

    /// Where the uid of a waiting task is kept: tasks about other tasks overtake the rest.
    fn waiting(&self, content: &Content) -> Database<U32<BE>, Unit> {
        match content {
            Content::Cancelation { .. } | Content::Deletion { .. } => self.urgent,
            _ => self.pending,
        }
    }

    /// The oldest waiting task that overtakes the others.
    pub fn urgent_task(&self, txn: &RoTxn<'_>) -> Result<Option<Task>> {
        match self.urgent.first(txn)? {
            Some((uid, ())) => self.task(txn, uid),
            None => Ok(None),
        }
    }

    /// All other tasks that wait, oldest first; read one by one.
    pub fn pending_tasks<'t>(
        &'t self,
        txn: &'t RoTxn<'_>,
    ) -> Result<impl Iterator<Item = Result<Task>> + 't> {
        Ok(self.pending.iter(txn)?.filter_map(move |row| match row {
            Ok((uid, ())) => self.task(txn, uid).transpose(),
            Err(error) => Some(Err(error.into())),
        }))
    }
}
