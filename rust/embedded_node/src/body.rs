//! JSON request bodies: content type, size, encoding, syntax, and the words in which a wrong one is refused.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use deserr::errors::helpers::did_you_mean;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use serde_json::{Map, Value};

use crate::error::{ApiError, Code, codes};

/// 100 MB, decimal: the documented default of every body.
pub const LIMIT: u64 = 100_000_000;

type Result<T> = std::result::Result<T, ApiError>;

/// The compression of a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Plain,
    Gzip,
    Deflate,
}

impl Encoding {
    pub fn of(headers: &HeaderMap) -> Result<Self> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else {
            return Ok(Self::Plain);
        };
        match value
            .to_str()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "" | "identity" => Ok(Self::Plain),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            other => {
                let text = format!("The Content-Encoding `{other}` is not supported");
                Err(ApiError::new(codes::BAD_REQUEST, text))
            }
        }
    }

    /// The plain bytes behind a reader of encoded ones.
    pub fn decode<'r>(self, reader: impl Read + 'r) -> Box<dyn Read + 'r> {
        match self {
            Self::Plain => Box::new(reader),
            Self::Gzip => Box::new(MultiGzDecoder::new(reader)),
            Self::Deflate => Box::new(ZlibDecoder::new(reader)),
        }
    }
}

/// The content type without its parameters, in lower case.
pub fn content_type(headers: &HeaderMap, accepted: &[&'static str]) -> Result<&'static str> {
    let list = accepted
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        let text = format!(
            "A Content-Type header is missing. Accepted values for the Content-Type header are: {list}"
        );
        return Err(ApiError::new(codes::MISSING_CONTENT_TYPE, text));
    };
    let given = value.to_str().unwrap_or_default();
    let name = given
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    accepted.iter().find(|accepted| **accepted == name).copied().ok_or_else(|| {
        let text = format!(
            "The Content-Type `{given}` is invalid. Accepted values for the Content-Type header are: {list}"
        );
        ApiError::new(codes::INVALID_CONTENT_TYPE, text)
    })
}

/// Reads a JSON body; `application/json` only.
pub async fn json(headers: &HeaderMap, body: Body) -> Result<Value> {
    content_type(headers, &["application/json"])?;
    let encoding = Encoding::of(headers)?;
    let bytes = axum::body::to_bytes(body, LIMIT as usize)
        .await
        .map_err(|error| unreadable(&error))?;
    if bytes.is_empty() {
        return Err(ApiError::new(
            codes::MISSING_PAYLOAD,
            "A json payload is missing.",
        ));
    }
    if encoding == Encoding::Plain {
        return parse(&bytes);
    }
    let mut plain = Vec::new();
    encoding
        .decode(&bytes[..])
        .take(LIMIT + 1)
        .read_to_end(&mut plain)
        .map_err(|_| incomplete())?;
    if plain.len() as u64 > LIMIT {
        return Err(too_large());
    }
    parse(&plain)
}

/// Reads a JSON body that must be an object.
pub async fn object(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>> {
    match json(headers, body).await? {
        Value::Object(map) => Ok(map),
        other => Err(wrong_type(codes::BAD_REQUEST, "", "an object", &other)),
    }
}

fn parse(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|error| {
        ApiError::new(
            codes::MALFORMED_PAYLOAD,
            format!("The json payload provided is malformed. `{error}`."),
        )
    })
}

fn unreadable(error: &axum::Error) -> ApiError {
    match format!("{error:?}").contains("LengthLimitError") {
        true => too_large(),
        false => incomplete(),
    }
}

/// The body ended before it was complete.
pub fn incomplete() -> ApiError {
    ApiError::new(
        codes::BAD_REQUEST,
        "The provided payload is incomplete and cannot be parsed",
    )
}

pub fn too_large() -> ApiError {
    let text =
        "The provided payload reached the size limit. The maximum accepted payload size is 100 MB.";
    ApiError::new(codes::PAYLOAD_TOO_LARGE, text)
}

/// `expected one of `a`, `b``.
pub fn expected<'n>(names: impl Iterator<Item = &'n str>) -> String {
    format!(
        "expected one of {}",
        names
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

/// The same, after the known name that the given one resembles, if there is one.
pub fn guess_or_expected<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    let guess = did_you_mean(given, &names);
    format!("{guess}{}", expected(names.into_iter()))
}

/// The refusal of a value of the wrong JSON type at `pointer` (`.a.b[0]`, empty for the root).
pub fn wrong_type(code: Code, pointer: &str, wanted: &str, found: &Value) -> ApiError {
    let place = if pointer.is_empty() {
        String::new()
    } else {
        format!(" at `{pointer}`")
    };
    let kind = match found {
        Value::Null => {
            let text = format!("Invalid value type{place}: expected {wanted}, but found null");
            return ApiError::new(code, text);
        }
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_u64() => "a positive integer",
        Value::Number(number) if number.is_i64() => "a negative integer",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    ApiError::new(
        code,
        format!("Invalid value type{place}: expected {wanted}, but found {kind}: `{found}`"),
    )
}

/// The refusal of a value of the right type that says something impossible.
pub fn wrong_value(code: Code, pointer: &str, text: &str) -> ApiError {
    let place = if pointer.is_empty() {
        String::new()
    } else {
        format!(" at `{pointer}`")
    };
    ApiError::new(code, format!("Invalid value{place}: {text}"))
}

/// The refusal of a field nobody knows.
pub fn unknown_field<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> ApiError {
    let text = format!("Unknown field `{name}`: {}", guess_or_expected(name, known));
    ApiError::new(codes::BAD_REQUEST, text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn headers(list: &[(header::HeaderName, &str)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[tokio::test]
    async fn a_gzipped_body_is_read_like_a_plain_one() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"{\"a\":1}").unwrap();
        let packed = encoder.finish().unwrap();
        let headers = headers(&[
            (header::CONTENT_TYPE, "application/json; charset=utf-8"),
            (header::CONTENT_ENCODING, "gzip"),
        ]);
        assert_eq!(object(&headers, Body::from(packed)).await.unwrap()["a"], 1);
    }

    #[tokio::test]
    async fn content_types_and_empty_bodies_are_told_apart() {
        let json_type = headers(&[(header::CONTENT_TYPE, "application/json")]);
        let code = |result: Result<Value>| result.unwrap_err().code.name;
        assert_eq!(
            code(json(&HeaderMap::new(), Body::empty()).await),
            "missing_content_type"
        );
        assert_eq!(
            code(
                json(
                    &headers(&[(header::CONTENT_TYPE, "text/plain")]),
                    Body::empty()
                )
                .await
            ),
            "invalid_content_type"
        );
        assert_eq!(
            code(json(&json_type, Body::empty()).await),
            "missing_payload"
        );
        assert_eq!(
            code(json(&json_type, Body::from("{")).await),
            "malformed_payload"
        );
    }

    #[test]
    fn a_wrong_type_names_its_place_and_what_was_found() {
        let error = wrong_type(
            codes::BAD_REQUEST,
            ".a[0]",
            "a string",
            &Value::from(vec![1]),
        );
        assert_eq!(
            error.message,
            "Invalid value type at `.a[0]`: expected a string, but found an array: `[1]`"
        );
    }
}
