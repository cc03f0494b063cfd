//! What JavaScript sees of a run, as plain objects.

mod events;
mod history;
mod run;
mod server;

use raft_core::NodeId;

pub(super) use events::{event, markers, messages, violations};
pub(super) use history::history;
pub(super) use run::{RunOutcome, branches, expectations, rules};
pub(super) use server::{log, server};

fn number(id: Option<NodeId>) -> Option<f64> {
    id.map(|id| id.0 as f64)
}

fn numbers(ids: &[NodeId]) -> Vec<f64> {
    ids.iter().map(|id| id.0 as f64).collect()
}
