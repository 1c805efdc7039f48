//! Reading the body of a key's creation or change.

use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};
use uuid::Uuid;

use crate::auth::{Key, actions};
use crate::body::{unknown_field, wrong_type, wrong_value};
use crate::error::{ApiError, Code, codes};
use crate::indexes::uid;

type Result<T> = std::result::Result<T, ApiError>;
type Fields = Map<String, Value>;

const CREATE: [&str; 6] = [
    "description",
    "name",
    "uid",
    "actions",
    "indexes",
    "expiresAt",
];
const CHANGE: [&str; 2] = ["description", "name"];
const IMMUTABLE: [&str; 7] = [
    "actions",
    "createdAt",
    "expiresAt",
    "indexes",
    "key",
    "uid",
    "updatedAt",
];

/// A key from the body of its creation.
pub fn new_key(fields: &Fields) -> Result<Key> {
    if let Some(name) = fields.keys().find(|name| !CREATE.contains(&name.as_str())) {
        return Err(unknown_field(name, CREATE.into_iter()));
    }
    let actions = list(
        fields,
        "actions",
        codes::INVALID_API_KEY_ACTIONS,
        codes::MISSING_API_KEY_ACTIONS,
    )?;
    let indexes = list(
        fields,
        "indexes",
        codes::INVALID_API_KEY_INDEXES,
        codes::MISSING_API_KEY_INDEXES,
    )?;
    check_actions(&actions)?;
    check_indexes(&indexes)?;
    if !indexes.iter().any(|pattern| pattern == "*") {
        check_scope(&actions)?;
    }
    let mut key = Key::new(actions, indexes);
    key.name = text(fields, "name", codes::INVALID_API_KEY_NAME)?;
    key.description = text(fields, "description", codes::INVALID_API_KEY_DESCRIPTION)?;
    key.expires_at = expiry(fields)?;
    if let Some(given) = text(fields, "uid", codes::INVALID_API_KEY_UID)? {
        let refused = |error| {
            let text = format!("`{given}` is not a valid uid. It should be a UUID: {error}");
            wrong_value(codes::INVALID_API_KEY_UID, ".uid", &text)
        };
        key.uid = Uuid::parse_str(&given).map_err(refused)?;
    }
    Ok(key)
}

/// Applies the body of a change: name and description only.
pub fn change(key: &mut Key, fields: &Fields) -> Result<()> {
    for name in fields.keys() {
        if IMMUTABLE.contains(&name.as_str()) {
            let text = format!(
                "Immutable field `{name}`: {}",
                crate::body::expected(CHANGE.into_iter())
            );
            return Err(ApiError::new(immutable(name), text));
        }
        if !CHANGE.contains(&name.as_str()) {
            return Err(unknown_field(name, CHANGE.into_iter()));
        }
    }
    if fields.contains_key("name") {
        key.name = text(fields, "name", codes::INVALID_API_KEY_NAME)?;
    }
    if fields.contains_key("description") {
        key.description = text(fields, "description", codes::INVALID_API_KEY_DESCRIPTION)?;
    }
    key.updated_at = OffsetDateTime::now_utc();
    Ok(())
}

fn immutable(field: &str) -> Code {
    match field {
        "actions" => codes::IMMUTABLE_API_KEY_ACTIONS,
        "createdAt" => codes::IMMUTABLE_API_KEY_CREATED_AT,
        "expiresAt" => codes::IMMUTABLE_API_KEY_EXPIRES_AT,
        "indexes" => codes::IMMUTABLE_API_KEY_INDEXES,
        "key" => codes::IMMUTABLE_API_KEY_KEY,
        "uid" => codes::IMMUTABLE_API_KEY_UID,
        _ => codes::IMMUTABLE_API_KEY_UPDATED_AT,
    }
}

fn text(fields: &Fields, name: &str, code: Code) -> Result<Option<String>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong_type(code, &format!(".{name}"), "a string", other)),
    }
}

fn list(fields: &Fields, name: &str, invalid: Code, missing: Code) -> Result<Vec<String>> {
    let Some(value) = fields.get(name) else {
        return Err(ApiError::new(missing, format!("Missing field `{name}`")));
    };
    let Value::Array(items) = value else {
        return Err(wrong_type(invalid, &format!(".{name}"), "an array", value));
    };
    let read = |(position, item): (usize, &Value)| match item {
        Value::String(text) => Ok(text.clone()),
        other => Err(wrong_type(
            invalid,
            &format!(".{name}[{position}]"),
            "a string",
            other,
        )),
    };
    items.iter().enumerate().map(read).collect()
}

fn check_actions(given: &[String]) -> Result<()> {
    for (position, action) in given.iter().enumerate() {
        if !actions::ALL.contains(&action.as_str()) {
            let known = crate::body::expected(actions::ALL.into_iter());
            let text = format!("Unknown value `{action}` at `.actions[{position}]`: {known}");
            return Err(ApiError::new(codes::INVALID_API_KEY_ACTIONS, text));
        }
    }
    Ok(())
}

fn check_indexes(given: &[String]) -> Result<()> {
    for (position, pattern) in given.iter().enumerate() {
        let name = pattern.strip_suffix('*').unwrap_or(pattern);
        if pattern != "*" && !uid::is_valid(name) {
            let place = format!(".indexes[{position}]");
            return Err(wrong_value(
                codes::INVALID_API_KEY_INDEXES,
                &place,
                &uid::message(pattern),
            ));
        }
    }
    Ok(())
}

fn check_scope(given: &[String]) -> Result<()> {
    match given.iter().find(|action| actions::is_global(action)) {
        None => Ok(()),
        Some(action) => {
            let text =
                format!("The action `{action}` concerns all indexes: `indexes` must be `[\"*\"]`.");
            Err(ApiError::new(
                codes::INDEX_SCOPED_API_KEY_WITH_GLOBAL_ACTION,
                text,
            ))
        }
    }
}

fn expiry(fields: &Fields) -> Result<Option<OffsetDateTime>> {
    let Some(value) = fields.get("expiresAt") else {
        return Err(ApiError::new(
            codes::MISSING_API_KEY_EXPIRES_AT,
            "Missing field `expiresAt`",
        ));
    };
    if value.is_null() {
        return Ok(None);
    }
    let Some(given) = value.as_str() else {
        return Err(wrong_type(
            codes::INVALID_API_KEY_EXPIRES_AT,
            ".expiresAt",
            "a string",
            value,
        ));
    };
    match moment(given) {
        Some(at) if at > OffsetDateTime::now_utc() => Ok(Some(at)),
        _ => {
            let text = format!(
                "`{given}` is not a valid date. It should follow the RFC 3339 format to represents a date or datetime \
                 in the future or specified as a null value. e.g. 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'."
            );
            Err(wrong_value(
                codes::INVALID_API_KEY_EXPIRES_AT,
                ".expiresAt",
                &text,
            ))
        }
    }
}

/// RFC 3339, or a date with or without a time, in UTC.
fn moment(text: &str) -> Option<OffsetDateTime> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment);
    }
    let spaced = text.replacen('T', " ", 1);
    let time = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    if let Ok(moment) = PrimitiveDateTime::parse(&spaced, time) {
        return Some(moment.assume_utc());
    }
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    Some(PrimitiveDateTime::new(day, Time::MIDNIGHT).assume_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> std::result::Result<Key, &'static str> {
        new_key(body.as_object().unwrap()).map_err(|error| error.code.name)
    }

    #[test]
    fn a_key_keeps_the_uid_its_creator_chose() {
        let uid = "11111111-1111-4111-8111-111111111111";
        let key =
            read(json!({"uid": uid, "actions": ["search"], "indexes": ["*"], "expiresAt": null}))
                .unwrap();
        assert_eq!(key.uid.to_string(), uid);
    }

    #[test]
    fn what_is_missing_or_wrong_has_its_own_code() {
        assert_eq!(
            read(json!({"indexes": [], "expiresAt": null})),
            Err("missing_api_key_actions")
        );
        assert_eq!(
            read(json!({"actions": [], "expiresAt": null})),
            Err("missing_api_key_indexes")
        );
        assert_eq!(
            read(json!({"actions": [], "indexes": []})),
            Err("missing_api_key_expires_at")
        );
        let with = |name: &str, value: Value| {
            let mut body = json!({"actions": ["search"], "indexes": ["*"], "expiresAt": null});
            body[name] = value;
            read(body)
        };
        assert_eq!(
            with("actions", json!(["nope"])),
            Err("invalid_api_key_actions")
        );
        assert_eq!(
            with("indexes", json!(["é"])),
            Err("invalid_api_key_indexes")
        );
        assert_eq!(
            with("expiresAt", json!("2000-01-01")),
            Err("invalid_api_key_expires_at")
        );
        assert_eq!(with("uid", json!("x")), Err("invalid_api_key_uid"));
        assert_eq!(with("nope", json!(1)), Err("bad_request"));
    }

    #[test]
    fn a_scoped_key_holds_no_global_action() {
        let body = json!({"actions": ["version"], "indexes": ["movies"], "expiresAt": null});
        assert_eq!(read(body), Err("index_scoped_api_key_with_global_action"));
    }

    #[test]
    fn only_name_and_description_change() {
        let mut key = Key::new(vec![], vec![]);
        change(&mut key, json!({"name": "n"}).as_object().unwrap()).unwrap();
        assert_eq!(key.name.as_deref(), Some("n"));
        let error = change(&mut key, json!({"actions": []}).as_object().unwrap()).unwrap_err();
        assert_eq!(error.code.name, "immutable_api_key_actions");
    }
}
