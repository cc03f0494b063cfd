//! What clients saw, and whether it can be explained.
//!
//! A [`History`] says who called what when, and what came back. It is read from files (JSON lines or Jepsen's EDN) or taken
//! from a run. Nothing here knows Raft: the judges look at the history alone.

mod edn;
mod graph;
mod growth;
mod history;
mod jepsen;
mod jsonl;
mod level;
mod linearizable;
mod memo;
mod problem;
mod search;
mod sequential;
mod sessions;
mod simulated;
mod states;
mod value;
mod verdict;

pub use history::{Act, Expected, History, Model, Operation, Status};
pub(crate) use level::needed;
pub use level::{Ladder, Level};
pub use simulated::clients_of;
pub use value::Value;
pub use verdict::{Conflict, Order, Verdict};

/// Steps after which a judge gives up unless told otherwise: some seconds.
pub const DEFAULT_BUDGET: u64 = 10_000_000;

impl History {
    /// Whether the history is linearizable: each operation takes effect at one moment between its call and its return
    /// (Herlihy and Wing 1990). One whose outcome is unknown does so at any moment after its call, or never; one that failed
    /// never does. At most `budget` steps are spent on it; a step places one operation in an order.
    pub fn linearizable(&self, budget: u64) -> Verdict {
        linearizable::judge(self, budget)
    }
}
