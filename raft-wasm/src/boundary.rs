//! The boundary in both directions: values in, values out, and the one shape of errors.

use raft_sim::{ErrorCode, SimError, Time, limits};
use serde::Serialize;
use wasm_bindgen::JsValue;

pub(crate) type JsResult<T> = Result<T, JsValue>;

/// What is thrown: a plain object `{ code, message, details }`.
#[derive(Serialize)]
struct Thrown<'a> {
    code: ErrorCode,
    message: String,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    /// Where in a JSON document, or `line 3.return` in a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    /// The line of a history, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// An error as JavaScript sees it.
#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
pub(crate) fn thrown(error: SimError) -> JsValue {
    let path = error.path.as_deref();
    let line =
        path.and_then(|path| path.strip_prefix("line ")?.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok());
    let details = Details { path, line };
    let thrown = Thrown { code: error.code, message: error.to_string(), details };
    to_js(&thrown).unwrap_or_else(|error| error)
}

/// A value as a plain object: maps become objects, absent values `null`. By way of JSON, which documents have to know anyway: a
/// second way would double what is compiled for each type.
pub(crate) fn to_js<T: Serialize + ?Sized>(value: &T) -> JsResult<JsValue> {
    js_sys::JSON::parse(&json_text(value)?)
}

/// A plain object as JSON text, which is read more strictly than an object could be: nothing is coerced, and an unknown
/// field is an error.
pub(crate) fn json_of(value: &JsValue) -> JsResult<String> {
    if !value.is_object() {
        return Err(thrown(SimError::new(ErrorCode::InvalidScenario, "an object is needed here")));
    }
    js_sys::JSON::stringify(value).map(String::from)
}

/// A document of ours as JSON text.
pub(crate) fn json_text<T: Serialize + ?Sized>(value: &T) -> JsResult<String> {
    serde_json::to_string(value).map_err(|error| JsValue::from_str(&error.to_string()))
}

/// A time that JavaScript names.
pub(crate) fn time(ms: f64) -> JsResult<Time> {
    Time::from_ms(ms).ok_or_else(|| {
        let message = format!("a time is a number of milliseconds from 0 to {}, not {ms}", limits::MAX_TIME_MS);
        thrown(SimError::new(ErrorCode::OutOfRange, message))
    })
}
