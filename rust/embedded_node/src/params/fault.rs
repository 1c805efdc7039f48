//! Ties each parameter to its error code: the message is deserr's, the code comes from the field that was wrong.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use deserr::errors::{JsonError, QueryParamError};
use deserr::{
    DeserializeError, ErrorKind, IntoValue, MergeWithError, ValuePointerRef, take_cf_content,
};

use crate::error::{ApiError, Code, codes};

/// The code of one field, as a type, so that a parameter struct can name it in an attribute.
pub trait FieldCode {
    const CODE: Code;
}

/// Declares a marker type per code: `field_codes! { InvalidSearchQ = INVALID_SEARCH_Q; }`.
macro_rules! field_codes {
    ($($marker:ident = $code:ident;)*) => {
        $(
            #[derive(Debug)]
            pub struct $marker;
            impl $crate::params::FieldCode for $marker {
                const CODE: $crate::error::Code = $crate::error::codes::$code;
            }
        )*
    };
}
pub(crate) use field_codes;

/// The code of everything that has no code of its own: unknown fields, missing fields, a body of another shape.
#[derive(Debug)]
pub struct Unspecific;

impl FieldCode for Unspecific {
    const CODE: Code = codes::BAD_REQUEST;
}

/// A parameter that could not be read; `Wording` chooses the words, `C` the code.
#[derive(Debug)]
pub struct Fault<Wording, C> {
    pub message: String,
    pub code: Code,
    marker: PhantomData<(Wording, C)>,
}

/// A fault in a JSON body.
pub type JsonFault<C = Unspecific> = Fault<JsonError, C>;
/// A fault in a query string.
pub type QueryFault<C = Unspecific> = Fault<QueryParamError, C>;

impl<W, C> Fault<W, C> {
    fn new(message: String, code: Code) -> Self {
        Self {
            message,
            code,
            marker: PhantomData,
        }
    }
}

/// A field that is missing in a body and has a code of its own for that.
pub fn missing<Missing: FieldCode>(field: &str, location: ValuePointerRef) -> JsonFault {
    let kind: ErrorKind<'_, Infallible> = ErrorKind::MissingField { field };
    let worded: JsonError = take_cf_content(JsonError::error(None, kind, location));
    JsonFault::new(worded.to_string(), Missing::CODE)
}

impl<W, C> From<Fault<W, C>> for ApiError {
    fn from(fault: Fault<W, C>) -> Self {
        ApiError::new(fault.code, fault.message)
    }
}

impl<W: DeserializeError + ToString, C: FieldCode> DeserializeError for Fault<W, C> {
    fn error<V: IntoValue>(
        _earlier: Option<Self>,
        error: ErrorKind<V>,
        location: ValuePointerRef,
    ) -> ControlFlow<Self, Self> {
        let worded: W = take_cf_content(W::error(None, error, location));
        ControlFlow::Break(Self::new(worded.to_string(), C::CODE))
    }
}

impl<W, Outer, Inner> MergeWithError<Fault<W, Inner>> for Fault<W, Outer> {
    fn merge(
        _earlier: Option<Self>,
        inner: Fault<W, Inner>,
        _location: ValuePointerRef,
    ) -> ControlFlow<Self, Self> {
        ControlFlow::Break(Self::new(inner.message, inner.code))
    }
}

/// A value of the right type that a rule refuses; the sentence says why.
#[derive(Debug)]
pub struct Refused(pub String);

impl<W: DeserializeError + ToString, C: FieldCode> MergeWithError<Refused> for Fault<W, C> {
    fn merge(
        _earlier: Option<Self>,
        refused: Refused,
        location: ValuePointerRef,
    ) -> ControlFlow<Self, Self> {
        Self::error::<Infallible>(None, ErrorKind::Unexpected { msg: refused.0 }, location)
    }
}
