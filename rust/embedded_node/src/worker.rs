//! The indexing thread: takes the next batch of tasks, runs it, and records the outcome in one transaction.
//! A crash before that record means that the same tasks run again; each kind of change bears being repeated.

mod batch;
mod documents;
mod embedders;
mod engine;
mod indexes;
mod queue;

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;
use crate::scheduler::Running;
use crate::tasks::{Content, Status, Task};
use batch::{Target, may_create};
use engine::Engine;

/// How long the thread waits after the node's own database failed it.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a batch did not succeed.
pub enum Failure {
    /// All its tasks fail with this error.
    Error(ApiError),
    /// It was told to stop: its tasks stay in the queue.
    Interrupted,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

impl From<milli_core::heed::Error> for Failure {
    fn from(error: milli_core::heed::Error) -> Self {
        Self::Error(error.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Error(error.into())
    }
}

pub type Outcome<T> = Result<T, Failure>;

/// What a batch changes beside its own tasks; written together with them.
#[derive(Default)]
pub struct Effects {
    /// The new table of names, if it changes.
    names: Option<BTreeMap<String, Uuid>>,
    /// Directories that no name will point to.
    discarded: Vec<Uuid>,
    /// Other tasks that change, or are removed.
    changed: Vec<Task>,
    removed: Vec<u32>,
}

pub fn start(app: Arc<App>) -> io::Result<()> {
    let worker = Worker {
        engine: Engine::new().map_err(|error| io::Error::other(error.message))?,
        app,
    };
    std::thread::Builder::new()
        .name("indexing".to_owned())
        .spawn(move || worker.run())?;
    Ok(())
}

struct Worker {
    app: Arc<App>,
    engine: Engine,
}

impl Worker {
    fn run(&self) {
        loop {
            match self.step() {
                Ok(true) => {}
                Ok(false) => self.app.scheduler.sleep(),
                Err(error) => {
                    eprintln!(
                        "miroir-node: the task queue cannot go on: {}",
                        error.message
                    );
                    self.app.scheduler.end();
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    /// Runs one batch; `false` when nothing waits.
    fn step(&self) -> Result<bool, ApiError> {
        let (mut tasks, number) = self.next_batch()?;
        if tasks.is_empty() {
            return Ok(false);
        }
        let started_at = OffsetDateTime::now_utc();
        self.app.scheduler.begin(Running {
            batch: number,
            tasks: tasks.iter().map(|task| task.uid).collect(),
            indexes: tasks[0].indexes().into_iter().map(str::to_owned).collect(),
            started_at,
        });
        for task in &mut tasks {
            task.batch_uid = Some(number);
            task.started_at = Some(started_at);
        }
        let effects = match self.process_guarded(&mut tasks) {
            Ok(effects) => effects,
            Err(Failure::Error(error)) => {
                fail_all(&mut tasks, &error);
                Effects::default()
            }
            Err(Failure::Interrupted) => {
                self.app.scheduler.end();
                return Ok(true);
            }
        };
        self.record(tasks, effects)?;
        self.app.scheduler.end();
        Ok(true)
    }

    fn next_batch(&self) -> Result<(Vec<Task>, u32), ApiError> {
        let rtxn = self.app.store.read()?;
        let tasks = match self.app.store.urgent_task(&rtxn)? {
            Some(task) => vec![task],
            None => batch::first(self.app.store.pending_tasks(&rtxn)?, |leader| {
                self.target(leader)
            })?,
        };
        Ok((tasks, self.app.store.next_batch(&rtxn)?))
    }

    fn target(&self, leader: &Task) -> Result<Target, ApiError> {
        let Some(directory) = self.app.indexes.find(index_uid(leader)) else {
            return Ok(Target::default());
        };
        let index = self.app.indexes.open(directory)?;
        let rtxn = index.read_txn()?;
        Ok(Target {
            exists: true,
            primary_key: index.primary_key(&rtxn)?.map(str::to_owned),
        })
    }

    /// A panic in the engine fails the batch, not the process.
    fn process_guarded(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        match catch_unwind(AssertUnwindSafe(|| self.process(tasks))) {
            Ok(outcome) => outcome,
            Err(_) => Err(ApiError::internal("the engine panicked").into()),
        }
    }

    fn process(&self, tasks: &mut [Task]) -> Outcome<Effects> {
        match deciding(tasks) {
            Content::Addition { .. }
            | Content::DeletionByIds { .. }
            | Content::DeletionByFilter { .. } => self.change_documents(tasks),
            Content::Clear => self.clear(tasks),
            Content::Settings { .. } => self.change_settings(tasks),
            Content::IndexCreation { primary_key } => {
                self.create_index(&mut tasks[0], primary_key.as_deref())
            }
            Content::IndexUpdate {
                primary_key,
                new_uid,
            } => self.update_index(&mut tasks[0], primary_key.as_deref(), new_uid.as_deref()),
            Content::IndexDeletion => self.delete_index(tasks),
            Content::Swaps { swaps } => self.swap(&mut tasks[0], &swaps),
            Content::Cancelation { tasks: wanted, .. } => self.cancel(&mut tasks[0], &wanted),
            Content::Deletion { tasks: wanted, .. } => self.delete_tasks(&mut tasks[0], &wanted),
        }
    }

    /// Writes the outcome, then shows it and removes what is no longer needed.
    fn record(&self, mut tasks: Vec<Task>, effects: Effects) -> Result<(), ApiError> {
        let Effects {
            names,
            discarded,
            changed,
            removed,
        } = effects;
        let store = &self.app.store;
        let mut wtxn = store.write()?;
        store.take_batch(&mut wtxn)?;
        tasks.extend(changed);
        for task in &tasks {
            store.put_task(&mut wtxn, task)?;
        }
        for uid in removed {
            store.delete_task(&mut wtxn, uid)?;
        }
        match names {
            None => wtxn.commit()?,
            Some(names) => {
                store.replace_names(&mut wtxn, &names)?;
                self.app
                    .indexes
                    .publish_with(names, || Ok(wtxn.commit()?))?;
            }
        }
        self.tidy(&tasks, &discarded);
        Ok(())
    }

    /// What stays behind here is removed at the next start.
    fn tidy(&self, tasks: &[Task], discarded: &[Uuid]) {
        for payload in tasks
            .iter()
            .filter(|task| task.status.finished())
            .filter_map(|task| task.content.payload())
        {
            let _ = std::fs::remove_file(self.app.payloads().join(payload.to_string()));
        }
        for directory in discarded {
            let _ = self.app.indexes.discard(*directory);
        }
    }
}

/// What a batch does: the end of the index undoes all else, and a clear what happened to the documents.
fn deciding(tasks: &[Task]) -> Content {
    let mut contents = tasks.iter().rev().map(|task| &task.content);
    contents
        .find(|content| matches!(content, Content::IndexDeletion | Content::Clear))
        .unwrap_or(&tasks[0].content)
        .clone()
}

/// Whether one of the tasks may make the index it needs.
fn any_may_create(tasks: &[Task]) -> bool {
    tasks.iter().any(|task| may_create(&task.content))
}

/// Ends a task whose work a later one of its batch undid. Like a stock node, leaves its count open, or says 0.
fn supersede(task: &mut Task, open: bool) {
    let counted = task.details.clone();
    task.finish(Status::Succeeded, None);
    if open {
        task.details = counted;
    }
}

fn fail_all(tasks: &mut [Task], error: &ApiError) {
    for task in tasks {
        task.finish(Status::Failed, Some(error.body()));
    }
}

/// The index a task is about. Only tasks about no index at all lack one, and those never ask.
fn index_uid(task: &Task) -> &str {
    task.index_uid.as_deref().unwrap_or_default()
}
