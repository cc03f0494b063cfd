//! The Raft consensus protocol as a deterministic state machine: no clock, no socket, no disk, no `std`.
//!
//! One [`Node`] is one server of a cluster. It is driven from outside and asks for everything it needs:
//!
//! 1. Feed it: time with [`Node::advance`], messages with [`Node::step`], commands with [`Node::propose`], reads with
//!    [`Node::read_index`].
//! 2. Take its output with [`Node::drain_into`]: a [`Ready`].
//! 3. Send [`Ready::messages`] now; they depend on nothing that is not durable yet.
//! 4. Start making [`Ready::write`] durable. When it is, call [`Node::on_persisted`] with its number. Votes and
//!    acknowledgements that depend on the write stay inside the node until then, so they cannot be sent too early.
//! 5. Replace the state of the state machine by [`Ready::restore`], if there is one; apply [`Ready::committed`] in order.
//!    After either, call [`Node::on_applied`].
//! 6. Answer [`Ready::reads`] from the state machine as it is now.
//! 7. After a crash, restore the state machine from [`Persisted::snapshot`], and build a new node from what the disk holds
//!    with [`Node::new`].
//!
//! Whenever the log has become long, [`Node::compact`] replaces its beginning by a snapshot.
//!
//! ```
//! use raft_core::{Configuration, Node, NodeId, NodeSetup, Persisted, Ready};
//!
//! let mut disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
//! let mut node = Node::new(NodeSetup::new(NodeId(1)), disk.clone())?;
//! let mut ready = Ready::default();
//!
//! node.campaign();
//! loop {
//!     node.drain_into(&mut ready);
//!     if ready.is_empty() { break }
//!     // A single server has nobody to send `ready.messages` to.
//!     if let Some(write) = ready.write.take() {
//!         disk.apply(&write);                       // a real driver writes and syncs a file here
//!         node.on_persisted(write.number);
//!     }
//!     if let Some(last) = ready.committed.last() { node.on_applied(last.index) }
//! }
//! assert!(node.role().is_leader());
//! node.propose(b"x=1".as_slice().into())?;
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! A driver with sockets and files is `examples/kv_cluster.rs`: a key-value store of three processes.
//!
//! Section numbers (§5.4.2) are those of the extended Raft paper, "dissertation §" those of Ongaro's dissertation.
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]

extern crate alloc;

mod configuration;
mod entry;
mod event;
mod log;
mod membership;
mod message;
mod node;
mod options;
mod payload;
mod persist;
mod progress;
mod quorum;
mod read;
mod ready;
mod rules;
mod shared_vec;
mod snapshot;
mod types;
mod vocabulary;

pub use configuration::Configuration;
pub use entry::{Entries, Entry, EntryKind};
pub use event::{CommitBlock, Event, FollowerReason, IgnoreReason, VoteDenial};
pub use log::Log;
pub use membership::{MembershipChange, MembershipError};
pub use message::{
    AppendEntries, AppendOutcome, InstallSnapshot, Message, MessageKind, RequestVote, Rpc, SnapshotOutcome,
};
pub use node::{CompactError, Node, NodeSetup, ProposeError, Role, SetupError, Timer, TransferBlock, TransferError};
pub use options::{Options, OptionsError};
pub use payload::Payload;
pub use persist::{Append, HardState, Persisted, PersistedError, Write, WriteNumber};
pub use progress::{CatchUp, Progress, ProgressState};
pub use quorum::QuorumRule;
pub use read::{Read, ReadAbort, ReadBlock, ReadError, ReadId, ReadMode, ReadOutcome};
pub use ready::{Committed, Ready};
pub use rules::{Rule, Rules, UnknownRule};
pub use shared_vec::SharedVec;
pub use snapshot::Snapshot;
pub use types::{LogIndex, NodeId, ReadPosition, Round, Term, Ticks};
pub use vocabulary::Vocabulary;
