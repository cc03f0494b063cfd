//! Every state that a small cluster can reach, one by one: an exhaustive search over the real nodes.
//!
//! A state is what the nodes hold in memory and on their disks, the messages in flight, and how often things have happened
//! that are bounded. From each state everything that may happen is tried: an election timeout at any server at any moment,
//! any message delivered, lost or doubled, a crash, a restart, a command, and so on. The search goes breadth first, so what
//! it finds is reached by the fewest steps possible, and it comes out as a [`Scenario`] that a [`crate::World`] replays.
//!
//! There is no second model of the protocol: every step runs [`raft_core::Node`]. But a node is a function of its state and
//! its input, and few different nodes occur in many states; so each pair runs once, and its outcome is looked up afterwards.
//!
//! ```
//! use raft_core::Rule;
//! use raft_sim::{Explorer, ExplorerConfig, Verdict};
//!
//! let mut explorer = Explorer::new(ExplorerConfig::of(3).without(Rule::Majority))?;
//! while !explorer.is_over() {
//!     explorer.advance(10_000);
//! }
//! assert_eq!(explorer.progress().verdict, Some(Verdict::Violated));
//! let found = explorer.counterexample().expect("half is not a majority");
//! assert!(found.steps <= 8);
//! # Ok::<(), raft_sim::SimError>(())
//! ```
//!
//! # What counts as one state
//!
//! Left out of states, because nothing that follows depends on it: how many writes there were (writes on their way are
//! counted from the last durable one), the order in which votes arrived, the positions of timers (no time passes: a timeout
//! may happen at any moment), and the generator of timeouts (rule `randomised-timeout` is off). The rules `pre-vote`,
//! `vote-stickiness` and `check-quorum`, which are about time, are off unless they are switched on. Kept in states,
//! although no node knows it: who ever led a term, what was ever committed, and each server's last vote, for the judges.
//!
//! States are told apart by 64 bits. Among n states two are taken for one with a probability of about n² / 2⁶⁵: one in
//! 400,000 for ten million states. What servers are together is judged once for all messages they occur with, and remembered by
//! 64 bits, too.
//!
//! # What is left out, and why that is sound
//!
//! **Symmetry.** Nothing in the protocol prefers one server to another, and neither does what may happen here. So a renaming of
//! the servers that maps the menu of membership changes onto itself, and spares onto spares, takes every step of a state to a
//! step of the renamed state; invariants speak of all servers alike. Of states that differ only in such names one is enough: the
//! fingerprint of a state is the least among those under all names. A test compares with brute force over whole states.
//!
//! **Stale replies.** A reply, a TimeoutNow or a message about reads is ignored by a server that knows a later term, without
//! any effect: state, disk and network stay as they are. Terms never go back while they are durable before the next thing
//! happens, crashes included, so such a message will never do anything, and it is taken out of flight at once. Each run
//! with it is a run without it that leaves its deliveries, losses and copies out, which is no longer, and breaks the same: no
//! invariant speaks of what is in flight (I13 is judged when a message leaves). Each run without it is one in which it travels
//! for ever. So neither verdicts nor shortest lengths change; only [`Bounds::messages`] counts less. Where a
//! term may come back, with slow disks or without `persist-term`, this is off by itself. A test delivers every
//! such message to every such server that occur in a search, and sees nothing happen.
//!
//! **Partial orders.** Stale replies are the one case in which two steps commute for certain and in secret: their delivery
//! is independent of everything and visible to no invariant, so it need not be interleaved. Of equal messages in flight one is
//! tried. And nothing is lost by default, because a message that is never delivered is as good as lost; [`Bounds::drops`] only
//! adds what needs an end to it. More is not used. Deliveries to two different servers do commute, but the invariants
//! look at several servers at the moment of a step (I3, I4, I6, I16), and at who was first (I1, I15): to leave an order
//! out could leave the break out, or the shortest way to it. What commuting steps cost is small, since they meet in one state.
//!
//! # What is judged
//!
//! Independently of the protocol's code and of the [checker](crate::Invariant) of worlds, by the same names: all invariants but
//! two. I36 is about runs. I28 follows: servers tell clients only of what they have applied, so a leader without it breaks I4,
//! and another entry in its place I15. Looked at more narrowly than in a world are
//!
//! - I3, I14, I16 and I24: on what servers hold at the moment, not on all of history;
//! - I26: that a leader without a vote stops, not whose answers it counts;
//! - I30: that entries are applied once and in order, not the sessions of clients, which are a matter of the state machine;
//! - I31: the last entry that was sent, not those before it, which I3 compares;
//! - I33: the index and the term of a snapshot, not its bytes.

mod code;
mod config;
mod expand;
mod frontier;
mod hash;
mod interned;
mod moves;
mod origins;
mod own;
mod past;
mod search;
mod server;
mod symmetry;
mod tables;
mod tell;
#[cfg(test)]
mod tests;
mod visited;
mod walk;

use serde::Serialize;

use crate::checker::Invariant;
use crate::command::{Change, Command};
use crate::error::SimError;
use crate::scenario::Scenario;
pub use config::{Bounds, ExplorerConfig, Opening};
use moves::Menu;
use raft_core::Rule;
use search::{Broken, Search};
use tables::Tables;
use walk::Walk;

/// A search through all states, in slices as long as one likes. Dropping it cancels it.
pub struct Explorer {
    config: ExplorerConfig,
    search: Search,
    start: Walk,
    verdict: Option<Verdict>,
    broken: Option<Broken>,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Every state within the bounds was visited, and nothing is broken in any.
    Exhausted,
    /// An invariant is broken: see [`Explorer::counterexample`].
    Violated,
    /// The deepest steps that [`Bounds::depth`] allows were taken, and nothing was broken up to there.
    DepthReached,
    /// As many states were found as [`Bounds::states`] allows, and nothing is broken in them.
    StatesReached,
}

/// How far a search is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ExplorerProgress {
    /// Different states found.
    pub states: u64,
    /// Steps taken, to new states and to known ones.
    pub generated: u64,
    /// Steps not taken because they lead beyond a bound on sizes.
    pub beyond: u64,
    /// Steps from the start to the states that are being left.
    pub depth: u32,
    /// States found and not yet left.
    pub frontier: u64,
    /// The states at each depth, from the start on.
    pub per_depth: Vec<u64>,
    /// Different servers, and different messages, that occur in these states.
    pub servers: u64,
    /// See `servers`.
    pub messages: u64,
    /// Bytes for these states: their fingerprints, how they were reached, and those that wait. Besides them a search takes some
    /// megabytes for the block of states that is being left.
    pub bytes: u64,
    /// Bytes of what the states are made of, each different server, message and turn of a server once, without what nodes have
    /// on the heap. This hardly grows any more where states are many.
    pub table_bytes: u64,
    /// How it ended, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub verdict: Option<Verdict>,
}

/// The shortest way to a broken invariant.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// What is broken, in the order of the numbers.
    pub invariants: Vec<Invariant>,
    /// Number of steps, without those of the configuration's start.
    pub steps: usize,
    /// What is done, as a scenario that shows the same to the checker of a world.
    pub scenario: Scenario,
}

impl Explorer {
    /// Begins a search. Refuses a configuration that makes no sense; the error names the path in it.
    pub fn new(config: ExplorerConfig) -> Result<Self, SimError> {
        let (search, start) = begin(&config)?;
        Ok(Self { config, search, start, verdict: None, broken: None })
    }

    /// Lets several threads search. What is found, and every number, stays the same.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.search.set_threads(threads.min(64));
        self
    }

    /// Leaves `states` states, or all that are left, and says how far the search is. What is found shows after each block of
    /// 4,096 states, so the search and every number in it are the same in whatever slices it is done.
    pub fn advance(&mut self, states: usize) -> ExplorerProgress {
        let mut left = 0;
        while self.verdict.is_none() && left < states {
            if self.search.is_between_blocks() && self.search.states() as u64 >= u64::from(self.config.bounds.states) {
                self.verdict = Some(Verdict::StatesReached);
                break;
            }
            match self.search.advance(self.config.bounds.depth, states - left) {
                None if self.search.frontier() == 0 => self.verdict = Some(Verdict::Exhausted),
                None => self.verdict = Some(Verdict::DepthReached),
                Some(Ok(done)) => left += done,
                Some(Err(broken)) => {
                    self.verdict = Some(Verdict::Violated);
                    self.broken = Some(broken);
                }
            }
        }
        self.progress()
    }

    /// Whether the search has ended.
    pub const fn is_over(&self) -> bool {
        self.verdict.is_some()
    }

    /// How far it is.
    pub fn progress(&self) -> ExplorerProgress {
        let search = &self.search;
        ExplorerProgress {
            states: search.states() as u64,
            generated: search.tally.generated,
            beyond: search.tally.beyond,
            depth: search.depth(),
            frontier: search.frontier() as u64,
            per_depth: search.per_depth.clone(),
            servers: search.tables.servers.items.len() as u64,
            messages: search.tables.messages.items.len() as u64,
            bytes: search.bytes() as u64,
            table_bytes: search.tables.bytes() as u64,
            verdict: self.verdict,
        }
    }

    /// The shortest way to what is broken, if something is.
    pub fn counterexample(&mut self) -> Option<Counterexample> {
        let broken = self.broken.clone()?;
        let mut ordinals = vec![broken.ordinal];
        let mut state = broken.from;
        while let Some((parent, ordinal)) = self.search.parent(state) {
            ordinals.push(ordinal);
            state = parent;
        }
        ordinals.reverse();
        let steps = ordinals.len();
        let walk = self.replay(&ordinals)?;
        let scenario = tell::scenario(&self.config, &walk, &broken.invariants);
        Some(Counterexample { invariants: broken.invariants, steps, scenario })
    }

    /// Goes the way of the numbered steps, from the start.
    fn replay(&mut self, ordinals: &[u16]) -> Option<Walk> {
        let search = &mut self.search;
        let mut walk = self.start.clone();
        let mut words = self.start.words(&search.tables, search.drops_idle);
        let (mut moves, mut next) = (Vec::new(), Vec::new());
        for &ordinal in ordinals {
            let state = search.state(&words);
            state.moves(&search.tables, &search.menu, &mut moves);
            let one = *moves.get(usize::from(ordinal))?;
            walk.take(one.step, &mut search.tables).ok()?;
            search.build(search.state(&words), &one, &mut next);
            std::mem::swap(&mut words, &mut next);
        }
        Some(walk)
    }
}

/// The search before its first step, and what happened before it.
fn begin(config: &ExplorerConfig) -> Result<(Search, Walk), SimError> {
    config.validate()?;
    let mut tables = Tables::new(config);
    let has_clients = config.bounds.reads > 0;
    let command = |number: u32| {
        let (client, value) = (format!("c{number}"), number.to_string());
        let session = has_clients.then_some((client.as_str(), 1));
        Command { session, change: Change::Put { key: "x", value: &value } }.encode()
    };
    let proposals = (1..=config.bounds.proposals).map(|number| tables.command(command(number), has_clients));
    let menu = Menu::of(&config.bounds, config.changes.len(), proposals.collect());
    let start = Walk::new(config, &mut tables)?;
    // A term that comes back makes old replies new again.
    let drops_idle = config.drop_stale && !config.slow_disks && config.rule_set().has(Rule::PersistTerm);
    let words = start.words(&tables, drops_idle);
    let total = config.servers + config.spares;
    Ok((Search::new(tables, menu, total, drops_idle, &words), start))
}
