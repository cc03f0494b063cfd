//! Harm that waits for its moment: it looks at the state of the world, and chance decides what it does then.

use raft_core::{AppendOutcome, LogIndex, Message, MessageKind, Node, Rpc};

use super::{Chaos, Fault};
use crate::action::{Action, MessageSelector};
use crate::time::Time;
use crate::world::{Server, Status, World};

/// Time between two looks.
pub(super) const LOOK_EVERY: Time = Time(1_000);
/// How long harm waits.
pub(super) const PATIENCE: Time = Time(150_000);

/// A moment that is worth waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trap {
    /// A leader has committed an entry, and nobody else knows.
    Committed,
    /// A leader has an entry that a minority of the others has.
    Appended,
    /// A leader has won and not committed anything yet.
    Elected,
    /// A vote is on its way.
    Voted,
    /// A leader has changed the membership, and the change is not committed.
    Reconfigured,
    /// A snapshot, or the answer to one, is on its way.
    Snapshotting,
    /// A read waits at a server.
    Reading,
    /// Leadership is being handed over.
    Transferring,
    /// Two servers believe to lead.
    TwoLeaders,
    /// An acknowledgement is on its way whose term is over, or a message waits that was held.
    Stale,
    /// An acknowledgement is on its way that tells a leader of something to commit.
    Acknowledged,
    /// A message waits that was held, and its term is over.
    Revived,
}

/// Who is there to be harmed.
pub(super) struct Prey {
    server: u64,
    /// A message from it, with its number and its receiver.
    message: Option<(u64, u64)>,
}

impl Trap {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Committed,
        Self::Appended,
        Self::Elected,
        Self::Voted,
        Self::Reconfigured,
        Self::Snapshotting,
        Self::Reading,
        Self::Transferring,
        Self::TwoLeaders,
        Self::Stale,
        Self::Acknowledged,
        Self::Revived,
    ];

    /// Whom the moment has brought, if it has come.
    pub(super) fn prey(self, world: &World) -> Option<Prey> {
        let leaders = || {
            world
                .servers()
                .iter()
                .filter(|at| at.status() == Status::Up)
                .filter_map(Server::node)
                .filter(|node| node.role().is_leader())
        };
        let at = |node: &Node| Prey { server: node.id().0, message: None };
        match self {
            Self::Committed => {
                let best_other = |leader: &Node| {
                    world
                        .nodes()
                        .filter(|node| node.id() != leader.id())
                        .map(Node::commit_index)
                        .max()
                        .unwrap_or_default()
                };
                leaders().find(|node| node.commit_index() > best_other(node).max(LogIndex(1))).map(at)
            }
            Self::Appended => {
                let holders = |leader: &Node| {
                    let (index, term) = (leader.log().last_index(), leader.log().last_term());
                    world.nodes().filter(|node| node.log().term_at(index) == Some(term)).count()
                };
                leaders()
                    .find(|node| {
                        let (holders, voters) = (holders(node), node.configuration().voters().len());
                        node.log().last_index() > node.commit_index() && holders > 1 && holders * 2 <= voters
                    })
                    .map(at)
            }
            Self::Elected => leaders().find(|node| !node.has_committed_in_term()).map(at),
            Self::Reconfigured => leaders().find(|node| node.log().configuration_index() > node.commit_index()).map(at),
            Self::TwoLeaders => {
                let newest = leaders().max_by_key(|node| node.current_term())?.id();
                leaders().find(|node| node.id() != newest).map(at)
            }
            Self::Reading => {
                let waits = |at: &&Server| at.status() == Status::Up && world.waiting_reads(at.id()) > 0;
                world.servers().iter().find(waits).map(|at| Prey { server: at.id().0, message: None })
            }
            Self::Voted
            | Self::Snapshotting
            | Self::Transferring
            | Self::Stale
            | Self::Acknowledged
            | Self::Revived => {
                let term = world.nodes().map(Node::current_term).max().unwrap_or_default();
                let receiver = |message: &Message| leaders().find(|node| node.id() == message.to);
                let messages = world.messages();
                let wanted = messages.iter().find(|in_flight| match (self, in_flight.message.kind()) {
                    (Self::Voted, MessageKind::RequestVoteReply) => {
                        matches!(in_flight.message.rpc, Rpc::RequestVoteReply { granted: true, .. })
                    }
                    (Self::Snapshotting, MessageKind::InstallSnapshot | MessageKind::InstallSnapshotReply)
                    | (Self::Transferring, MessageKind::TimeoutNow) => true,
                    (Self::Acknowledged, MessageKind::AppendEntriesReply) => {
                        let Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, .. } =
                            in_flight.message.rpc
                        else {
                            return false;
                        };
                        let leads = |node: &Node| node.current_term() == in_flight.message.term;
                        receiver(&in_flight.message)
                            .is_some_and(|node| leads(node) && match_index > node.commit_index())
                    }
                    (Self::Revived, _) => in_flight.arrives_at.is_none() && in_flight.message.term < term,
                    (Self::Stale, MessageKind::AppendEntries | MessageKind::AppendEntriesReply) => {
                        in_flight.message.term < term || in_flight.arrives_at.is_none()
                    }
                    _ => false,
                })?;
                Some(Prey { server: wanted.message.from.0, message: Some((wanted.id.0.into(), wanted.message.to.0)) })
            }
        }
    }
}

impl Chaos {
    /// What harm does when its moment has come.
    pub(super) fn spring(&mut self, trap: Trap, prey: &Prey, world: &World) -> Vec<Action> {
        let server = prey.server;
        let others: Vec<_> = world.servers().iter().map(|at| at.id().0).filter(|&id| id != server).collect();
        let friend = others.get(self.below(others.len().max(1))).copied();
        let alone = Action::Partition { groups: vec![others.clone()] };
        let crash = Action::Crash { server, lose_unsynced: true };
        let rest = others.iter().copied().filter(|&id| Some(id) != friend).collect();
        let with_friend = Action::Partition { groups: vec![std::iter::once(server).chain(friend).collect(), rest] };
        let campaign = friend.map(|server| Action::Timeout { server });
        let mut actions = match (self.below(8), prey.message) {
            (0, _) => vec![crash],
            (1, _) => vec![crash, Action::Restart { server }],
            (2, _) => vec![alone.clone()],
            (3, _) => vec![with_friend],
            (4 | 5, Some((id, _))) => {
                let message = MessageSelector::Id(id);
                match self.below(4) {
                    0 => vec![Action::Hold { message }],
                    1 => vec![Action::Release { message }],
                    2 => {
                        let ms = Time::of_ticks(self.stream.between(1, self.mix.late_ms));
                        vec![Action::Delay { message, ms }]
                    }
                    _ => vec![Action::Duplicate { message: message.clone() }, Action::Hold { message }],
                }
            }
            (4, None) if self.freezes() => vec![Action::Pause { server }],
            (6, _) => vec![alone.clone()].into_iter().chain(campaign).collect(),
            _ => vec![with_friend].into_iter().chain(campaign).collect(),
        };
        match trap {
            // Somebody else must be heard before the one who was cut off is asked.
            Trap::TwoLeaders | Trap::Reading | Trap::Transferring => {
                let write = self.write(world, None);
                let read = self.read(Some(server));
                actions.splice(0..0, [write]);
                actions.push(read);
            }
            Trap::Acknowledged => {
                let Some((id, leader)) = prey.message else { return actions };
                actions = vec![Action::Hold { message: MessageSelector::Id(id) }];
                // The two go on without the others, and the others without them.
                if self.stream.happens(500) {
                    let (pair, rest): (Vec<_>, Vec<_>) =
                        others.into_iter().chain([server]).partition(|id| [server, leader].contains(id));
                    let campaign = rest.first().map(|&server| Action::Timeout { server });
                    actions.extend([Action::Partition { groups: vec![pair, rest] }].into_iter().chain(campaign));
                }
            }
            Trap::Revived => {
                let Some((id, receiver)) = prey.message else { return actions };
                let leads = |node: &Node| node.id().0 == receiver && node.role().is_leader();
                actions = if world.nodes().any(leads) {
                    let message = MessageSelector::Id(id);
                    vec![Action::Mend { a: server, b: receiver, one_way: true }, Action::Release { message }]
                } else {
                    // Who is to receive it gets an office back, and the sender knows nothing of that.
                    vec![alone, Action::TransferLeadership { server: None, target: receiver }]
                };
            }
            Trap::Elected | Trap::Reconfigured => {
                let fault = [Fault::Promote, Fault::Remove, Fault::Demote, Fault::Replace][self.below(4)];
                let change = self
                    .change(fault, world)
                    .filter(|_| self.mix.weights.iter().any(|(fault, _)| *fault == Fault::Remove));
                actions.extend(change);
            }
            _ => {}
        }
        actions
    }

    /// Whether servers freeze in this mix: no lease survives that.
    fn freezes(&self) -> bool {
        self.mix.weights.iter().any(|(fault, _)| *fault == Fault::Pause)
    }
}
