//! Whether a condition holds.

use raft_core::{EntryKind, LogIndex, Node, NodeId, SharedVec, Term};

use super::{Condition, OutcomeName, RoleName, StatusName, TallyName};
use crate::action::MessagePattern;
use crate::client::Operation;
use crate::command::command_text;
use crate::contrast::stale_reads;
use crate::world::{Server, World};

impl Condition {
    /// Whether it holds in `world`.
    pub fn holds(&self, world: &World) -> bool {
        let node = |server: u64| world.nodes().find(|node| node.id() == NodeId(server));
        match self {
            Self::Leader { server, term } => world.nodes().any(|node| {
                node.role().is_leader()
                    && server.is_none_or(|server| node.id() == NodeId(server))
                    && term.is_none_or(|term| node.current_term() == Term(term))
            }),
            Self::Role { server, role } => node(*server).is_some_and(|node| RoleName::from(node.role()) == *role),
            Self::Term { server, term } => node(*server).is_some_and(|node| node.current_term() == Term(*term)),
            Self::Committed { server, index, term } => {
                let index = LogIndex(*index);
                let known = match server {
                    Some(server) => node(*server).is_some_and(|node| node.commit_index() >= index),
                    None => world.committed_by_majority() >= index,
                };
                let has_term = |term: u64| {
                    world.nodes().any(|node| {
                        server.is_none_or(|server| node.id() == NodeId(server))
                            && node.commit_index() >= index
                            && node.log().term_at(index) == Some(Term(term))
                    })
                };
                known && term.is_none_or(has_term)
            }
            Self::Log { server, terms } => node(*server).is_some_and(|node| {
                node.log().iter_from(LogIndex(1)).map(|(_, entry)| entry.term.0).eq(terms.iter().copied())
            }),
            Self::State { server, key, value } => {
                let found = world
                    .servers()
                    .iter()
                    .filter(|s| s.id() == NodeId(*server))
                    .find_map(|s| s.state().find(|(k, _)| k == key).map(|(_, value)| value));
                node(*server).is_some() && found == value.as_deref()
            }
            Self::Config { server, voters, outgoing, learners } => node(*server).is_some_and(|node| {
                let configuration = node.configuration();
                is_set(configuration.voters(), voters)
                    && is_set(configuration.voters_outgoing(), outgoing)
                    && learners.as_ref().is_none_or(|learners| is_set(configuration.learners(), learners))
            }),
            Self::Snapshot { server, index } => {
                node(*server).is_some_and(|node| node.log().last_included_index() >= LogIndex(*index))
            }
            Self::Read { client, value } => {
                let answers = world.operations().iter().filter(|operation| *operation.client == **client);
                let latest = answers.filter_map(Operation::answer).max_by_key(|&(time, _)| time);
                latest.is_some_and(|(_, answer)| answer == value.as_deref())
            }
            Self::Message { kind, from, to, at_least, at_most } => {
                let pattern = MessagePattern { kind: *kind, from: *from, to: *to, pick: None };
                let fitting = world.messages().into_iter().filter(|message| pattern.fits(&message.message));
                is_within(fitting.count(), *at_least, *at_most)
            }
            Self::Roles { role, at_least, at_most } => {
                let such = world.nodes().filter(|node| RoleName::from(node.role()) == *role);
                is_within(such.count(), *at_least, *at_most)
            }
            Self::Status { server, status } => {
                world.server_with_id(*server).is_ok_and(|server| StatusName::from(server.status()) == *status)
            }
            Self::Voted { server, candidate } => {
                node(*server).is_some_and(|node| node.voted_for() == candidate.map(NodeId))
            }
            Self::Entry { server, index, term, command } => node(*server).is_some_and(|node| {
                node.log().iter_from(LogIndex(1)).any(|(at, entry)| {
                    index.is_none_or(|index| at == LogIndex(index))
                        && term.is_none_or(|term| entry.term == Term(term))
                        && command.as_ref().is_none_or(|command| says(&entry.kind, command))
                })
            }),
            Self::Durable { server, index } => {
                world.server_with_id(*server).is_ok_and(|server| server.durable().log.last_index() >= LogIndex(*index))
            }
            Self::Unsynced { server, at_least, at_most } => {
                let server = world.server_with_id(*server);
                server.is_ok_and(|server| is_within(server.waiting_writes(), *at_least, *at_most))
            }
            Self::Behind { server, at_least, at_most } => node(*server).is_some_and(|node| {
                let longest = world.nodes().map(|node| node.log().last_index().0).max().unwrap_or_default();
                is_within((longest - node.log().last_index().0) as usize, *at_least, *at_most)
            }),
            Self::Progress { leader, follower, match_index, next_index } => node(*leader).is_some_and(|leader| {
                leader.progress().iter().any(|progress| {
                    progress.id() == NodeId(*follower)
                        && match_index.is_none_or(|index| progress.match_index() == LogIndex(index))
                        && next_index.is_none_or(|index| progress.next_index() == LogIndex(index))
                })
            }),
            Self::Agree { servers } => {
                let is_meant = |server: &&Server| servers.is_empty() || servers.contains(&server.id().0);
                let mut meant = world.servers().iter().filter(is_meant);
                let first = meant.clone().find(|server| server.node().is_some());
                meant.all(|server| match server.node() {
                    Some(_) => first.is_none_or(|first| server.state().eq(first.state())),
                    None => servers.is_empty(),
                })
            }
            Self::Operation { client, number, outcome } => has_ended(world.operations(), client, *number, *outcome),
            Self::Operations { client, outcome, at_least, at_most } => {
                is_within(count_ended(world.operations(), client.as_deref(), *outcome), *at_least, *at_most)
            }
            Self::Tally { of: TallyName::StaleReads, at_least, at_most } => {
                is_within(stale_reads(world.operations()) as usize, *at_least, *at_most)
            }
            Self::Tally { of: TallyName::Conflicts, at_least, at_most } => is_within(0, *at_least, *at_most),
            Self::Metric { name, server, at_least, at_most } => {
                let total = world.metrics().and_then(|metrics| metrics.total(*name, *server));
                total.is_some_and(|total| {
                    at_least.is_none_or(|least| total >= least) && at_most.is_none_or(|most| total <= most)
                })
            }
            Self::Lapse { habit } => {
                world.lapses().iter().any(|lapse| habit.as_ref().is_none_or(|id| lapse.habit.id() == id))
            }
            Self::Violation { invariant } => world
                .violations()
                .iter()
                .any(|found| invariant.as_ref().is_none_or(|id| found.violation.invariant.id() == id)),
            Self::Converged => {
                let Some(first) = world.furthest() else { return true };
                let mut members = world.nodes().filter(|node| first.configuration().is_member(node.id()));
                first.commit_index() == first.log().last_index()
                    && members.all(|node| same_log(node, first) && node.commit_index() == first.commit_index())
            }
            Self::History { level, holds } => world.history().keeps(*level) == Some(*holds),
            Self::Not { condition } => !condition.holds(world),
            Self::All { conditions } => conditions.iter().all(|condition| condition.holds(world)),
            Self::Any { conditions } => conditions.iter().any(|condition| condition.holds(world)),
        }
    }
}

/// Whether a count is in a range; without any bound, whether it is at least one.
pub(crate) fn is_within(count: usize, at_least: Option<u64>, at_most: Option<u64>) -> bool {
    let fewest = at_least.unwrap_or(u64::from(at_most.is_none()));
    (fewest..=at_most.unwrap_or(u64::MAX)).contains(&(count as u64))
}

/// Whether an entry is this command.
fn says(kind: &EntryKind, command: &str) -> bool {
    matches!(kind, EntryKind::Command(payload) if command_text(payload.as_bytes()) == command)
}

/// Whether an operation of a client has ended like this: the one with this number, or else its latest.
pub(crate) fn has_ended(
    operations: &SharedVec<Operation>,
    client: &str,
    number: Option<u64>,
    outcome: OutcomeName,
) -> bool {
    let mut own = operations.iter().filter(|operation| *operation.client == *client);
    let found = match number {
        Some(number) => number.checked_sub(1).and_then(|before| own.nth(before as usize)),
        None => own.next_back(),
    };
    found.is_some_and(|found| ended(found) == outcome)
}

/// How many operations, of a client if one is named, have ended like this.
pub(crate) fn count_ended(operations: &SharedVec<Operation>, client: Option<&str>, outcome: OutcomeName) -> usize {
    let own = operations.iter().filter(|operation| client.is_none_or(|client| *operation.client == *client));
    own.filter(|operation| ended(operation) == outcome).count()
}

fn ended(operation: &Operation) -> OutcomeName {
    operation.returned.map(|(_, outcome)| outcome).into()
}

/// Whether two logs end alike and have the same entries wherever both have them.
fn same_log(a: &Node, b: &Node) -> bool {
    let (a, b) = (a.log(), b.log());
    let first = a.first_index().max(b.first_index());
    a == b
        || (a.last_index(), a.last_term()) == (b.last_index(), b.last_term())
            && a.iter_from(first).eq(b.iter_from(first))
}

/// Whether these are the servers of a set, in any order.
fn is_set(ids: &[NodeId], named: &[u64]) -> bool {
    ids.len() == named.len() && ids.iter().all(|id| named.contains(&id.0))
}
