//! The Raft consensus protocol as a deterministic state machine: no clock, no socket, no disk, no `std`.
//!
//! Section numbers (§5.4.2) are those of the extended Raft paper, "dissertation §" those of Ongaro's dissertation.
//!
//! # A tour
//!
//! Everything that one needs to build a replicated service, in the order in which one needs it. Each example is a test.
//!
//! ## 1. A server
//!
//! A [`Node`] is the part of a server that decides: it holds the term, the vote, the log, and what a leader knows about its
//! followers. Around it the program, called the driver, provides what a node lacks: a disk, a network, a clock, and the
//! state machine to which commands are applied. The disk begins as [`Persisted::bootstrap`], with the same
//! [`Configuration`] at every server: the one with which the cluster begins.
//!
//! ```
#![doc = include_str!("../doc/server.rs")]
//! ```
//!
//! ## 2. The loop
//!
//! A node does nothing by itself. The driver feeds it and then drains it, as often as it likes:
//!
//! 1. **Feed**: messages with [`Node::step`], time with [`Node::advance`], commands with [`Node::propose`]. None of them
//!    blocks, and none fails on what the network brings.
//! 2. **Drain**: [`Node::drain_into`] moves everything that is to be done into a [`Ready`], which is used again and again.
//! 3. **Send** [`Ready::messages`]. They depend on nothing that is not durable yet, so they need not wait for step 4.
//! 4. **Write** [`Ready::write`] and sync it, atomically and after every earlier write; then call [`Node::on_persisted`]
//!    with its number. This may happen later, and one call stands for all writes up to that number.
//! 5. **Apply**: replace the state of the state machine by [`Ready::restore`], if there is one (a snapshot that came from
//!    the leader and is durable here); then apply [`Ready::committed`] in order. After either, call [`Node::on_applied`]
//!    with the last index; more is handed out only then.
//! 6. **Answer** [`Ready::reads`] from the state machine as it is now; log, count or show [`Ready::events`].
//!
//! ```
//! # mod server { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/server.rs")); }
//! # use server::Server;
//! # use raft_core::{Committed, EntryKind, Message};
#![doc = include_str!("../doc/turn.rs")]
//! ```
//!
//! ## 3. A cluster
//!
//! A network takes messages from one node to another. It may lose, repeat, delay and reorder them: Raft copes (§5.5). It must
//! not invent them: Raft trusts its servers. This one is as simple as can be.
//!
//! ```
//! # mod server {
//! #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/server.rs"));
//! #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/turn.rs"));
//! # }
//! # use server::Server;
#![doc = include_str!("../doc/cluster.rs")]
//! ```
//!
//! That is a replicated service. `Server` and `Cluster` appear in the examples of this crate as they stand here. The same
//! with sockets, files and a clock is `examples/kv_cluster.rs`: a key-value store of three processes.
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! let mut cluster = Cluster::start(&[1, 2, 3]);
//! cluster.node(1).campaign();                          // or wait until an election timer runs out, see part 10
//! cluster.settle();
//! assert!(cluster.node(1).role().is_leader());
//!
//! let index = cluster.node(1).propose("hello".into())?;
//! cluster.settle();
//! assert!(cluster.node(1).commit_index() >= index);    // now the client may be told
//! assert_eq!(cluster.0[&1].state, b"hello");
//!
//! cluster.node(1).fire_heartbeat();                    // followers learn of a commit with the next message
//! cluster.settle();
//! assert_eq!(cluster.0[&3].state, b"hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The index that [`Node::propose`] returns is a place, not a promise: if another leader is elected first, another entry may
//! take it. A command is done when the entry handed out at its index has the term in which it was proposed, and lost when
//! it has another one. Of what a snapshot in [`Ready::restore`] covers, this server cannot know; the client asks again, and
//! the state machine recognises what it has already done (dissertation §6.3).
//!
//! ## 4. What is held back
//!
//! A vote and an acknowledgement are promises that a crash must not break, so they may leave only when they are durable
//! (Figure 2). A node keeps them until [`Node::on_persisted`]; a driver cannot send them too early. What promises nothing
//! leaves at once: a leader's entries travel while its own disk still writes them (dissertation §10.2.1).
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # use raft_core::{MessageKind, Ready};
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! # cluster.node(1).campaign();
//! # cluster.settle();
//! let mut ready = Ready::default();
//! cluster.node(1).propose("x".into())?;
//! cluster.node(1).drain_into(&mut ready);
//! let append = ready.messages[0].clone();              // sent while `ready.write` is still under way
//! assert_eq!(append.kind(), MessageKind::AppendEntries);
//!
//! let follower = cluster.node(append.to.0);
//! follower.step(append);
//! follower.drain_into(&mut ready);
//! assert!(ready.messages.is_empty());                  // the acknowledgement waits inside
//!
//! let write = ready.write.take().expect("the entry is new to the follower");
//! follower.on_persisted(write.number);                 // the driver has synced it
//! follower.drain_into(&mut ready);
//! assert_eq!(ready.messages[0].kind(), MessageKind::AppendEntriesReply);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## 5. Restart
//!
//! What a crash leaves is what was written: term, vote, snapshot, log. The simplest disk is a file of [`Write`]s, one after
//! the other, which [`Persisted::apply`] carries out again. The commit index is not stored; the node learns it from the next
//! leader and hands out the log again, from the snapshot on. So the state machine starts from the snapshot, too.
//!
//! ```
//! # use raft_core::{Configuration, Node, NodeId, NodeSetup, Persisted, Ready, Write};
//! fn restart(id: NodeId, first: Configuration, file: &[Vec<u8>], seed: u64) -> Result<Node, Box<dyn std::error::Error>> {
//!     let mut disk = Persisted::bootstrap(first);
//!     for record in file {
//!         let write: Write = postcard::from_bytes(record)?;
//!         disk.apply(&write);
//!     }
//!     // A real driver restores its state machine from `disk.snapshot` here.
//!     Ok(Node::new(NodeSetup { seed, ..NodeSetup::new(id) }, disk)?)
//! }
//!
//! let (id, first, mut file) = (NodeId(1), Configuration::of_voters([NodeId(1)]), vec![]);
//! let mut node = restart(id, first.clone(), &file, 1)?;
//! let mut ready = Ready::default();
//! node.campaign();
//! node.drain_into(&mut ready);
//! if let Some(write) = &ready.write { file.push(postcard::to_allocvec(write)?) }
//!
//! let node = restart(id, first, &file, 2)?;            // another life, another seed
//! assert_eq!(node.voted_for(), Some(id));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server that has promised something and lost its disk is not the same server any more: give it a new [`NodeId`].
//!
//! ## 6. Snapshots
//!
//! A log must not grow for ever. [`Node::compact`] replaces its beginning, up to an applied entry, by the state of the state
//! machine after that entry (§7). The next [`Ready::write`] carries the snapshot to the disk. A follower that needs what is
//! gone gets the snapshot instead, in pieces, and hands it to its driver as [`Ready::restore`].
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! let away = cluster.0.remove(&3).expect("S3 was started");
//! cluster.node(1).campaign();
//! cluster.settle();
//! cluster.node(1).propose("hello".into())?;
//! cluster.settle();
//!
//! let (applied, state) = (cluster.node(1).last_applied(), cluster.0[&1].state.clone());
//! cluster.node(1).compact(applied, state)?;
//! assert_eq!(cluster.node(1).log().first_index(), applied.next());
//!
//! cluster.0.insert(3, away);                           // S3 lacks entries that are gone
//! cluster.node(1).fire_heartbeat();
//! cluster.settle();
//! assert_eq!(cluster.0[&3].state, b"hello");
//! assert!(cluster.0[&3].disk.snapshot.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## 7. Membership
//!
//! The configuration is data in the log and counts from the moment it is appended (§6). [`Node::propose_membership`] changes
//! it: one server at a time, or any number at once through joint consensus. A new server starts with the cluster's first
//! configuration, joins as a learner, and becomes a voter when it has caught up. A refusal says what it waits for:
//!
//! | refusal | waits for |
//! |---|---|
//! | [`MembershipError::NothingCommitted`] | the first commit of the leader's own term |
//! | [`MembershipError::ChangePending`] | the change before: committed and, if it is joint, left |
//! | [`MembershipError::NotCaughtUp`] | the learner: [`Progress::catch_up`], announced by [`Event::CaughtUp`] |
//! | [`MembershipError::TransferInProgress`] | the transfer: over after at most the shortest election timeout |
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::{Cluster, Server};
//! # use raft_core::{MembershipChange, MembershipError, NodeId};
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! # cluster.node(1).campaign();
//! # cluster.settle();
//! let vote = MembershipChange::AddVoter(NodeId(4));
//! let refusal = cluster.node(1).propose_membership(&vote);
//! assert!(matches!(refusal, Err(MembershipError::NotCaughtUp { .. })));
//!
//! cluster.0.insert(4, Server::start(4, &[1, 2, 3]));
//! cluster.node(1).propose_membership(&MembershipChange::AddLearner(NodeId(4)))?;
//! cluster.settle();
//! cluster.node(1).propose_membership(&vote)?;
//! cluster.settle();
//!
//! let (voters, learners) = (vec![NodeId(2), NodeId(3), NodeId(4)], vec![]);
//! cluster.node(1).propose_membership(&MembershipChange::Replace { voters, learners })?;
//! assert!(cluster.node(1).configuration().is_joint()); // majorities of both sets, until this is committed
//! cluster.settle();
//! assert!(!cluster.node(4).configuration().is_voter(NodeId(1)));
//! assert!(!cluster.node(1).role().is_leader());        // it led the change, and is no member any more
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## 8. Reads
//!
//! A read must see every write that was acknowledged before it began. The log is not needed for that: a leader that
//! still leads knows what is committed, and a round of heartbeats proves that it does (dissertation §6.4). All reads that
//! wait share one round. [`Node::read_index`] works at followers, too: they ask the leader and serve the read from their own
//! state. The end of each read comes in [`Ready::reads`]: servable now, or given up, to be tried again.
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # use raft_core::{Read, ReadId, ReadMode, ReadOutcome};
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! # cluster.node(1).campaign();
//! # cluster.settle();
//! let index = cluster.node(1).propose("hello".into())?;
//! cluster.settle();
//! assert_eq!(cluster.0[&2].state, b"");                // S2 does not know of the commit yet
//! cluster.node(2).read_index(ReadId(7), ReadMode::ReadIndex)?;
//! cluster.settle();
//! let servable = ReadOutcome::Servable { read_index: index };
//! assert_eq!(cluster.0[&2].reads, [Read { id: ReadId(7), outcome: servable }]);
//! assert_eq!(cluster.0[&2].state, b"hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With [`Options::lease_drift_permille`] a leader may answer [`ReadMode::Lease`] without asking anybody, as long as
//! [`Node::has_lease`] (dissertation §6.4.1). This holds only if no two clocks in the cluster differ in speed by more than
//! that bound. If they do, a read may miss a write; nothing else breaks.
//!
//! ## 9. Transfer
//!
//! Before maintenance a leader can hand over (dissertation §3.10). [`Node::transfer_leadership`] stops taking proposals,
//! completes the target's log and asks it to campaign at once. If that has not succeeded within the shortest election
//! timeout, the leader goes on. [`Node::transfer_block`] says what a transfer waits for.
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # use raft_core::{NodeId, ProposeError};
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! # cluster.node(1).campaign();
//! # cluster.settle();
//! cluster.node(1).transfer_leadership(NodeId(2))?;
//! let refusal = cluster.node(1).propose("x".into());
//! assert_eq!(refusal, Err(ProposeError::TransferInProgress { target: NodeId(2) }));
//! cluster.settle();
//! assert!(cluster.node(2).role().is_leader());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## 10. Time
//!
//! A node counts [`Ticks`], whose length is the driver's choice; [`Options::default`] has milliseconds in mind. A driver need
//! not wake up for each: it sleeps for [`Node::ticks_until_deadline`], or until something else comes, and reports how long
//! that was with [`Node::advance`]. Time that passes in one call has the same effect as in many.
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # use raft_core::{Role, Ticks};
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! let node = cluster.node(2);
//! let left = node.ticks_until_deadline();              // the election timeout, drawn at random (§5.2)
//! assert!((150..=300).contains(&left.0));
//! node.advance(Ticks(left.0 - 1));
//! assert_eq!(node.role(), Role::Follower);
//! node.tick();
//! assert_eq!(node.role(), Role::PreCandidate);         // it asks first whether it could win (dissertation §9.6)
//! cluster.settle();
//! assert_eq!(cluster.node(2).ticks_until_deadline(), Ticks(50)); // the next heartbeat
//! ```
//!
//! ## 11. Limits
//!
//! Whatever could grow without bound has a limit in [`Options`], and at the limit the driver is told: a leader refuses
//! commands when too much is uncommitted, reads when too many wait. A slow follower is sent no more than its window; a slow
//! state machine gets one batch at a time. A refusal changes nothing; it tells the driver to slow its clients down.
//!
//! ```
//! # use raft_core::{Configuration, Node, NodeId, NodeSetup, Options, Persisted, ProposeError, Ready};
//! let options = Options { max_uncommitted_bytes: 1_000, ..Options::default() };
//! let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
//! let mut node = Node::new(NodeSetup { options, ..NodeSetup::new(NodeId(1)) }, disk)?;
//! let mut ready = Ready::default();
//! node.campaign();
//! node.drain_into(&mut ready);
//! node.on_persisted(ready.write.as_ref().expect("a vote is written").number);
//!
//! let refusal = loop {                                 // nothing is written any more, so nothing is committed
//!     if let Err(refusal) = node.propose("twenty-one bytes long".into()) { break refusal }
//! };
//! assert!(matches!(refusal, ProposeError::Busy { bytes: 1_000.., limit: 1_000 }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## 12. Rules
//!
//! Each safeguard of Raft is a [`Rule`] that can be switched off to see what it is for. A node with any rule off is a modified
//! Raft: [`Rules::is_safe`] says so, and it has no place in a real cluster.
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # use raft_core::{LogIndex, Rule, Rules};
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! let rules = Rules::SAFE.without(Rule::NoOp);
//! assert!(!rules.is_safe());
//! cluster.node(1).set_rules(rules);
//! cluster.node(1).campaign();
//! cluster.settle();
//! assert_eq!(cluster.node(1).log().last_index(), LogIndex(0)); // no blank entry opened the term (§8)
//! assert!(!cluster.node(1).has_committed_in_term());           // so reads and changes of members must wait
//! ```
//!
//! ## 13. Events
//!
//! A node logs nothing. What happened, and why something did not, comes as values in [`Ready::events`]: every refused vote has
//! a [`VoteDenial`], every ignored message an [`IgnoreReason`]. What waits can be asked at any time: [`Node::commit_block`],
//! [`Node::read_block`], [`Node::transfer_block`].
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # use raft_core::{CommitBlock, Event, LogIndex, Message, NodeId, Ready, RequestVote, Rpc, Term};
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! cluster.node(1).campaign();
//! cluster.settle();
//! let request =
//!     RequestVote { last_log_index: LogIndex(0), last_log_term: Term(0), pre_vote: true, leadership_transfer: false };
//! let message = Message { from: NodeId(3), to: NodeId(1), term: Term(2), rpc: Rpc::RequestVote(request) };
//! let (node, mut ready) = (cluster.node(1), Ready::default());
//! node.step(message);
//! node.drain_into(&mut ready);
//! let Event::VoteDenied { reason, .. } = ready.events[0] else { panic!("S1 leads and hears its followers") };
//! assert_eq!(reason.to_string(), "a leader is alive; its lease lasts 150 more ticks");
//! assert_eq!(reason.section(), "dissertation §4.2.3");
//!
//! let index = node.propose("x".into())?;
//! assert_eq!(node.commit_block(), Some(CommitBlock::NoQuorum { index, have: 0, need: 2 }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## 14. Determinism
//!
//! A node is a value. The same setup and the same calls give the same node and the same output, on every platform; chance
//! comes from [`NodeSetup::seed`] alone. Nodes can be cloned, compared and hashed: a test can go back to any moment and try
//! something else, and a model checker can tell which states it has seen. A clone shares its log with the original.
//!
//! ```
//! # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
//! # use raft_core::Ticks;
//! # let mut cluster = Cluster::start(&[1, 2, 3]);
//! let node = cluster.node(1);
//! let mut other = node.clone();
//! node.advance(Ticks(1_000));
//! (0..1_000).for_each(|_| other.tick());
//! assert_eq!(*node, other);
//!
//! let seen = std::collections::HashSet::from([node.clone()]);
//! assert!(seen.contains(&other));
//! other.campaign();
//! assert!(!seen.contains(&other));
//! ```
//!
//! # Features
//!
//! `serde`, off by default: messages, writes, events and what they are made of can be serialised in any format.
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
mod rename;
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
pub use rename::Rename;
pub use rules::{Rule, Rules, UnknownRule};
pub use shared_vec::SharedVec;
pub use snapshot::Snapshot;
pub use types::{LogIndex, NodeId, ReadPosition, Round, Term, Ticks};
pub use vocabulary::Vocabulary;
