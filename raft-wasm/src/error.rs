//! The boundary in both directions: values in, values out, and the one shape of errors.

use raft_sim::{ErrorCode, SimError};
use serde::Serialize;
use serde::de::DeserializeOwned;
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

/// A plain object as a value; errors name the path.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    let deserializer = serde_wasm_bindgen::Deserializer::from(value);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let error = SimError::new(ErrorCode::InvalidScenario, error.into_inner().to_string());
        thrown(if path == "." { error } else { error.at(path) })
    })
}
