//! What a judge says.

use std::sync::Arc;

use super::history::{Act, History, Operation};
use super::states::{concatenated, normal};
use super::value::Value;

/// Whether a history can be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can.
    Holds {
        /// In which order the operations took effect, for each key or for all of them together. Empty if the judge needed none.
        witness: Vec<Order>,
    },
    /// It cannot.
    Violated(Box<Conflict>),
    /// The budget was used up before there was an answer.
    Exhausted {
        /// Steps that were spent.
        steps: u64,
        /// Where the search was then.
        key: Option<Arc<str>>,
    },
}

/// An order of operations that explains what clients saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Of which key; `None`: of all keys.
    pub key: Option<Arc<str>>,
    /// The numbers of the operations. Those whose outcome is unknown stand in it if they took effect.
    pub operations: Vec<u64>,
}

/// Why a history cannot be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// About which key; `None`: it takes several.
    pub key: Option<Arc<str>>,
    /// The numbers of the operations that contradict each other, or of which none can come next.
    pub operations: Vec<u64>,
    /// The longest legal order that was found, as numbers of operations. Empty if none was looked for.
    pub prefix: Vec<u64>,
    /// What is wrong, in sentences.
    pub words: String,
}

impl Verdict {
    /// Whether the history can be explained.
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Holds { .. })
    }

    /// What is wrong, if something is.
    pub fn conflict(&self) -> Option<&Conflict> {
        match self {
            Self::Violated(conflict) => Some(conflict),
            _ => None,
        }
    }
}

/// The state after some operations of one key. `None`: they contradict each other.
pub(super) fn state_after<'a>(history: &History, operations: impl Iterator<Item = &'a Operation>) -> Option<Value> {
    let mut state = normal(history.model, &history.initial);
    for operation in operations {
        state = after(history, &state, &operation.act)?;
    }
    Some(state)
}

fn after(history: &History, state: &Value, act: &Act) -> Option<Value> {
    let is = |value: &Value| normal(history.model, value) == *state;
    match act {
        Act::Read(value) => is(value).then(|| state.clone()),
        Act::Cas { expected, swapped: false, .. } => (!is(expected)).then(|| state.clone()),
        Act::Cas { expected, new, .. } => is(expected).then(|| normal(history.model, new)),
        Act::Write(value) => Some(normal(history.model, value)),
        Act::Append(piece) => Some(concatenated(state, piece)),
        Act::Delete => Some(normal(history.model, &Value::Null)),
    }
}
