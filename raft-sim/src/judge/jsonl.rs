//! Histories as JSON lines.

use std::fmt::Write;

use serde_json::Value as Json;

use super::history::{Act, Expected, History, Ids, Model, Operation, Status, check, check_length, invalid};
use super::value::{Value, quoted};
use crate::document::{FromJson, Object, one_of};
use crate::error::{ErrorCode, SimError};
use crate::limits::MAX_HISTORY_BYTES;

/// The version of the format that a header may name.
const VERSION: u64 = 1;

/// Reads a header and operations, one a line. Empty lines are passed over.
pub(super) fn parse(text: &str) -> Result<History, SimError> {
    check_size(text)?;
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (at, header) = lines.next().ok_or_else(|| invalid("the file is empty: a header is needed").at("line 1"))?;
    let mut history = line::<Header>(header).map_err(|error| in_line(at, error))?.0;
    let mut ids = Ids::default();
    for (at, text) in lines {
        let mut read = || {
            let operation = line::<Raw>(text)?.operation()?;
            check(&operation, history.model)?;
            ids.add(operation.id)?;
            Ok(operation)
        };
        history.operations.push(read().map_err(|error| in_line(at, error))?);
    }
    Ok(history)
}

/// Writes what [`parse`] reads.
pub(super) fn write(history: &History) -> String {
    let mut out = header(history);
    for operation in &history.operations {
        let Operation { id, client, key, act, call, returned, status } = operation;
        let name = act.name(history.model);
        _ = write!(out, "\n{{\"id\":{id},\"client\":{client},\"op\":\"{name}\",\"key\":{},\"value\":", quoted(key));
        match act {
            Act::Read(_) | Act::Delete => out.push_str("null"),
            Act::Write(value) => out.push_str(&value.to_json()),
            Act::Append(piece) => out.push_str(&quoted(piece)),
            Act::Cas { expected, new, .. } => _ = write!(out, "[{},{}]", expected.to_json(), new.to_json()),
        }
        let returned = returned.map_or_else(|| "null".into(), |time| time.to_string());
        let status = STATUSES.iter().find(|(_, known)| known == status).map_or("", |(name, _)| name);
        _ = write!(out, ",\"call\":{call},\"return\":{returned},\"status\":\"{status}\",\"result\":");
        match act {
            Act::Read(value) => out.push_str(&value.to_json()),
            Act::Cas { swapped: false, .. } => out.push_str("false"),
            _ => out.push_str("null"),
        }
        out.push('}');
    }
    out.push('\n');
    out
}

/// The first line, without its end.
pub(super) fn header(history: &History) -> String {
    let History { name, model, initial, expected, .. } = history;
    let mut out = format!("{{\"type\":\"history\",\"name\":{},\"model\":\"{}\"", quoted(name), model.name());
    _ = write!(out, ",\"initial\":{}", initial.to_json());
    if let Some((name, _)) = EXPECTATIONS.iter().find(|(_, known)| Some(*known) == *expected) {
        _ = write!(out, ",\"expected\":\"{name}\"");
    }
    out.push('}');
    out
}

/// Reads a first line.
pub(super) fn parse_header(text: &str) -> Result<History, SimError> {
    line::<Header>(text).map(|header| header.0)
}

/// Refuses a file that is too long to be held in memory.
pub(super) fn check_size(text: &str) -> Result<(), SimError> {
    if text.len() <= MAX_HISTORY_BYTES {
        return Ok(());
    }
    let message = format!("the history has {} bytes, at most {MAX_HISTORY_BYTES} are allowed", text.len());
    Err(SimError::new(ErrorCode::TooLarge, message))
}

/// A mistake in a line, which is counted from 0.
pub(super) fn in_line(at: usize, mut error: SimError) -> SimError {
    let path = error.path.take().map_or_else(String::new, |path| format!(": {path}"));
    if error.code == ErrorCode::InvalidScenario {
        error.code = ErrorCode::InvalidHistory;
    }
    error.path = Some(format!("line {}{path}", at + 1));
    error
}

const EXPECTATIONS: [(&str, Expected); 2] = [("ok", Expected::Ok), ("illegal", Expected::Illegal)];
const STATUSES: [(&str, Status); 3] = [("ok", Status::Ok), ("fail", Status::Fail), ("unknown", Status::Unknown)];

fn line<T: FromJson>(text: &str) -> Result<T, SimError> {
    let json: Json = serde_json::from_str(text).map_err(|error| invalid(format!("this is not JSON: {error}")))?;
    T::from_json(&json)
}

struct Header(History);

impl FromJson for Header {
    fn from_json(json: &Json) -> Result<Self, SimError> {
        let mut object = Object::new(json)?;
        let kind: String = object.required("type")?;
        if kind != "history" {
            return Err(invalid("the first line is a header with the type \"history\"").at("type"));
        }
        let version = object.or("version", VERSION)?;
        if version != VERSION {
            let message = format!("version {version} is unknown; this build reads version {VERSION}");
            return Err(SimError::new(ErrorCode::UnsupportedVersion, message).at("version"));
        }
        let history = History {
            name: object.or("name", String::new())?,
            model: object.required::<Model>("model")?,
            initial: object.or("initial", Value::Null)?,
            expected: object.optional("expected")?,
            operations: Vec::new(),
        };
        object.finish()?;
        history.validate()?;
        Ok(Self(history))
    }
}

/// A line of a file: what its fields mean depends on the model and on each other.
struct Raw {
    id: u64,
    client: u64,
    op: String,
    key: String,
    value: Option<Json>,
    call: u64,
    returned: Option<u64>,
    status: Status,
    result: Option<Value>,
}

impl FromJson for Raw {
    fn from_json(json: &Json) -> Result<Self, SimError> {
        let mut object = Object::new(json)?;
        let raw = Self {
            id: object.required("id")?,
            client: object.required("client")?,
            op: object.required("op")?,
            key: object.required("key")?,
            value: object.optional("value")?,
            call: object.required("call")?,
            returned: object.optional("return")?,
            status: object.required("status")?,
            result: object.optional("result")?,
        };
        object.finish()?;
        Ok(raw)
    }
}

impl Raw {
    fn operation(self) -> Result<Operation, SimError> {
        let Self { id, client, call, returned, status, .. } = self;
        let unneeded = |field, what: &str| Err(invalid(format!("{what} has none")).at(field));
        if self.value.is_some() && matches!(self.op.as_str(), "read" | "get" | "delete") {
            return unneeded("value", &format!("a {}", self.op));
        }
        if self.result.is_some() && matches!(self.op.as_str(), "write" | "put" | "append" | "delete") {
            return unneeded("result", &format!("a {}", self.op));
        }
        let value = self.value.unwrap_or_default();
        let at_value = |error: SimError| error.at("value");
        let act = match self.op.as_str() {
            "read" | "get" => Act::Read(self.result.unwrap_or_default()),
            "write" | "put" => Act::Write(Value::from_json(&value).map_err(at_value)?),
            "append" => match Value::from_json(&value).map_err(at_value)? {
                Value::Text(piece) => Act::Append(piece),
                other => return Err(at_value(invalid(format!("a text is needed here, not {other}")))),
            },
            "delete" => Act::Delete,
            "cas" => {
                let (expected, new) = <(Value, Value)>::from_json(&value).map_err(at_value)?;
                let swapped = match self.result {
                    None | Some(Value::Null | Value::Bool(true)) => true,
                    Some(Value::Bool(false)) => false,
                    Some(other) => {
                        return Err(invalid(format!("true or false is needed here, not {other}")).at("result"));
                    }
                };
                Act::Cas { expected, new, swapped }
            }
            other => {
                let message = format!("{} is none of: read, write, cas, get, put, append, delete", Value::from(other));
                return Err(invalid(message).at("op"));
            }
        };
        Ok(Operation { id, client, key: self.key.into(), act, call, returned, status })
    }
}

impl FromJson for Value {
    fn from_json(json: &Json) -> Result<Self, SimError> {
        match json {
            Json::Null => Ok(Self::Null),
            Json::Bool(value) => Ok(Self::Bool(*value)),
            Json::String(text) => check_length(text).map(|()| Self::Text(text.as_str().into())),
            Json::Number(number) => number
                .as_i64()
                .and_then(Self::integer)
                .ok_or_else(|| invalid(format!("a whole number of at most 53 bits is needed here, not {number}"))),
            Json::Array(_) | Json::Object(_) => Err(invalid("a number, a text, true, false or null is needed here")),
        }
    }
}

impl FromJson for Model {
    fn from_json(json: &Json) -> Result<Self, SimError> {
        one_of(json, &Self::NAMES)
    }
}

impl FromJson for Expected {
    fn from_json(json: &Json) -> Result<Self, SimError> {
        one_of(json, &EXPECTATIONS)
    }
}

impl FromJson for Status {
    fn from_json(json: &Json) -> Result<Self, SimError> {
        one_of(json, &STATUSES)
    }
}
