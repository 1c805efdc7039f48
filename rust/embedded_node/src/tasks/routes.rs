//! Routes of tasks: list, get, cancel, delete.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::filter::{NAMES, TaskFilter, visible};
use super::model::{Content, Task};
use super::view::{Summary, TaskView};
use crate::app::{App, blocking};
use crate::auth::Access;
use crate::error::{ApiError, codes};
use crate::query::Query;

type Result<T> = std::result::Result<T, ApiError>;
type Shared = State<Arc<App>>;

/// What an asynchronous route answers.
pub type Accepted = (StatusCode, Json<Summary>);

const DEFAULT_LIMIT: usize = 20;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/tasks", get(list).delete(delete))
        .route("/tasks/cancel", post(cancel))
        .route("/tasks/{uid}", get(show))
}

pub fn accepted(task: Task) -> Result<Accepted> {
    Ok((StatusCode::ACCEPTED, Json(Summary::from(&task))))
}

/// Where a listing starts and how long it is.
struct Window {
    limit: usize,
    from: Option<u32>,
    reverse: bool,
}

async fn list(State(app): Shared, headers: HeaderMap, uri: Uri) -> Result<Json<Value>> {
    let access = app.access(&headers, "tasks.get")?;
    let known: Vec<&str> = ["limit", "from", "reverse"]
        .into_iter()
        .chain(NAMES)
        .collect();
    let query = Query::parse(&uri, &known)?;
    let window = Window {
        limit: query
            .number("limit", codes::INVALID_TASK_LIMIT)?
            .unwrap_or(DEFAULT_LIMIT),
        from: query
            .number("from", codes::INVALID_TASK_FROM)?
            .map(|from| from.try_into().unwrap_or(u32::MAX)),
        reverse: query
            .flag("reverse", codes::INVALID_TASK_REVERSE)?
            .unwrap_or(false),
    };
    let filter = TaskFilter::read(&query)?;
    blocking(move || page(&app, &access, &filter, &window))
        .await
        .map(Json)
}

fn page(app: &App, access: &Access, filter: &TaskFilter, window: &Window) -> Result<Value> {
    let mut results: Vec<TaskView> = Vec::new();
    let (mut first, mut next, mut total) = (None, None, 0_u64);
    let everything = filter.is_empty() && access.reaches_all();
    each_task(app, filter, window.reverse, |task| {
        if !filter.passes(&task) || !visible(access, &task) {
            return true;
        }
        total += 1;
        let started = window.from.is_none_or(|from| {
            if window.reverse {
                task.uid >= from
            } else {
                task.uid <= from
            }
        });
        if started && results.len() < window.limit {
            first.get_or_insert(task.uid);
            results.push(TaskView::from(task));
        } else if started && next.is_none() {
            next = Some(task.uid);
        }
        // The rest only matters for the total, which is known without counting when nothing is filtered.
        !(everything && next.is_some())
    })?;
    if everything {
        let rtxn = app.store.read()?;
        total = app.store.task_count(&rtxn)?;
    }
    let from = first.filter(|_| window.limit > 0);
    Ok(
        json!({"results": results, "total": total, "limit": window.limit, "from": from, "next": next}),
    )
}

/// Calls `take` with every task that may pass, as clients see it now, until it says `false`.
fn each_task(
    app: &App,
    filter: &TaskFilter,
    oldest_first: bool,
    mut take: impl FnMut(Task) -> bool,
) -> Result<()> {
    // In this order: a batch that ends in between then shows as finished, never as waiting again.
    let running = app.scheduler.running();
    let rtxn = app.store.read()?;
    let mut overlaid = |mut task: Task| {
        running.iter().for_each(|batch| batch.overlay(&mut task));
        take(task)
    };
    if let Some(uids) = filter.uids() {
        let mut uids = uids.to_vec();
        uids.sort_unstable();
        uids.dedup();
        if !oldest_first {
            uids.reverse();
        }
        for uid in uids {
            if app
                .store
                .task(&rtxn, uid)?
                .is_some_and(|task| !overlaid(task))
            {
                return Ok(());
            }
        }
        return Ok(());
    }
    if filter.only_pending() {
        let waiting = app
            .store
            .pending_tasks(&rtxn)?
            .chain(app.store.urgent_task(&rtxn)?.map(Ok));
        let mut tasks: Vec<Task> = waiting.collect::<Result<_>>()?;
        tasks.sort_by_key(|task| task.uid);
        if !oldest_first {
            tasks.reverse();
        }
        tasks.into_iter().all(overlaid);
        return Ok(());
    }
    for task in app.store.all_tasks(&rtxn, oldest_first)? {
        if !overlaid(task?) {
            return Ok(());
        }
    }
    Ok(())
}

async fn show(
    State(app): Shared,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Json<TaskView>> {
    let access = app.access(&headers, "tasks.get")?;
    let number: u32 = uid.parse().map_err(|_| {
        let text =
            format!("Task uid `{uid}` is invalid. It should only contain numeric characters.");
        ApiError::new(codes::INVALID_TASK_UIDS, text)
    })?;
    let found = blocking(move || {
        let running = app.scheduler.running();
        let rtxn = app.store.read()?;
        let mut task = app.store.task(&rtxn, number)?;
        if let (Some(batch), Some(task)) = (&running, &mut task) {
            batch.overlay(task);
        }
        Ok(task.filter(|task| visible(&access, task)))
    });
    match found.await? {
        Some(task) => Ok(Json(TaskView::from(task))),
        None => Err(ApiError::new(
            codes::TASK_NOT_FOUND,
            format!("Task `{number}` not found."),
        )),
    }
}

async fn cancel(State(app): Shared, headers: HeaderMap, uri: Uri) -> Result<Json<Summary>> {
    let access = app.access(&headers, "tasks.cancel")?;
    let tasks = matched(&app, access, &uri, "cancel").await?;
    let filter = format!("?{}", uri.query().unwrap_or_default());
    let task = app
        .enqueue(Task::new(
            None,
            Content::Cancelation {
                tasks: tasks.clone(),
                filter,
            },
            None,
        ))
        .await?;
    app.scheduler.interrupt(&tasks);
    Ok(Json(Summary::from(&task)))
}

async fn delete(State(app): Shared, headers: HeaderMap, uri: Uri) -> Result<Json<Summary>> {
    let access = app.access(&headers, "tasks.delete")?;
    let tasks = matched(&app, access, &uri, "delete").await?;
    let filter = format!("?{}", uri.query().unwrap_or_default());
    let task = app
        .enqueue(Task::new(None, Content::Deletion { tasks, filter }, None))
        .await?;
    Ok(Json(Summary::from(&task)))
}

/// The uids of the tasks that a cancelation or deletion names; it must name some filter.
async fn matched(app: &Arc<App>, access: Access, uri: &Uri, verb: &str) -> Result<Vec<u32>> {
    let query = Query::parse(uri, &NAMES)?;
    if !NAMES.iter().any(|name| query.has(name)) {
        let text = format!(
            "Query parameters to filter the tasks to {verb} are missing. Available query parameters are: `uids`, \
             `indexUids`, `statuses`, `types`, `canceledBy`, `beforeEnqueuedAt`, `afterEnqueuedAt`, `beforeStartedAt`, \
             `afterStartedAt`, `beforeFinishedAt`, `afterFinishedAt`."
        );
        return Err(ApiError::new(codes::MISSING_TASK_FILTERS, text));
    }
    let filter = TaskFilter::read(&query)?;
    let app = app.clone();
    blocking(move || {
        let mut uids = Vec::new();
        each_task(&app, &filter, true, |task| {
            if filter.passes(&task) && visible(&access, &task) {
                uids.push(task.uid);
            }
            true
        })?;
        Ok(uids)
    })
    .await
}
