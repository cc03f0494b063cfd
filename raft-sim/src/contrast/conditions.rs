//! Conditions on this world, as far as they make sense in it.

use raft_core::NodeId;

use super::design::Design;
use super::tally::Tally;
use super::world::{ContrastServer, ContrastWorld};
use crate::action::MessagePattern;
use crate::client::Operation;
use crate::condition::{Condition, StatusName, TallyName, count_ended, has_ended, is_within};
use crate::error::{ErrorCode, SimError};
use crate::world::Status;

/// Whether a condition makes sense for servers of a design, and if not, why.
pub(crate) fn supports(design: &Design, condition: &Condition) -> Result<(), SimError> {
    let why = match condition {
        Condition::State { .. }
        | Condition::Read { .. }
        | Condition::Status { .. }
        | Condition::Operation { .. }
        | Condition::Operations { .. }
        | Condition::Agree { .. }
        | Condition::Tally { .. }
        | Condition::Message { kind: None, .. }
        | Condition::Converged
        | Condition::History { .. } => return Ok(()),
        Condition::Leader { .. } => match design {
            Design::Quorum { .. } => "it has no primary",
            _ => return Ok(()),
        },
        Condition::Metric { .. } => "only the world of Raft is measured",
        Condition::Message { .. } => "its messages have other kinds than those of Raft",
        Condition::Not { condition } => return supports(design, condition).map_err(|error| error.at("condition")),
        Condition::All { conditions } | Condition::Any { conditions } => {
            let mut numbered = conditions.iter().enumerate();
            return numbered.try_for_each(|(number, condition)| {
                supports(design, condition).map_err(|error| error.at(format!("conditions[{number}]")))
            });
        }
        _ => "it has no terms, no log and no configuration, and the checker of Raft does not look at it",
    };
    let message = format!("this is never true of the design {}: {why}", design.name());
    Err(SimError::new(ErrorCode::UnsupportedByDesign, message))
}

/// Whether a condition holds. What [`supports`] refuses does not.
pub(super) fn holds(condition: &Condition, world: &ContrastWorld) -> bool {
    let running = || world.servers().iter().filter(|server| server.status() != Status::Crashed);
    match condition {
        // A primary that is paused has not stopped to be one, and terms are called epochs.
        Condition::Leader { server, term } => running().any(|candidate| {
            candidate.is_primary()
                && server.is_none_or(|server| candidate.id() == NodeId(server))
                && term.is_none_or(|term| candidate.reign().is_some_and(|reign| reign.epoch == term))
        }),
        Condition::State { server, key, value } => {
            let mut found = running().filter(|candidate| candidate.id() == NodeId(*server));
            found.any(|server| server.value(key).as_deref() == value.as_deref())
        }
        Condition::Read { client, value } => {
            let answers = world.operations().iter().filter(|operation| *operation.client == **client);
            let latest = answers.filter_map(Operation::answer).max_by_key(|&(time, _)| time);
            latest.is_some_and(|(_, answer)| answer == value.as_deref())
        }
        Condition::Message { from, to, at_least, at_most, .. } => {
            let pattern = MessagePattern { kind: None, from: *from, to: *to, pick: None };
            let messages = world.messages();
            let fitting = messages.iter().filter(|message| pattern.fits(&message.message));
            is_within(fitting.count(), *at_least, *at_most)
        }
        Condition::Status { server, status } => {
            let mut found = world.servers().iter().filter(|candidate| candidate.id() == NodeId(*server));
            found.any(|server| StatusName::from(server.status()) == *status)
        }
        Condition::Operation { client, number, outcome } => has_ended(world.operations(), client, *number, *outcome),
        Condition::Operations { client, outcome, at_least, at_most } => {
            let such = count_ended(world.operations(), client.as_deref(), *outcome);
            is_within(such, *at_least, *at_most)
        }
        Condition::Agree { servers } => {
            let is_meant = |server: &&ContrastServer| servers.is_empty() || servers.contains(&server.id().0);
            let all_run = servers.iter().all(|&id| running().any(|server| server.id().0 == id));
            let mut states = running().filter(is_meant).map(|server| server.state().collect::<Vec<_>>());
            all_run && states.next().is_none_or(|first| states.all(|state| state == first))
        }
        // Where there is no log, it is the same.
        Condition::Converged => holds(&Condition::Agree { servers: Vec::new() }, world),
        Condition::Tally { of, at_least, at_most } => {
            let Tally { stale_reads, conflicts } = world.tally();
            let count = match of {
                TallyName::StaleReads => stale_reads,
                TallyName::Conflicts => conflicts,
            };
            is_within(count as usize, *at_least, *at_most)
        }
        Condition::History { level, holds } => world.history().keeps(*level) == Some(*holds),
        Condition::Not { condition } => !holds(condition, world),
        Condition::All { conditions } => conditions.iter().all(|condition| holds(condition, world)),
        Condition::Any { conditions } => conditions.iter().any(|condition| holds(condition, world)),
        _ => false,
    }
}
