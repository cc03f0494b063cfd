//! Bugs of the program around a node, planted to see who finds them. No rule of Raft is touched, and no document can ask for
//! one: only the campaign that counts who finds them ([`crate::chaos::campaign`]).

use raft_core::{
    Append, Committed, Entry, LogIndex, Message, Node, NodeId, Persisted, Read, ReadId, ReadMode, ReadOutcome, Rpc,
    Write, WriteNumber,
};

use super::World;
use crate::client::{Reply, Wait};
use crate::event::OperationId;
use crate::machine::{Answer, Machine};
use crate::time::Time;

macro_rules! sabotages {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A bug in what surrounds a node: the driver, the disk, the state machine, the network code, the clients' front.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Sabotage { $($(#[$doc])* $variant,)* }

        impl Sabotage {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in words joined by hyphens.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

sabotages! {
    /// The node is told that a write is durable when it was only begun.
    EarlyDurable = "early-durable";
    /// The same, but only for terms and votes: messages leave before them.
    EarlyVote = "early-vote";
    /// A restarted server has forgotten its vote, not its term.
    ForgottenVote = "forgotten-vote";
    /// Entries that were truncated are back after a restart, behind what replaced them.
    ForgottenTruncation = "forgotten-truncation";
    /// A client is told that its write happened when something is applied at its index, whatever that is.
    AnswerByIndex = "answer-by-index";
    /// A client is told that its write happened as soon as the leader has it.
    AnswerAtAppend = "answer-at-append";
    /// The last entry of several that are applied at once is left out.
    SkippedEntry = "skipped-entry";
    /// Entries that are applied at once are applied in the opposite order.
    ReversedEntries = "reversed-entries";
    /// A snapshot shows the state before its last entry.
    SnapshotBehind = "snapshot-behind";
    /// A snapshot holds no client sessions.
    SnapshotWithoutSessions = "snapshot-without-sessions";
    /// A server that gets a snapshot keeps the state it had.
    RestoreIgnored = "restore-ignored";
    /// A linearizable read is answered from the server's own state.
    LocalRead = "local-read";
    /// A leader that hands over its office goes on answering reads by its lease.
    LeaseKept = "lease-kept";
    /// Clocks differ by more than the leases allow for.
    ExcessDrift = "excess-drift";
    /// An acknowledgement of an older term counts as one of the present term.
    RevivedAck = "revived-ack";
    /// The AppendEntries of a deposed leader count as those of the present term.
    RevivedLeader = "revived-leader";
    /// A pre-vote counts as a vote.
    PreVoteCounts = "pre-vote-counts";
}

/// What a bug needs to remember.
#[derive(Clone, Debug)]
pub(super) struct Spoils {
    pub(super) sabotage: Sabotage,
    /// For each server the state before the last entry that was applied.
    before: Vec<Machine>,
    /// For each server the entries that were truncated last, and the index of the first.
    truncated: Vec<Option<(LogIndex, Vec<Entry>)>>,
    /// For each server until when it trusts the lease of an office that it has handed over.
    trusts_until: Vec<Time>,
}

impl World {
    /// Plants a bug.
    pub(crate) fn plant(&mut self, sabotage: Sabotage) {
        let count = self.servers.len();
        if sabotage == Sabotage::ExcessDrift && self.options.lease_drift_permille.is_some() {
            let now = self.now;
            for (at, server) in self.servers.iter_mut().enumerate() {
                server.clock.set_rate(now, if at % 2 == 0 { 400 } else { 1_600 });
                server.plan_timer();
            }
        }
        self.spoils = Some(Box::new(Spoils {
            sabotage,
            before: vec![Machine::default(); count],
            truncated: vec![None; count],
            trusts_until: vec![Time(0); count],
        }));
    }

    fn suffers(&self, sabotage: Sabotage) -> bool {
        self.spoils.as_ref().is_some_and(|spoils| spoils.sabotage == sabotage)
    }

    /// Whether a node is told at once that a write is durable.
    pub(super) fn spoils_durability(&self, write: &Write) -> bool {
        let is_vote = write.append.is_none() && write.snapshot.is_none();
        self.suffers(Sabotage::EarlyDurable) || (self.suffers(Sabotage::EarlyVote) && is_vote)
    }

    /// Remembers what a write truncates.
    pub(super) fn note_truncation(&mut self, id: NodeId, write: &Write) {
        let at = id.0 as usize - 1;
        let log = &self.servers[at].disk.durable.log;
        let first = write.append.as_ref().map(|append| append.first_index).filter(|first| *first <= log.last_index());
        if let (Some(first), Some(spoils)) = (first, &mut self.spoils) {
            spoils.truncated[at] = Some((first, log.iter_from(first).map(|(_, entry)| entry.clone()).collect()));
        }
    }

    /// What a restarted server finds on its disk.
    pub(super) fn spoil_disk(&mut self, id: NodeId) {
        let at = id.0 as usize - 1;
        if self.suffers(Sabotage::ForgottenVote) {
            self.servers[at].disk.durable.hard_state.voted_for = None;
        }
        if !self.suffers(Sabotage::ForgottenTruncation) {
            return;
        }
        let Some((first, entries)) = self.spoils.as_mut().and_then(|spoils| spoils.truncated[at].take()) else {
            return;
        };
        let durable: &mut Persisted = &mut self.servers[at].disk.durable;
        let kept = durable.log.last_index().next().0.saturating_sub(first.0) as usize;
        if (1..entries.len()).contains(&kept) {
            let append = Append {
                first_index: durable.log.last_index().next(),
                entries: entries[kept..].iter().cloned().collect(),
            };
            durable.apply(&Write { number: WriteNumber(0), hard_state: None, snapshot: None, append: Some(append) });
        }
    }

    /// What the state machine is given of committed entries.
    pub(super) fn spoil_committed(&mut self, id: NodeId, committed: &mut Vec<Committed>) {
        let machine = self.servers[id.0 as usize - 1].machine.clone();
        let Some(spoils) = &mut self.spoils else { return };
        spoils.before[id.0 as usize - 1] = machine;
        match spoils.sabotage {
            Sabotage::SkippedEntry if committed.len() > 1 => drop(committed.pop()),
            Sabotage::ReversedEntries => committed.reverse(),
            _ => {}
        }
    }

    /// What a snapshot holds of a state.
    pub(super) fn spoil_snapshot(&self, id: NodeId, machine: Machine) -> Machine {
        match &self.spoils {
            Some(spoils) if spoils.sabotage == Sabotage::SnapshotBehind => spoils.before[id.0 as usize - 1].clone(),
            Some(spoils) if spoils.sabotage == Sabotage::SnapshotWithoutSessions => machine.without_sessions(),
            _ => machine,
        }
    }

    /// Whether the state of a snapshot is taken over.
    pub(super) fn restores(&self) -> bool {
        !self.suffers(Sabotage::RestoreIgnored)
    }

    /// Whether a write is answered before its entry is applied.
    pub(super) fn answers_early(&self) -> bool {
        self.suffers(Sabotage::AnswerAtAppend)
    }

    /// What a client is told of its write.
    pub(super) fn spoil_reply(&self, index: LogIndex, reply: Reply) -> Reply {
        if self.suffers(Sabotage::AnswerByIndex) || self.suffers(Sabotage::AnswerAtAppend) {
            return Reply::Written { index, answer: Answer::Done };
        }
        reply
    }

    /// Remembers a leader that hands over its office.
    pub(super) fn note_transfer(&mut self, id: NodeId) {
        let until = self.now.after(Time::of_ticks(self.options.election_timeout_min.0));
        if let Some(spoils) = &mut self.spoils {
            spoils.trusts_until[id.0 as usize - 1] = until;
        }
    }

    /// Answers a read at once that had to wait; whether it did.
    pub(super) fn spoil_read(&mut self, id: NodeId, operation: OperationId, request: u32, mode: ReadMode) -> bool {
        let Some(spoils) = &self.spoils else { return false };
        let is_trusted = mode == ReadMode::Lease && self.now < spoils.trusts_until[id.0 as usize - 1];
        let answers = match spoils.sabotage {
            Sabotage::LocalRead => true,
            Sabotage::LeaseKept => is_trusted,
            _ => false,
        };
        let server = self.server(id);
        let Some(read_index) = server.node().filter(|_| answers && server.is_attentive()).map(Node::last_applied)
        else {
            return false;
        };
        self.wait_for(id, operation, request, Wait::Node);
        let id_of_read = ReadId(u64::from(request) << 32 | u64::from(operation.0));
        self.end_read(id, Read { id: id_of_read, outcome: ReadOutcome::Servable { read_index } });
        true
    }

    /// What reaches a node of a message.
    pub(super) fn spoil_message(&self, message: &mut Message) {
        let Some(spoils) = &self.spoils else { return };
        let term = self.server(message.to).node().map_or(message.term, Node::current_term);
        match (spoils.sabotage, &mut message.rpc) {
            (Sabotage::RevivedAck, Rpc::AppendEntriesReply { .. })
            | (Sabotage::RevivedLeader, Rpc::AppendEntries(_)) => {
                message.term = message.term.max(term);
            }
            (Sabotage::PreVoteCounts, Rpc::RequestVoteReply { granted: true, pre_vote }) => *pre_vote = false,
            _ => {}
        }
    }
}
