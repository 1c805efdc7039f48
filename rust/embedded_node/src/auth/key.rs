//! One API key: what is stored of it, and how its value follows from the master key.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use time::OffsetDateTime;
use uuid::Uuid;

/// A key as stored. Its value is not: it is recomputed from the master key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    pub name: Option<String>,
    pub description: Option<String>,
    pub uid: Uuid,
    pub actions: Vec<String>,
    pub indexes: Vec<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A key as clients see it, in the documented order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    pub name: Option<String>,
    pub description: Option<String>,
    pub key: String,
    pub uid: Uuid,
    pub actions: Vec<String>,
    pub indexes: Vec<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

impl Key {
    /// A key with a random uid that never expires.
    pub fn new(actions: Vec<String>, indexes: Vec<String>) -> Self {
        let now = OffsetDateTime::now_utc();
        let uid = Uuid::new_v4();
        Self {
            name: None,
            description: None,
            uid,
            actions,
            indexes,
            expires_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub fn expired(&self) -> bool {
        self.expires_at
            .is_some_and(|at| at <= OffsetDateTime::now_utc())
    }

    pub fn view(&self, master_key: &str) -> KeyView {
        let Key {
            name,
            description,
            uid,
            actions,
            indexes,
            expires_at,
            created_at,
            updated_at,
        } = self.clone();
        let key = key_value(master_key, uid);
        KeyView {
            name,
            description,
            key,
            uid,
            actions,
            indexes,
            expires_at,
            created_at,
            updated_at,
        }
    }
}

/// Lower-case hex of HMAC-SHA256(master key, uid as hyphenated text).
pub fn key_value(master_key: &str, uid: Uuid) -> String {
    // HMAC accepts keys of any length, so this cannot fail.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(master_key.as_bytes()).expect("HMAC takes any key length");
    mac.update(uid.hyphenated().to_string().as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The keys of a node that has a master key and no key store yet.
pub fn default_keys() -> Vec<Key> {
    let make = |name: &str, description: &str, actions: &[&str]| {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        let mut key = Key::new(actions, vec!["*".to_owned()]);
        key.name = Some(name.to_owned());
        key.description = Some(description.to_owned());
        key
    };
    vec![
        make(
            "Default Search API Key",
            "Use it to search from the frontend",
            &["search"],
        ),
        make(
            "Default Admin API Key",
            "Use it for anything that is not a search operation. Caution! Do not expose it on a public frontend",
            &["*"],
        ),
        make(
            "Default Read-Only Admin API Key",
            "Use it to read information across the whole database. Caution! Do not expose this key on a public frontend",
            &["*.get", "keys.get"],
        ),
        make(
            "Default Chat API Key",
            "Use it to chat and search from the frontend",
            &["chatCompletions", "search"],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_documented_hmac() {
        // RFC 4231 gives no UUID vectors; this one was computed with Python's hmac module.
        let uid = Uuid::parse_str("00000000-0000-4000-8000-000000000001").unwrap();
        let value = key_value("masterkey-of-sixteen", uid);
        assert_eq!(value.len(), 64);
        assert_eq!(value, EXPECTED);
    }

    const EXPECTED: &str = "f3122408b800cb2053c905540f7edd8436bda190a48bc83ddb4372150c303756";

    #[test]
    fn a_key_expires_at_its_time() {
        let mut key = Key::new(vec![], vec![]);
        assert!(!key.expired());
        key.expires_at = Some(OffsetDateTime::now_utc());
        assert!(key.expired());
    }
}
