//! The timers of a node.
//!
//! | timer | runs in | fires | then |
//! |---|---|---|---|
//! | election | every role but leader | after a random wait without a leader's message or a granted vote | campaign (§5.2) |
//! | heartbeat | leader | every `heartbeat_interval` | an `AppendEntries` to everybody (§5.2) |
//! | quorum | leader | when no quorum has answered for `election_timeout_min` | step down (dissertation §6.2) |
//! | transfer | leader that hands over | after `election_timeout_min` | stay, take proposals again (dissertation §3.10) |

use core::hash::{Hash, Hasher};

use rand_core::Rng;
use rand_pcg::Pcg32;

use crate::node::State;
use crate::node::replication::Leadership;
use crate::{Event, FollowerReason, Node, NodeId, Options, Rule, Rules, Ticks};

/// Counters of one node. Relative, so that two nodes that behave alike from here on are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Timers {
    /// Until the election timer fires; stands still while the node leads.
    election_left: Ticks,
    /// What `election_left` started from.
    election_timeout: Ticks,
    /// The draw that is used for ever when timeouts are not redrawn.
    first_draw: Ticks,
    /// Until the next heartbeat; runs only while the node leads.
    pub(super) heartbeat_left: Ticks,
    /// Since a leader was last heard; stops counting at `election_timeout_min`.
    pub(super) leader_silence: Ticks,
}

/// The timer that a reader watches running out.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{Ticks, Timer};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// let node = cluster.node(1);
/// node.tick();
/// let Timer::Election { left, total } = node.timer() else { panic!("only leaders have a heartbeat timer") };
/// assert_eq!(left, Ticks(total.0 - 1));
/// node.campaign();
/// cluster.settle();
/// assert_eq!(cluster.node(1).timer(), Timer::Heartbeat { left: Ticks(50), total: Ticks(50) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Time until the node campaigns.
    Election {
        /// Ticks left.
        left: Ticks,
        /// Ticks it started from.
        total: Ticks,
    },
    /// Time until the leader's next heartbeat.
    Heartbeat {
        /// Ticks left.
        left: Ticks,
        /// Ticks it started from.
        total: Ticks,
    },
}

impl Timers {
    pub(super) fn new(options: &Options, rules: Rules, is_restart: bool, random: &mut Random) -> Self {
        let first_draw = draw(options, rules, random);
        // Before the crash this server may have protected a leader that now answers reads from its lease.
        let may_owe_a_lease = is_restart && options.lease_drift_permille.is_some();
        Self {
            election_left: first_draw,
            election_timeout: first_draw,
            first_draw,
            heartbeat_left: Ticks(0),
            // Otherwise nobody has been heard: the first candidate need not wait.
            leader_silence: if may_owe_a_lease { Ticks(0) } else { options.election_timeout_min },
        }
    }
}

impl Node {
    /// Lets one tick pass.
    pub fn tick(&mut self) {
        self.advance(Ticks(1));
    }

    /// Lets `ticks` pass, exactly as that many calls of [`Node::tick`] would, but only as much work as timers fire.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{Role, Ticks};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// let node = cluster.node(1);
    /// let mut twin = node.clone();
    /// node.advance(Ticks(10));
    /// (0..10).for_each(|_| twin.tick());
    /// assert_eq!(*node, twin);
    /// node.advance(node.ticks_until_deadline());
    /// assert_eq!(node.role(), Role::PreCandidate);
    /// ```
    pub fn advance(&mut self, ticks: Ticks) {
        let mut left = ticks.0;
        loop {
            let next = self.ticks_until_deadline().0;
            if left < next {
                return self.count_down(left);
            }
            left -= next;
            self.count_down(next);
            self.fire();
        }
    }

    /// Sends a leader's heartbeats now, as if its heartbeat timer had run out. Nobody else has that timer.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{MessageKind, Ready};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let (leader, mut ready) = (cluster.node(1), Ready::default());
    /// leader.fire_heartbeat();
    /// leader.drain_into(&mut ready);
    /// assert!(ready.messages.iter().map(|message| message.kind()).eq([MessageKind::AppendEntries; 2]));
    /// ```
    pub fn fire_heartbeat(&mut self) {
        if self.role().is_leader() {
            self.timers.heartbeat_left = self.options.heartbeat_interval;
            self.heartbeat();
        }
    }

    /// Ticks until something happens by itself. A driver may sleep that long and then [`Node::advance`] at once.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::Ticks;
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let leader = cluster.node(1);
    /// assert_eq!(leader.ticks_until_deadline(), Ticks(50)); // the next heartbeat
    /// leader.advance(Ticks(20));
    /// assert_eq!(leader.ticks_until_deadline(), Ticks(30));
    /// ```
    pub fn ticks_until_deadline(&self) -> Ticks {
        let State::Leader(leadership) = &self.state else {
            return self.timers.election_left;
        };
        let heartbeat_left = self.timers.heartbeat_left;
        let quorum_left = if self.everybody_answers() { heartbeat_left } else { self.quorum_left() };
        let transfer_left = leadership.transfer.as_ref().map_or(heartbeat_left, |transfer| transfer.left);
        heartbeat_left.min(quorum_left).min(transfer_left)
    }

    /// The timer that a reader watches running out.
    pub fn timer(&self) -> Timer {
        match &self.state {
            State::Leader(_) => {
                Timer::Heartbeat { left: self.timers.heartbeat_left, total: self.options.heartbeat_interval }
            }
            _ => Timer::Election { left: self.timers.election_left, total: self.timers.election_timeout },
        }
    }

    /// How long a leader is still protected: one that was heard, or this node itself while a quorum answers.
    pub(super) fn lease_left(&self) -> Ticks {
        let silence = match &self.state {
            State::Leader(_) => self.quorum_silence(),
            _ => self.timers.leader_silence,
        };
        Ticks(self.options.election_timeout_min.0.saturating_sub(silence.0))
    }

    pub(super) fn restart_election_timer(&mut self) {
        let timeout = self.wait_anew();
        self.event(Event::ElectionTimeoutDrawn { timeout });
    }

    /// Starts the wait for the leader's next sign of life. The draw is no event: it happens with every heartbeat.
    pub(super) fn heard_from_leader(&mut self) {
        self.wait_anew();
        self.timers.leader_silence = Ticks(0);
    }

    fn wait_anew(&mut self) -> Ticks {
        // Drawn anew for every wait, or two servers with equal draws would tie for ever (§5.2).
        let timeout = if self.rules.has(Rule::RedrawTimeout) {
            draw(&self.options, self.rules, &mut self.random)
        } else {
            self.timers.first_draw
        };
        self.timers.election_left = timeout;
        self.timers.election_timeout = timeout;
        timeout
    }

    fn count_down(&mut self, ticks: u64) {
        let cap = self.options.election_timeout_min.0;
        let timers = &mut self.timers;
        timers.leader_silence = Ticks((timers.leader_silence.0 + ticks).min(cap));
        match &mut self.state {
            State::Leader(leadership) => {
                timers.heartbeat_left = Ticks(timers.heartbeat_left.0.saturating_sub(ticks));
                for peer in &mut leadership.progress {
                    peer.silence = Ticks((peer.silence.0 + ticks).min(cap));
                    if let Some(catch_up) = peer.catch_up.as_mut().filter(|round| round.target > peer.match_index) {
                        catch_up.ticks = Ticks((catch_up.ticks.0 + ticks).min(cap));
                        catch_up.is_caught_up &= catch_up.ticks.0 < cap;
                    }
                }
                if let Some(transfer) = &mut leadership.transfer {
                    transfer.left = Ticks(transfer.left.0.saturating_sub(ticks));
                }
                for (_, age) in &mut leadership.rounds {
                    *age = Ticks((age.0 + ticks).min(cap));
                }
            }
            _ => timers.election_left = Ticks(timers.election_left.0.saturating_sub(ticks)),
        }
    }

    fn fire(&mut self) {
        if !self.role().is_leader() {
            return self.election_timeout();
        }
        if self.quorum_left().0 == 0 {
            return self.become_follower(None, FollowerReason::NoQuorum);
        }
        if let State::Leader(Leadership { transfer: Some(transfer), .. }) = &self.state
            && transfer.left.0 == 0
        {
            self.abort_transfer();
        }
        if self.timers.heartbeat_left.0 == 0 {
            self.fire_heartbeat();
        }
    }

    /// Whether every voter was heard so lately that the next heartbeat comes before any silence counts. Then a quorum was,
    /// too, without a search for it.
    fn everybody_answers(&self) -> bool {
        let cap = self.options.election_timeout_min.0;
        let configuration = self.configuration();
        configuration.voters().iter().chain(configuration.voters_outgoing()).all(|&id| {
            id == self.id
                || self
                    .progress_of(id)
                    .is_some_and(|peer| peer.silence.0.saturating_add(self.timers.heartbeat_left.0) <= cap)
        })
    }

    /// Until the leader must have heard from a quorum again.
    fn quorum_left(&self) -> Ticks {
        if self.rules.has(Rule::CheckQuorum) { self.lease_left() } else { Ticks(u64::MAX) }
    }

    /// Ticks since a quorum, the leader included, was heard.
    fn quorum_silence(&self) -> Ticks {
        let cap = self.options.election_timeout_min.0;
        let freshness = self.configuration().reached(self.quorum_rule(), |id| match self.progress_of(id) {
            Some(progress) => cap - progress.silence.0,
            None if id == self.id => cap,
            None => 0,
        });
        Ticks(cap.saturating_sub(freshness))
    }
}

fn draw(options: &Options, rules: Rules, random: &mut Random) -> Ticks {
    let Ticks(min) = options.election_timeout_min;
    let spread = options.election_timeout_max.0 - min + 1;
    if !rules.has(Rule::RandomisedTimeout) {
        return Ticks(min);
    }
    // The high part of a 32-bit draw times the spread: portable, and even enough for a wait.
    Ticks(min + ((u64::from(random.next_u32()) * spread) >> 32))
}

/// The source of election timeouts: portable and value-stable, one stream per server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Random(Pcg32);

impl Random {
    pub(super) fn new(seed: u64, node: NodeId) -> Self {
        Self(Pcg32::new(seed, node.0))
    }

    pub(super) fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
}

impl Hash for Random {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The generator hides its state; equal generators give equal numbers, which is all that a hash needs.
        self.0.clone().next_u64().hash(state);
    }
}
