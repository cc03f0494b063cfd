//! Reading JSON documents strictly: every field known, every number in range, every error with its path.
//!
//! Written by hand rather than derived: the derived readers of tagged enums lose the path inside them, and weigh more in
//! the wasm module than the rest of the simulator.

use serde_json::{Map, Value};

use crate::error::{ErrorCode, SimError};
use crate::limits::MAX_TEXT_BYTES;
use crate::time::Time;

/// Largest integer that JavaScript holds exactly.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Something that a JSON value can be read as.
pub(crate) trait FromJson: Sized {
    /// Reads a value. Errors name the path from here.
    fn from_json(value: &Value) -> Result<Self, SimError>;
}

/// Reads a document of at most `limit` bytes.
pub(crate) fn parse<T: FromJson>(json: &str, limit: usize) -> Result<T, SimError> {
    if json.len() > limit {
        let message = format!("the document has {} bytes, at most {limit} are allowed", json.len());
        return Err(SimError::new(ErrorCode::TooLarge, message));
    }
    let value = serde_json::from_str(json).map_err(|error| invalid(format!("this is not JSON: {error}")))?;
    T::from_json(&value)
}

/// An object whose fields are taken out one by one.
pub(crate) struct Object<'a> {
    fields: &'a Map<String, Value>,
    known: Vec<&'static str>,
}

impl<'a> Object<'a> {
    pub(crate) fn new(value: &'a Value) -> Result<Self, SimError> {
        let fields = value.as_object().ok_or_else(|| wrong("an object", value))?;
        Ok(Self { fields, known: Vec::new() })
    }

    /// A field that must be there.
    pub(crate) fn required<T: FromJson>(&mut self, key: &'static str) -> Result<T, SimError> {
        self.optional(key)?.ok_or_else(|| invalid("this field is missing").at(key))
    }

    /// A field that may be absent or null.
    pub(crate) fn optional<T: FromJson>(&mut self, key: &'static str) -> Result<Option<T>, SimError> {
        self.known.push(key);
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::from_json(value).map(Some).map_err(|error| error.at(key)),
        }
    }

    /// A field with a default.
    pub(crate) fn or<T: FromJson>(&mut self, key: &'static str, default: T) -> Result<T, SimError> {
        Ok(self.optional(key)?.unwrap_or(default))
    }

    /// Refuses every field that was not asked for.
    pub(crate) fn finish(self) -> Result<(), SimError> {
        match self.fields.keys().find(|key| !self.known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(invalid(format!("unknown field; known here: {}", self.known.join(", "))).at(key)),
        }
    }
}

/// Reads one of a few names.
pub(crate) fn one_of<T: Copy>(value: &Value, names: &[(&str, T)]) -> Result<T, SimError> {
    let name = value.as_str().ok_or_else(|| wrong("a name", value))?;
    names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<_> = names.iter().map(|(known, _)| *known).collect();
        invalid(format!("{} is none of: {}", shown(value), known.join(", ")))
    })
}

/// A mistake in a document.
pub(crate) fn invalid(message: impl Into<String>) -> SimError {
    SimError::new(ErrorCode::InvalidScenario, message)
}

/// A number that is not allowed where it stands.
pub(crate) fn out_of_range<T>(path: &str, message: impl Into<String>) -> Result<T, SimError> {
    Err(SimError::new(ErrorCode::OutOfRange, message).at(path))
}

fn wrong(wanted: &str, value: &Value) -> SimError {
    invalid(format!("{wanted} is needed here, not {}", shown(value)))
}

/// A value as it stands in a message, cut if it is long.
fn shown(value: &Value) -> String {
    const MOST: usize = 40;
    let text = value.to_string();
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

impl FromJson for u64 {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        value
            .as_u64()
            .filter(|number| *number <= MAX_INTEGER)
            .ok_or_else(|| wrong(&format!("a whole number from 0 to {MAX_INTEGER}"), value))
    }
}

impl FromJson for i64 {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let number = value.as_i64().filter(|number| number.unsigned_abs() <= MAX_INTEGER);
        number.ok_or_else(|| wrong("a whole number", value))
    }
}

impl FromJson for u32 {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let number = value.as_u64().and_then(|number| Self::try_from(number).ok());
        number.ok_or_else(|| wrong(&format!("a whole number from 0 to {}", Self::MAX), value))
    }
}

impl FromJson for usize {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        u32::from_json(value).map(|number| number as Self)
    }
}

impl FromJson for f64 {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        value.as_f64().ok_or_else(|| wrong("a number", value))
    }
}

impl FromJson for bool {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        value.as_bool().ok_or_else(|| wrong("true or false", value))
    }
}

impl FromJson for String {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let text = value.as_str().ok_or_else(|| wrong("a text", value))?;
        if text.len() > MAX_TEXT_BYTES {
            let message = format!("the text has {} bytes, at most {MAX_TEXT_BYTES} are allowed", text.len());
            return Err(SimError::new(ErrorCode::TooLarge, message));
        }
        Ok(text.into())
    }
}

impl FromJson for Time {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        value
            .as_f64()
            .and_then(Self::from_ms)
            .ok_or_else(|| wrong(&format!("a number of milliseconds from 0 to {}", crate::limits::MAX_TIME_MS), value))
    }
}

/// Any JSON, for whoever can make sense of it.
impl FromJson for Value {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        Ok(value.clone())
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let items = value.as_array().ok_or_else(|| wrong("a list", value))?;
        let read = |(number, item)| T::from_json(item).map_err(|error| error.at(format!("[{number}]")));
        items.iter().enumerate().map(read).collect()
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        T::from_json(value).map(Self::new)
    }
}

impl<T: FromJson> FromJson for (T, T) {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        match value.as_array().map(Vec::as_slice) {
            Some([first, second]) => Ok((
                T::from_json(first).map_err(|error| error.at("[0]"))?,
                T::from_json(second).map_err(|error| error.at("[1]"))?,
            )),
            _ => Err(wrong("a list of two", value)),
        }
    }
}
