//! What the comparison needs of a Raft server, whoever wrote it.

use std::fmt::Debug;

use raft_core::Rule;

/// Ticks for which a heard leader is protected, and after which a leader without a quorum steps down.
pub(crate) const ELECTION_TICKS: u64 = 10;
/// Ticks between heartbeats.
pub(crate) const HEARTBEAT_TICKS: u64 = 3;

/// A server with its disk and its state machine. No timer starts an election in it: waits are drawn from so wide a range
/// that only [`Server::campaign`] ever does. All else that time brings (heartbeats, leases, check-quorum) is on.
pub(crate) trait Server: Sized {
    const NAME: &'static str;

    type Message: Clone + Debug;

    /// Server `id` of `1..=setup.servers`, which has never run.
    fn new(id: u64, setup: Setup) -> Self;

    fn is_up(&self) -> bool;

    /// Stops. What the disk has not finished is lost.
    fn crash(&mut self);

    /// Starts again from what the disk holds, with a fast disk and the state machine as of the snapshot.
    fn restart(&mut self);

    /// The rest only while the server is up.
    fn tick(&mut self);

    fn step(&mut self, message: Self::Message);

    /// Starts an election as if the election timer had run out.
    fn campaign(&mut self);

    /// Whether the server, as the leader, took the command.
    fn propose(&mut self, command: u64) -> bool;

    /// Asks the leader to hand over to another server.
    fn transfer(&mut self, target: u64);

    /// Replaces the log up to what is applied by a snapshot of the state machine.
    fn compact(&mut self);

    /// Whether the sender must learn what becomes of this message.
    fn needs_report(_message: &Self::Message) -> bool {
        false
    }

    /// Learns that a message arrived, or that it is lost.
    fn report(&mut self, _to: u64, _has_arrived: bool) {}

    /// From now on nothing is durable before [`Server::sync`] says so.
    fn slow_disk(&mut self);

    /// Finishes the oldest write, or all of them, and with `All` makes the disk fast again.
    fn sync(&mut self, writes: Writes);

    /// What the server sent since the last call: (to, message).
    fn take_sent(&mut self) -> Vec<(u64, Self::Message)>;

    /// What the state machine did since the last call.
    fn take_applied(&mut self) -> Vec<Applied>;

    /// What can be seen of the server; of one that is down, what its disk holds.
    fn view(&self) -> View;
}

/// What a schedule runs in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) servers: u64,
    /// At most one entry in each message, instead of as many as fit.
    pub(crate) one_entry_per_message: bool,
    /// Unacknowledged messages with entries to one follower.
    pub(crate) inflight: usize,
    /// Bytes of a snapshot in each message of raft-core; tikv raft sends it whole.
    pub(crate) snapshot_piece: usize,
    /// What raft-core does without, to see that the comparison notices.
    pub(crate) without: Option<Rule>,
}

/// Which writes become durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    Oldest,
    All,
}

/// A log entry; a blank one has no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) term: u64,
    pub(crate) command: Option<u64>,
}

/// What a state machine does. This one remembers everything, so that its snapshots show all that they replace.
#[derive(Clone, Debug)]
pub(crate) enum Applied {
    Entry {
        index: u64,
        entry: Entry,
    },
    /// Everything up to some index, at once.
    Snapshot(Vec<Entry>),
}

/// What can be seen of a server.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) term: u64,
    pub(crate) leads: bool,
    pub(crate) commit_index: u64,
    /// From index 1 on; what is no longer in the log is taken from the snapshot.
    pub(crate) log: Vec<Entry>,
    /// How many of these entries are only in the snapshot.
    pub(crate) covered: usize,
}

const BYTES: usize = 17;

/// The contents of a snapshot.
pub(crate) fn encode(applied: &[Entry]) -> Vec<u8> {
    let bytes = |entry: &Entry| {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&entry.term.to_le_bytes());
        bytes[8..16].copy_from_slice(&entry.command.unwrap_or(0).to_le_bytes());
        bytes[16] = u8::from(entry.command.is_some());
        bytes
    };
    applied.iter().flat_map(bytes).collect()
}

pub(crate) fn decode(snapshot: &[u8]) -> Vec<Entry> {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let entry =
        |bytes: &[u8]| Entry { term: number(&bytes[..8]), command: (bytes[16] == 1).then(|| number(&bytes[8..16])) };
    snapshot.chunks(BYTES).map(entry).collect()
}

impl View {
    /// The entries that the server knows to be committed.
    pub(crate) fn committed(&self) -> &[Entry] {
        &self.log[..self.commit_index as usize]
    }
}
