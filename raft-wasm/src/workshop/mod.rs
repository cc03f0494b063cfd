//! The workshop: what takes long or is seldom needed.
//!
//! A class whose name ends in *-ing* is work under way. Its `advance` does a little of it, so that whoever calls it can tell how
//! far it is, or stop; `free` gives it up.

mod contrast;
mod explorer;
mod export;
mod judge;
mod played;
mod shrink;
mod sweep;

use raft_sim::chaos::Style;
use raft_sim::{ErrorCode, RuleName, SimError};

pub use contrast::ContrastSimulation;
pub use explorer::Exploring;
pub use export::{export_recording, replay_trace};
pub use judge::Judging;
pub use played::{Playing, scenario_runs};
pub use shrink::Shrinking;
pub use sweep::Sweeping;

/// The style of trouble with a name.
fn style(name: &str) -> Result<Style, SimError> {
    Style::named(name).ok_or_else(|| {
        let known: Vec<_> = Style::ALL.iter().map(|style| style.name()).collect();
        let name: String = name.chars().take(40).collect();
        SimError::new(ErrorCode::OutOfRange, format!("there is no style {name:?}; there are {}", known.join(", ")))
    })
}

/// The rules that are switched off, by the names that documents give them.
fn rules(names: &[String]) -> Result<Vec<RuleName>, SimError> {
    let find = |name: &String| {
        let is_named = |rule: &&RuleName| serde_json::to_value(rule).is_ok_and(|known| known == name.as_str());
        RuleName::ALL.iter().find(is_named).copied().ok_or_else(|| {
            let name: String = name.chars().take(40).collect();
            SimError::new(ErrorCode::UnknownRule, format!("there is no rule {name:?}")).at("without")
        })
    };
    names.iter().map(find).collect()
}
