//! The boundary in both directions: values in, values out, and the one shape of errors.

use raft_sim::{ErrorCode, SimError};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// What is thrown: a plain object `{ code, message, details }`.
#[derive(Serialize)]
struct Thrown<'a> {
    code: ErrorCode,
    message: String,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

/// An error as JavaScript sees it.
#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
pub(crate) fn thrown(error: SimError) -> JsValue {
    let details = Details { path: error.path.as_deref() };
    let thrown = Thrown { code: error.code, message: error.to_string(), details };
    to_js(&thrown).unwrap_or_else(|error| error)
}

/// A value as a plain object: maps become objects, absent values `null`.
pub(crate) fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| JsValue::from_str(&error.to_string()))
}

/// A plain object as JSON text, which is read more strictly than an object could be: nothing is coerced, and an unknown
/// field is an error.
pub(crate) fn json_of(value: &JsValue) -> Result<String, JsValue> {
    if !value.is_object() {
        return Err(thrown(SimError::new(ErrorCode::InvalidScenario, "an object is needed here")));
    }
    js_sys::JSON::stringify(value).map(String::from)
}
