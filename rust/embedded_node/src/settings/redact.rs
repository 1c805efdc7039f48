//! Secrets in settings: what is left of them when they are shown.

use serde_json::{Map, Value};

/// A settings object with the secrets of its embedders hidden.
pub fn settings(patch: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = patch.clone();
    if let Some(embedders) = shown.get_mut("embedders") {
        self::embedders(embedders);
    }
    shown
}

/// Hides the API keys inside `embedders`, at any depth.
pub fn embedders(value: &mut Value) {
    let Value::Object(map) = value else { return };
    for (name, value) in map {
        match value {
            Value::String(secret) if name == "apiKey" => *secret = hidden(secret),
            other => embedders(other),
        }
    }
}

fn hidden(secret: &str) -> String {
    let (shown, mask) = match secret.chars().count() {
        0..10 => (0, "XXX..."),
        10..20 => (2, "XXXX..."),
        20..30 => (3, "XXXXX..."),
        _ => (5, "XXXXXX..."),
    };
    secret.chars().take(shown).chain(mask.chars()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn api_keys_are_hidden_at_any_depth_and_nothing_else_changes() {
        let mut value = json!({"a": {"apiKey": "0123456789ab", "url": "u", "searchEmbedder": {"apiKey": "short"}}});
        embedders(&mut value);
        assert_eq!(
            value,
            json!({"a": {"apiKey": "01XXXX...", "url": "u", "searchEmbedder": {"apiKey": "XXX..."}}})
        );
    }
}
