//! Other designs, for contrast: simpler than Raft, and what that costs.
//!
//! Three ways to keep copies of data on several servers, each a small node without input or output of its own. It is told of
//! requests, messages and time, and says what is to be sent and answered:
//!
//! - `write_all`: a fixed primary answers a write when every server has it. One server down stops all writes.
//! - `async_primary`: the primary answers at once and copies later. A fail-over loses what it had answered.
//! - `quorum`: no primary; W of N servers take a write, R of N are asked for a read.
//!
//! They run in a world of their own, [`ContrastWorld`], beside [`World`](crate::World). Raft's world is about terms, logs,
//! disks, snapshots and memberships, none of which exist here, and its checker knows no other promises; making each of these
//! optional would have put a question into every function of the fast path for the sake of three designs of a hundred lines.
//! What is independent of the design is shared instead of repeated: the network with its links, the random streams, the
//! actions, the operations of clients, the scripts, and the [`Timeline`](crate::Timeline), which asks of a world only what
//! [`Course`](crate::Course) says; so seeking, branches, recordings and links work as they do for Raft.

mod async_primary;
mod conditions;
mod design;
mod node;
mod quorum;
mod tally;
mod words;
mod world;
mod write_all;

pub use design::Design;
pub(crate) use design::Unread;
pub use node::{Happening, Reign, Version};
pub(crate) use tally::stale_reads;
pub use tally::{Tally, missed_write};
pub use world::{ContrastEnvelope, ContrastKind, ContrastMessage, ContrastServer, ContrastWorld, MessageName};

use crate::config::ClusterConfig;
use crate::error::{ErrorCode, SimError};
use crate::scenario::Scenario;

/// Refuses what a scenario asks of servers that do not follow Raft and that they cannot do.
pub(crate) fn check_scenario(scenario: &Scenario) -> Result<(), SimError> {
    let ClusterConfig { design, .. } = &scenario.cluster;
    if design.is_raft() {
        return Ok(());
    }
    check_cluster(&scenario.cluster).map_err(|error| error.at("cluster"))?;
    if scenario.rule.is_some() || scenario.breaks.is_some() {
        let message = "rules and what breaks without them are those of Raft";
        return Err(SimError::new(ErrorCode::UnsupportedByDesign, message).at("rule"));
    }
    for (number, line) in scenario.script.iter().enumerate() {
        let at = |error: SimError| error.at(format!("script[{number}]"));
        let action = line.action.as_ref().map_or(Ok(()), |action| world::supports(design, action));
        action.map_err(|error| at(error.at("do")))?;
        for (name, condition) in line.conditions() {
            conditions::supports(design, condition).map_err(|error| at(error.at(name)))?;
        }
    }
    Ok(())
}

/// Refuses settings that mean something for Raft alone.
fn check_cluster(config: &ClusterConfig) -> Result<(), SimError> {
    let plain = ClusterConfig::default();
    let fields = [
        ("spares", config.spares == plain.spares),
        ("rules", config.rules == plain.rules),
        ("options", config.options == plain.options),
        ("disk", config.disk == plain.disk),
        ("clients", config.clients == plain.clients),
        ("load", config.load == plain.load),
        ("unchecked", config.unchecked == plain.unchecked),
    ];
    fields.into_iter().find(|(_, is_plain)| !is_plain).map_or(Ok(()), |(name, _)| {
        let message = format!("the design {} has no such setting; it is one of Raft", config.design.name());
        Err(SimError::new(ErrorCode::UnsupportedByDesign, message).at(name))
    })
}
