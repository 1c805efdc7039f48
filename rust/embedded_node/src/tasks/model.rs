//! A task as stored: what clients see of it, and what the worker needs to run it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::ErrorBody;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    Enqueued,
    Processing,
    Succeeded,
    Failed,
    Canceled,
}

impl Status {
    pub const ALL: [Self; 5] = [
        Self::Enqueued,
        Self::Processing,
        Self::Succeeded,
        Self::Failed,
        Self::Canceled,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Enqueued => "enqueued",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    pub fn finished(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

/// How an addition treats a document that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    Replace,
    Update,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    pub indexes: (String, String),
    pub rename: bool,
}

/// What the task is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Content {
    Addition {
        payload: Uuid,
        bytes: u64,
        method: Method,
        primary_key: Option<String>,
        received: u64,
        may_create: bool,
        skip_creation: bool,
    },
    DeletionByIds {
        ids: Vec<String>,
    },
    DeletionByFilter {
        filter: Value,
    },
    Clear,
    Settings {
        patch: Map<String, Value>,
        reset: bool,
        may_create: bool,
    },
    IndexCreation {
        primary_key: Option<String>,
    },
    IndexUpdate {
        primary_key: Option<String>,
        new_uid: Option<String>,
    },
    IndexDeletion,
    Swaps {
        swaps: Vec<Swap>,
    },
    Cancelation {
        tasks: Vec<u32>,
        filter: String,
    },
    Deletion {
        tasks: Vec<u32>,
        filter: String,
    },
}

/// The names of the task types, in the order in which error messages list them.
pub const TYPES: [&str; 9] = [
    "documentAdditionOrUpdate",
    "documentDeletion",
    "settingsUpdate",
    "indexCreation",
    "indexDeletion",
    "indexUpdate",
    "indexSwap",
    "taskCancelation",
    "taskDeletion",
];

impl Content {
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Addition { .. } => "documentAdditionOrUpdate",
            Self::DeletionByIds { .. } | Self::DeletionByFilter { .. } | Self::Clear => {
                "documentDeletion"
            }
            Self::Settings { .. } => "settingsUpdate",
            Self::IndexCreation { .. } => "indexCreation",
            Self::IndexUpdate { .. } => "indexUpdate",
            Self::IndexDeletion => "indexDeletion",
            Self::Swaps { .. } => "indexSwap",
            Self::Cancelation { .. } => "taskCancelation",
            Self::Deletion { .. } => "taskDeletion",
        }
    }

    /// The `details` of a task that has not run yet.
    pub fn initial_details(&self) -> Map<String, Value> {
        let details = match self {
            Self::Addition { received, .. } => {
                json!({"receivedDocuments": received, "indexedDocuments": null})
            }
            Self::DeletionByIds { ids } => {
                json!({"providedIds": ids.len(), "deletedDocuments": null, "originalFilter": null})
            }
            Self::DeletionByFilter { filter } => {
                json!({"providedIds": 0, "deletedDocuments": null, "originalFilter": filter.to_string()})
            }
            Self::Clear | Self::IndexDeletion => json!({"deletedDocuments": null}),
            Self::Settings { patch, .. } => Value::Object(crate::settings::redact::settings(patch)),
            Self::IndexCreation { primary_key } => json!({"primaryKey": primary_key}),
            Self::IndexUpdate {
                primary_key,
                new_uid: None,
            } => json!({"primaryKey": primary_key}),
            Self::IndexUpdate {
                primary_key,
                new_uid,
            } => {
                json!({"primaryKey": primary_key, "oldIndexUid": null, "newIndexUid": new_uid})
            }
            Self::Swaps { swaps } => json!({"swaps": swaps}),
            Self::Cancelation { tasks, filter } => {
                json!({"matchedTasks": tasks.len(), "canceledTasks": null, "originalFilter": filter})
            }
            Self::Deletion { tasks, filter } => {
                json!({"matchedTasks": tasks.len(), "deletedTasks": null, "originalFilter": filter})
            }
        };
        match details {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// The file that holds the documents of an addition.
    pub fn payload(&self) -> Option<Uuid> {
        match self {
            Self::Addition { payload, .. } => Some(*payload),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub uid: u32,
    pub batch_uid: Option<u32>,
    pub index_uid: Option<String>,
    pub status: Status,
    pub content: Content,
    pub canceled_by: Option<u32>,
    pub details: Map<String, Value>,
    pub error: Option<ErrorBody>,
    #[serde(with = "time::serde::rfc3339")]
    pub enqueued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
    pub custom_metadata: Option<String>,
}

impl Task {
    /// A task that waits; the store gives it its uid.
    pub fn new(
        index_uid: Option<String>,
        content: Content,
        custom_metadata: Option<String>,
    ) -> Self {
        let mut details = content.initial_details();
        if let (Some(old), Some(slot)) = (&index_uid, details.get_mut("oldIndexUid")) {
            *slot = json!(old);
        }
        Self {
            uid: 0,
            batch_uid: None,
            index_uid,
            status: Status::Enqueued,
            content,
            canceled_by: None,
            details,
            error: None,
            enqueued_at: OffsetDateTime::now_utc(),
            started_at: None,
            finished_at: None,
            custom_metadata,
        }
    }

    /// Every index the task touches: its own, and those it renames or swaps.
    pub fn indexes(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.index_uid.as_deref().into_iter().collect();
        match &self.content {
            Content::IndexUpdate {
                new_uid: Some(new), ..
            } => names.push(new),
            Content::Swaps { swaps } => {
                names.extend(
                    swaps
                        .iter()
                        .flat_map(|swap| [swap.indexes.0.as_str(), swap.indexes.1.as_str()]),
                );
            }
            _ => {}
        }
        names
    }

    /// Ends the task; counts that stayed unknown become 0 when it did not succeed.
    pub fn finish(&mut self, status: Status, error: Option<ErrorBody>) {
        self.status = status;
        self.error = error;
        self.finished_at = Some(OffsetDateTime::now_utc());
        for name in [
            "indexedDocuments",
            "deletedDocuments",
            "canceledTasks",
            "deletedTasks",
        ] {
            if let Some(count @ Value::Null) = self.details.get_mut(name) {
                *count = json!(0);
            }
        }
    }

    pub fn set_detail(&mut self, name: &str, value: impl Into<Value>) {
        self.details.insert(name.to_owned(), value.into());
    }
}
