//! What clients saw, and whether it can be explained.
//!
//! A [`History`] says who called what when, and what came back. It is read from files (JSON lines or Jepsen's EDN) or taken
//! from a run. Nothing here knows Raft: the judges look at the history alone.

mod edn;
mod history;
mod jepsen;
mod jsonl;
mod value;

pub use history::{Act, Expected, History, Model, Operation, Status};
pub use value::Value;
