//! The keys in force, by value, so that a request is identified without hashing; the store stays the authority.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use axum::http::HeaderMap;
use uuid::Uuid;

use crate::auth::{Access, Key, bearer, default_keys, key_value, missing_header, refused};
use crate::error::{ApiError, codes};
use crate::store::{Result, Store};

pub struct Keyring {
    master: Option<String>,
    by_value: RwLock<HashMap<String, Key>>,
}

impl Keyring {
    /// Reads all keys; a new node with a master key gets the default ones.
    pub fn load(master: Option<String>, store: &Store) -> Result<Self> {
        let ring = Self {
            master,
            by_value: RwLock::default(),
        };
        if ring.master.is_some() {
            add_default_keys(store)?;
        }
        ring.reload(store)?;
        Ok(ring)
    }

    /// Takes over what the store holds, after a change of it was committed.
    pub fn reload(&self, store: &Store) -> Result<()> {
        let Some(master) = &self.master else {
            return Ok(());
        };
        let rtxn = store.read()?;
        let keys = store.keys(&rtxn)?;
        let by_value = keys
            .into_iter()
            .map(|key| (key_value(master, key.uid), key))
            .collect();
        *self
            .by_value
            .write()
            .unwrap_or_else(PoisonError::into_inner) = by_value;
        Ok(())
    }

    /// The master key, for the routes that need one.
    pub fn master(&self) -> Result<&str> {
        let text = "Meilisearch is running without a master key. To access this API endpoint, you must have set a \
                    master key at launch.";
        self.master
            .as_deref()
            .ok_or_else(|| ApiError::new(codes::MISSING_MASTER_KEY, text))
    }

    /// Who sends the request: 401 without a bearer token, 403 with an unknown one.
    pub fn identify(&self, headers: &HeaderMap) -> Result<Access> {
        let token = bearer(headers)?;
        let Some(master) = &self.master else {
            return Ok(Access::Everything);
        };
        let token = token.ok_or_else(missing_header)?;
        if token == master {
            return Ok(Access::Everything);
        }
        let keys = self.by_value.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(&token.to_ascii_lowercase())
            .cloned()
            .map(Access::Key)
            .ok_or_else(refused)
    }

    /// The uid of a key given by its uid or its value.
    pub fn resolve(&self, uid_or_value: &str) -> Option<Uuid> {
        if let Ok(uid) = Uuid::parse_str(uid_or_value) {
            return Some(uid);
        }
        let keys = self.by_value.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(&uid_or_value.to_ascii_lowercase())
            .map(|key| key.uid)
    }
}

fn add_default_keys(store: &Store) -> Result<()> {
    let mut wtxn = store.write()?;
    if store.meta(&wtxn, "default_keys")?.unwrap_or(false) {
        return Ok(());
    }
    for key in default_keys() {
        store.put_key(&mut wtxn, &key)?;
    }
    store.put_meta(&mut wtxn, "default_keys", &true)?;
    Ok(wtxn.commit()?)
}
