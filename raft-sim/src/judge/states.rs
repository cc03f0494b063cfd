//! What a key can hold, as numbers.
//!
//! A state that no answer tells from another is not kept apart from it: what was never read or expected is [`JUNK`], and so
//! is a text that is no beginning of what was.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::{Act, Model, Operation, Status};
use super::value::Value;

/// The number of what a key holds, among all keys.
pub(super) type State = u32;
/// Nothing that an answer could be. Every key can hold it.
pub(super) const JUNK: State = 0;

/// What the keys of a problem can hold.
pub(super) struct States {
    /// For each key: what was read or expected, in order.
    observed: Vec<Vec<Value>>,
    /// The number of the first of them.
    first: Vec<State>,
    /// Beginnings of texts, which only appends make: the text of which one, and how many bytes of it.
    beginnings: Vec<(u32, usize)>,
    numbers: BTreeMap<(u32, u32, usize), State>,
    appended: BTreeMap<(State, u32, u32), State>,
    pieces: Vec<Arc<str>>,
    /// How many values were observed: what follows are beginnings.
    values: State,
    model: Model,
}

impl States {
    /// Collects what the operations of each key observe. In keys that know appends, what is no text is a state of its own as
    /// well: something can come of it.
    pub(super) fn new<'a>(
        model: Model,
        initial: &Value,
        appends: &[bool],
        operations: impl Iterator<Item = (usize, &'a Operation)>,
    ) -> Self {
        let start = |appends: &bool| if *appends { vec![Value::Null, normal(model, initial)] } else { Vec::new() };
        let mut observed: Vec<_> = appends.iter().map(start).collect();
        for (key, operation) in operations {
            match &operation.act {
                Act::Read(value) if operation.status == Status::Ok => observed[key].push(normal(model, value)),
                Act::Cas { expected, .. } => observed[key].push(normal(model, expected)),
                _ => {}
            }
            match &operation.act {
                Act::Write(value) | Act::Cas { new: value, .. } if appends[key] && !matches!(value, Value::Text(_)) => {
                    observed[key].push(normal(model, value));
                }
                _ => {}
            }
        }
        let mut values = JUNK + 1;
        let first = observed.iter_mut().map(|observed| {
            observed.sort_unstable();
            observed.dedup();
            let first = values;
            values += observed.len() as State;
            first
        });
        let first = first.collect();
        let (beginnings, numbers, appended, pieces) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { observed, first, beginnings, numbers, appended, pieces, values, model }
    }

    /// How many states there are before anything is appended.
    pub(super) fn count(&self) -> usize {
        self.values as usize
    }

    /// The number of a value. In a key that knows appends, beginnings of what was observed have numbers too.
    pub(super) fn of(&mut self, key: usize, value: &Value, has_appends: bool) -> State {
        let value = normal(self.model, value);
        match self.observed[key].binary_search(&value) {
            Ok(at) => self.first[key] + at as State,
            Err(_) => match value {
                Value::Text(text) if has_appends => self.beginning(key, &text, ""),
                _ => JUNK,
            },
        }
    }

    /// A piece of text that can be appended.
    pub(super) fn piece(&mut self, piece: &Arc<str>) -> u32 {
        self.pieces.push(piece.clone());
        self.pieces.len() as u32 - 1
    }

    /// What a key holds once a piece was appended.
    pub(super) fn append(&mut self, key: usize, state: State, piece: u32) -> State {
        if state == JUNK {
            return JUNK;
        }
        if let Some(known) = self.appended.get(&(state, key as u32, piece)) {
            return *known;
        }
        let (text, piece_text) = (self.text(key, state), self.pieces[piece as usize].clone());
        let result = self.beginning(key, &text, &piece_text);
        self.appended.insert((state, key as u32, piece), result);
        result
    }

    /// How long the text of a state is; nothing if it is none.
    pub(super) fn length(&self, key: usize, state: State) -> usize {
        match state.checked_sub(self.values) {
            Some(at) => self.beginnings[at as usize].1,
            None if state == JUNK => 0,
            None => self.observed[key][(state - self.first[key]) as usize].text().map_or(0, str::len),
        }
    }

    /// The text of a state, as far as it is one: a number counts as its digits.
    fn text(&self, key: usize, state: State) -> String {
        if let Some(at) = state.checked_sub(self.values) {
            let (whole, length) = self.beginnings[at as usize];
            return self.observed[key][whole as usize].text().unwrap_or_default()[..length].into();
        }
        let value = &self.observed[key][(state - self.first[key]) as usize];
        value.text().map_or_else(|| value.to_json(), Into::into)
    }

    /// The state whose text consists of two parts.
    fn beginning(&mut self, key: usize, text: &str, piece: &str) -> State {
        let length = text.len() + piece.len();
        let observed = &self.observed[key];
        // Texts are the last of the values in order.
        let at = observed.partition_point(|value| match value {
            Value::Text(whole) => {
                let (head, tail) = whole.as_bytes().split_at(whole.len().min(text.len()));
                head.cmp(text.as_bytes()).then_with(|| tail.cmp(piece.as_bytes())).is_lt()
            }
            _ => true,
        });
        let Some(Value::Text(whole)) = observed.get(at) else { return JUNK };
        let is_beginning = whole.strip_prefix(text).is_some_and(|rest| rest.starts_with(piece));
        if !is_beginning {
            return JUNK;
        }
        if whole.len() == length {
            return self.first[key] + at as State;
        }
        let next = self.values + self.beginnings.len() as State;
        let number = *self.numbers.entry((key as u32, at as u32, length)).or_insert(next);
        if number == next {
            self.beginnings.push((at as u32, length));
        }
        number
    }
}

/// What is appended to a value, in the words of the model.
pub(super) fn concatenated(value: &Value, piece: &str) -> Value {
    let mut text = value.text().map_or_else(|| value.to_json(), Into::into);
    text.push_str(piece);
    Value::Text(text.into())
}

/// A value as the model holds it: for texts, nothing is the empty text.
pub(super) fn normal(model: Model, value: &Value) -> Value {
    match (model, value) {
        (Model::KvAppend, Value::Null) => Value::from(""),
        _ => value.clone(),
    }
}
