//! The checks of setting values before a task is accepted. What needs the index is checked by the task.

use std::str::FromStr;

use milli_core::vector::settings::EmbeddingSettings;
use milli_core::{Criterion, FilterableAttributesPatterns};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::body::{unknown_field, wrong_type, wrong_value};
use crate::error::{ApiError, Code};
use crate::params::locales::Locale;

type Result<T> = std::result::Result<T, ApiError>;

/// Where in the body a value stands, and the code of its setting.
pub struct Place {
    code: Code,
    pointer: String,
}

impl Place {
    pub fn new(code: Code, pointer: &str) -> Self {
        Self {
            code,
            pointer: pointer.to_owned(),
        }
    }

    fn item(&self, position: usize) -> Self {
        Self {
            code: self.code,
            pointer: format!("{}[{position}]", self.pointer),
        }
    }

    fn field(&self, name: &str) -> Self {
        Self {
            code: self.code,
            pointer: format!("{}.{name}", self.pointer),
        }
    }

    fn wrong(&self, wanted: &str, found: &Value) -> ApiError {
        wrong_type(self.code, &self.pointer, wanted, found)
    }

    fn says(&self, text: &str) -> ApiError {
        wrong_value(self.code, &self.pointer, text)
    }
}

/// How one field of an object is checked.
type FieldCheck = fn(&Value, &Place) -> Result<()>;

pub fn string(value: &Value, place: &Place) -> Result<()> {
    match value {
        Value::String(_) => Ok(()),
        other => Err(place.wrong("a string", other)),
    }
}

pub fn boolean(value: &Value, place: &Place) -> Result<()> {
    match value {
        Value::Bool(_) => Ok(()),
        other => Err(place.wrong("a boolean", other)),
    }
}

pub fn number(value: &Value, place: &Place) -> Result<()> {
    match value.as_u64() {
        Some(_) => Ok(()),
        None => Err(place.wrong("a positive integer", value)),
    }
}

fn list(value: &Value, place: &Place, check: impl Fn(&Value, &Place) -> Result<()>) -> Result<()> {
    let Value::Array(items) = value else {
        return Err(place.wrong("an array", value));
    };
    items
        .iter()
        .enumerate()
        .try_for_each(|(position, item)| check(item, &place.item(position)))
}

fn object<'v>(value: &'v Value, place: &Place) -> Result<&'v Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| place.wrong("an object", value))
}

/// Checks the fields of an object by name; `null` resets each.
fn fields(value: &Value, place: &Place, known: &[(&str, FieldCheck)]) -> Result<()> {
    for (name, value) in object(value, place)? {
        let Some((_, check)) = known.iter().find(|(field, _)| field == name) else {
            let mut error = unknown_field(name, known.iter().map(|(field, _)| *field));
            if !place.pointer.is_empty() {
                error.message =
                    error
                        .message
                        .replacen(":", &format!(" inside `{}`:", place.pointer), 1);
            }
            return Err(error);
        };
        if !value.is_null() {
            check(value, &place.field(name))?;
        }
    }
    Ok(())
}

fn one_of(value: &Value, place: &Place, accepted: &[&str]) -> Result<()> {
    string(value, place)?;
    let text = value.as_str().unwrap_or_default();
    if accepted.contains(&text) {
        return Ok(());
    }
    let at = if place.pointer.is_empty() {
        String::new()
    } else {
        format!(" at `{}`", place.pointer)
    };
    let list = accepted
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    Err(ApiError::new(
        place.code,
        format!("Unknown value `{text}`{at}: expected one of {list}"),
    ))
}

pub fn strings(value: &Value, place: &Place) -> Result<()> {
    list(value, place, string)
}

pub fn ranking_rules(value: &Value, place: &Place) -> Result<()> {
    list(value, place, |rule, place| {
        string(rule, place)?;
        let text = rule.as_str().unwrap_or_default();
        Criterion::from_str(text)
            .map(|_| ())
            .map_err(|error| place.says(&error.to_string()))
    })
}

pub fn filterable(value: &Value, place: &Place) -> Result<()> {
    list(value, place, |rule, place| match rule {
        Value::Object(_) => readable::<FilterableAttributesPatterns>(rule, place),
        other => string(other, place),
    })
}

pub fn synonyms(value: &Value, place: &Place) -> Result<()> {
    object(value, place)?
        .iter()
        .try_for_each(|(word, others)| strings(others, &place.field(word)))
}

pub fn proximity_precision(value: &Value, place: &Place) -> Result<()> {
    one_of(value, place, &["byWord", "byAttribute"])
}

pub fn prefix_search(value: &Value, place: &Place) -> Result<()> {
    one_of(value, place, &["indexingTime", "disabled"])
}

pub fn typo_tolerance(value: &Value, place: &Place) -> Result<()> {
    fields(
        value,
        place,
        &[
            ("enabled", boolean),
            ("minWordSizeForTypos", min_word_sizes),
            ("disableOnWords", strings),
            ("disableOnAttributes", strings),
            ("disableOnNumbers", boolean),
        ],
    )
}

fn min_word_sizes(value: &Value, place: &Place) -> Result<()> {
    fields(value, place, &[("oneTypo", byte), ("twoTypos", byte)])?;
    let size = |name: &str| value.get(name).and_then(Value::as_u64);
    match (size("oneTypo"), size("twoTypos")) {
        (Some(one), Some(two)) if one > two => Err(place.says(&format!(
            "`minWordSizeForTypos` setting is invalid. `oneTypo` and `twoTypos` fields should be between `0` and \
             `255`, and `twoTypos` should be greater or equals to `oneTypo` but found `oneTypo: {one}` and twoTypos: \
             {two}`."
        ))),
        _ => Ok(()),
    }
}

fn byte(value: &Value, place: &Place) -> Result<()> {
    number(value, place)?;
    match value.as_u64() {
        Some(size) if size <= 255 => Ok(()),
        _ => Err(place.says(&format!(
            "value: `{value}` is too large to be deserialized, maximum value authorized is `255`"
        ))),
    }
}

pub fn faceting(value: &Value, place: &Place) -> Result<()> {
    fields(
        value,
        place,
        &[
            ("maxValuesPerFacet", number),
            ("sortFacetValuesBy", facet_orders),
        ],
    )
}

fn facet_orders(value: &Value, place: &Place) -> Result<()> {
    let orders = object(value, place)?;
    orders
        .iter()
        .try_for_each(|(name, order)| one_of(order, &place.field(name), &["alpha", "count"]))
}

pub fn pagination(value: &Value, place: &Place) -> Result<()> {
    fields(value, place, &[("maxTotalHits", positive)])
}

fn positive(value: &Value, place: &Place) -> Result<()> {
    number(value, place)?;
    match value.as_u64() {
        Some(0) => Err(place.says("a non-zero integer value lower than `18446744073709551615` was expected, but found a zero")),
        _ => Ok(()),
    }
}

pub fn localized(value: &Value, place: &Place) -> Result<()> {
    list(value, place, |rule, place| {
        fields(
            rule,
            place,
            &[("attributePatterns", strings), ("locales", locale_list)],
        )?;
        for name in ["attributePatterns", "locales"] {
            if rule.get(name).is_none_or(Value::is_null) {
                let text = format!("Missing field `{name}` inside `{}`", place.pointer);
                return Err(ApiError::new(place.code, text));
            }
        }
        Ok(())
    })
}

fn locale_list(value: &Value, place: &Place) -> Result<()> {
    list(value, place, |locale, place| {
        string(locale, place)?;
        let code = locale.as_str().unwrap_or_default();
        match Locale::from_code(code) {
            Some(_) => Ok(()),
            None => Err(place.says(&format!(
                "`{code}` is not a locale that the tokenizer knows"
            ))),
        }
    })
}

pub fn embedders(value: &Value, place: &Place) -> Result<()> {
    for (name, settings) in object(value, place)? {
        if !settings.is_null() {
            readable::<EmbeddingSettings>(settings, &place.field(name))?;
        }
    }
    Ok(())
}

/// Whether the engine's own type can be read from the value.
fn readable<T: DeserializeOwned>(value: &Value, place: &Place) -> Result<()> {
    T::deserialize(value)
        .map(|_| ())
        .map_err(|error| place.says(&error.to_string()))
}
