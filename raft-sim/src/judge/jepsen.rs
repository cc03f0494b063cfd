//! Histories as Jepsen writes them: a map for each call, and another for its end.
//!
//! `{:process 0, :type :invoke, :f :read, :value nil}` … `{:process 0, :type :ok, :f :read, :value 3}`; with several keys,
//! the value is `[key value]`. What Jepsen adds besides (`:index`, `:time`, `:error` …) is passed over: the order of the
//! lines is the order in time. A nemesis is nobody's client.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::edn::{Form, Reader};
use super::history::{Act, History, Ids, Model, Operation, Status, check, check_length, invalid};
use super::jsonl::{check_size, header, in_line, parse_header};
use super::value::{Value, quoted};
use crate::error::SimError;

/// The key of operations that name none.
const KEY: &str = "r";
/// Before the header, which is a comment for Jepsen.
const HEADER: &str = "; ";

/// Reads a history. Without the header that [`write`] gives, it is named after nothing, every key starts with nothing, and
/// the operations tell the model.
pub(super) fn parse(text: &str) -> Result<History, SimError> {
    check_size(text)?;
    let header = text.lines().next().and_then(|line| line.strip_prefix(HEADER)).filter(|line| line.starts_with('{'));
    let mut history = match header {
        Some(header) => parse_header(header).map_err(|error| in_line(0, error))?,
        None => History::new("", Model::CasRegister),
    };
    let mut reader = Reader::new(text);
    let is_vector = reader.enter();
    let mut calls = Calls::default();
    loop {
        let at = reader.line();
        let form = if is_vector { reader.next_inside() } else { reader.next() };
        let Some(form) = form.map_err(|error| in_line(reader.line(), error))? else { break };
        calls.add(&form).map_err(|error| in_line(at, error))?;
        calls.lines.resize(calls.operations.len(), at);
    }
    if header.is_none() {
        history.model = calls.model();
    }
    if calls.time == 0 && header.is_none() {
        return Err(invalid("no operation stands in this file").at("line 1"));
    }
    let mut ids = Ids::default();
    for (operation, at) in calls.operations.iter().zip(calls.lines) {
        let checked = check(operation, history.model).and_then(|()| ids.add(operation.id));
        checked.map_err(|error| in_line(at, error))?;
    }
    history.operations = calls.operations;
    Ok(history)
}

/// Writes what [`parse`] reads. A process that does not know what became of a call is dead in Jepsen, and a process has one
/// call at a time: the client goes on as another process, and an extra field says which client it is.
pub(super) fn write(history: &History) -> String {
    let mut out = format!("{HEADER}{}\n", header(history));
    // At equal times calls come first, so that nothing is ordered that was not.
    let mut moments = Vec::new();
    for (at, operation) in history.operations.iter().enumerate() {
        moments.push((operation.call, false, at));
        moments.extend(operation.returned.map(|time| (time, true, at)));
    }
    moments.sort_unstable();
    let mut free: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut next = history.operations.iter().map(|operation| operation.client + 1).max().unwrap_or_default();
    let mut known = std::collections::BTreeSet::new();
    let mut processes = vec![0; history.operations.len()];
    for (index, (time, is_return, at)) in moments.into_iter().enumerate() {
        let operation = &history.operations[at];
        let Operation { client, key, act, status, .. } = operation;
        if !is_return {
            let idle = free.entry(*client).or_default();
            processes[at] = idle.pop().unwrap_or_else(|| if known.insert(*client) { *client } else { next });
            next += u64::from(processes[at] == next);
        } else if *status != Status::Unknown {
            free.entry(*client).or_default().push(processes[at]);
        }
        let kind = match status {
            _ if !is_return => "invoke",
            Status::Ok => "ok",
            Status::Fail => "fail",
            Status::Unknown => "info",
        };
        let value = match act {
            Act::Read(value) if is_return => value.to_edn(),
            Act::Read(_) | Act::Delete => "nil".into(),
            Act::Write(value) => value.to_edn(),
            Act::Append(piece) => quoted(piece),
            Act::Cas { expected, new, .. } => format!("[{} {}]", expected.to_edn(), new.to_edn()),
        };
        let name = act.name(history.model);
        let extra = match act {
            Act::Cas { swapped: false, .. } if is_return => ", :swapped false",
            _ => "",
        };
        let process = processes[at];
        _ = writeln!(
            out,
            "{{:process {process}, :type :{kind}, :f :{name}, :value [{} {value}], :client {client}, :index {index}, \
             :time {time}{extra}}}",
            quoted(key)
        );
    }
    out
}

/// The operations so far, and which of them have not returned.
#[derive(Default)]
struct Calls {
    operations: Vec<Operation>,
    /// The line of each call.
    lines: Vec<usize>,
    open: BTreeMap<i64, usize>,
    time: u64,
}

impl Calls {
    fn add(&mut self, form: &Form) -> Result<(), SimError> {
        if !matches!(form, Form::Map(_)) {
            return Err(invalid("a map is needed here: {:process …, :type …, :f …, :value …}"));
        }
        let time = self.time;
        self.time += 1;
        let process = match form.get("process") {
            Some(Form::Number(Some(process))) => *process,
            Some(Form::Keyword(_)) => return Ok(()),
            _ => return Err(invalid("a whole number is needed here").at(":process")),
        };
        let kind = keyword(form, "type")?;
        let name = keyword(form, "f")?;
        let value = form.get("value").unwrap_or(&Form::Nil);
        if kind == "invoke" {
            if self.open.contains_key(&process) {
                let message = format!("process {process} calls again before its last call returned");
                return Err(invalid(message).at(":process"));
            }
            let (key, act) = read_act(name, value)?;
            let client = match form.get("client") {
                None => process,
                Some(Form::Number(Some(client))) => *client,
                Some(_) => return Err(invalid("a whole number is needed here").at(":client")),
            };
            let client = u64::try_from(client).map_err(|_| invalid("a process is not negative").at(":process"))?;
            self.open.insert(process, self.operations.len());
            let id = self.operations.len() as u64;
            let status = Status::Unknown;
            self.operations.push(Operation { id, client, key, act, call: time, returned: None, status });
            return Ok(());
        }
        let status = match kind {
            "ok" => Status::Ok,
            "fail" => Status::Fail,
            "info" => Status::Unknown,
            _ => return Err(invalid("none of :invoke, :ok, :fail, :info").at(":type")),
        };
        let unasked = || invalid(format!("process {process} is answered without a call")).at(":process");
        let operation = self.open.remove(&process).map(|at| &mut self.operations[at]).ok_or_else(unasked)?;
        operation.status = status;
        operation.returned = Some(time);
        if status != Status::Ok {
            return Ok(());
        }
        let (key, act) = read_act(name, value)?;
        let is_same = std::mem::discriminant(&act) == std::mem::discriminant(&operation.act) && key == operation.key;
        match (&mut operation.act, act) {
            _ if !is_same => return Err(invalid(format!("process {process} called something else")).at(":f")),
            (Act::Read(result), Act::Read(value)) => *result = value,
            (Act::Cas { swapped, .. }, _) => *swapped = form.get("swapped") != Some(&Form::Bool(false)),
            _ => {}
        }
        Ok(())
    }

    /// What the operations need: registers if they do.
    fn model(&self) -> Model {
        let has = |is: fn(&Act) -> bool| self.operations.iter().any(|operation| is(&operation.act));
        let is_append = has(|act| matches!(act, Act::Append(_)));
        if has(|act| matches!(act, Act::Delete)) || (is_append && has(|act| matches!(act, Act::Cas { .. }))) {
            Model::Kv
        } else if is_append {
            Model::KvAppend
        } else {
            Model::CasRegister
        }
    }
}

fn keyword<'a>(form: &'a Form, name: &str) -> Result<&'a str, SimError> {
    match form.get(name) {
        Some(Form::Keyword(word)) => Ok(word),
        _ => Err(invalid("a keyword is needed here").at(format!(":{name}"))),
    }
}

/// What is asked, and about which key.
fn read_act(name: &str, value: &Form) -> Result<(Arc<str>, Act), SimError> {
    let pair = match value {
        Form::Sequence(items) => match items.as_slice() {
            [first, second] => Some((first, second)),
            _ => return Err(invalid("a value, or a key and a value, is needed here").at(":value")),
        },
        _ => None,
    };
    // The two values of a cas look like a key and a value, but for what stands in the second place.
    let (key, value) = match pair {
        Some((_, second)) if name == "cas" && !matches!(second, Form::Sequence(_)) => (KEY.into(), value),
        Some((key, value)) => (key_text(key)?, value),
        None => (KEY.into(), value),
    };
    let scalar = |form| read_value(form).map_err(|error| error.at(":value"));
    let act = match name {
        "read" | "get" => Act::Read(scalar(value)?),
        "write" | "put" => Act::Write(scalar(value)?),
        "delete" => Act::Delete,
        "append" => match scalar(value)? {
            Value::Text(piece) => Act::Append(piece),
            other => Act::Append(other.to_json().into()),
        },
        "cas" => match value {
            Form::Sequence(items) if items.len() == 2 => {
                Act::Cas { expected: scalar(&items[0])?, new: scalar(&items[1])?, swapped: true }
            }
            _ => return Err(invalid("the expected value and the new one are needed here").at(":value")),
        },
        _ => return Err(invalid("none of :read, :write, :cas, :get, :put, :append, :delete").at(":f")),
    };
    Ok((key, act))
}

fn key_text(form: &Form) -> Result<Arc<str>, SimError> {
    match read_value(form).map_err(|error| error.at(":value"))? {
        Value::Text(key) => Ok(key),
        other => Ok(other.to_json().into()),
    }
}

fn read_value(form: &Form) -> Result<Value, SimError> {
    match form {
        Form::Nil => Ok(Value::Null),
        Form::Bool(value) => Ok(Value::Bool(*value)),
        Form::Number(number) => {
            number.and_then(Value::integer).ok_or_else(|| invalid("a whole number of at most 53 bits is needed here"))
        }
        Form::Text(text) | Form::Keyword(text) | Form::Symbol(text) => {
            check_length(text).map(|()| Value::Text(text.as_str().into()))
        }
        Form::Sequence(_) | Form::Map(_) => Err(invalid("a number, a text, true, false or nil is needed here")),
    }
}
