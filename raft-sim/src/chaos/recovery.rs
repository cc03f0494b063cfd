//! The way back: what is healed in which order, and what must come true on the way.

use raft_core::{Configuration, Node, NodeId, QuorumRule, Rpc, Rule, Term};

use super::clients::KEYS;
use super::course::Course;
use super::{Chaos, Unhealthy};
use crate::action::{Action, ReadName};
use crate::condition::Condition;
use crate::event::Outcome;
use crate::random::Stream;
use crate::rules::RuleSet;
use crate::time::Time;
use crate::world::{Server, World};

/// How a cluster is healed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "four independent draws")]
pub(crate) struct Recovery {
    /// At first some servers stay away: each as its number says, as long as the rest is a majority.
    outsiders: Option<[u64; 7]>,
    /// All servers stop and start again at the same moment, on a network that is equally fast everywhere.
    is_blackout: bool,
    /// For how many of the longest election timeouts the leader is watched, before and after the outsiders come back.
    watch: u64,
    /// Whether the rules are on that keep a leader in office; they may have been drawn to be off.
    keeps_leader: bool,
    /// Whether leaders begin with a no-op.
    has_no_op: bool,
    /// Whether a leader that hears nobody steps down; else whoever hears it would follow it for ever.
    checks_quorum: bool,
}

/// How a server stays away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absence {
    CutOff,
    Deaf,
    Mute,
    Frozen,
}

impl Recovery {
    /// The way back that a seed draws.
    pub(crate) fn draw(stream: &mut Stream, rules: RuleSet) -> Self {
        let mut absences = [0; 7];
        for absence in &mut absences {
            *absence = stream.between(0, 7);
        }
        let outsiders = stream.happens(500).then_some(absences);
        let needed = [Rule::PreVote, Rule::CheckQuorum, Rule::VoteStickiness];
        let keeps_leader = needed.into_iter().all(|rule| rules.raft.has(rule));
        let (has_no_op, checks_quorum) = (rules.raft.has(Rule::NoOp), rules.raft.has(Rule::CheckQuorum));
        Self { outsiders, is_blackout: stream.happens(100), watch: 2, keeps_leader, has_no_op, checks_quorum }
    }

    /// The same with outsiders in any case, who stay away for long.
    pub(crate) fn with_permanent_outsiders(mut self, stream: &mut Stream) -> Self {
        let mut absences = [0; 7];
        for absence in &mut absences {
            *absence = stream.between(0, 7);
        }
        self.outsiders = Some(absences);
        self.watch = 20;
        self
    }
}

impl Course {
    /// Heals everything, perhaps a majority first. The cluster must then elect a leader and keep it, take a write, agree,
    /// and have kept every promise.
    pub(crate) fn recover(&mut self, recovery: &Recovery) -> Result<(), Unhealthy> {
        self.begin_recovery();
        let time = self.fresh_moment();
        self.run_before(time)?;
        for action in Chaos::healing(self.world()) {
            self.act(&action, time)?;
        }
        if recovery.is_blackout {
            self.black_out(time)?;
        }
        let outsiders = recovery.outsiders.map(|absences| self.outsiders(&absences, recovery.checks_quorum));
        let outsiders = outsiders.unwrap_or_default();
        if !outsiders.is_empty() {
            self.live_without(&outsiders, recovery, time)?;
        }
        let is_led = Condition::Leader { server: None, term: None };
        self.expect(|world| is_led.holds(world), Unhealthy::NoLeader)?;
        self.write_until_acknowledged()?;
        let is_agreed = |world: &World| world.leader().is_some() && Condition::Converged.holds(world);
        let deadline = self.world().now().after(self.patience());
        // Without a no-op, a leader that has won since then learns only from another write what is committed (§5.4.2).
        if !recovery.has_no_op && !self.run_until(deadline, is_agreed)? {
            self.write_until_acknowledged()?;
        }
        self.expect(is_agreed, Unhealthy::Diverged)?;
        let is_settled = |world: &World| world.furthest().is_some_and(|node| !node.configuration().is_joint());
        let is_over = |world: &World| is_agreed(world) && is_settled(world);
        self.expect(is_over, Unhealthy::Unsettled)?;
        self.expect(|world| is_over(world) && leaders(world) == 1, Unhealthy::ManyLeaders)?;
        self.read_all()?;
        let is_answered = |world: &World| world.operations().iter().all(|operation| operation.returned.is_some());
        self.expect(is_answered, Unhealthy::Unresolved)?;
        self.check_promises()?;
        self.world().audit().map_err(Unhealthy::Confused)
    }

    fn black_out(&mut self, time: Time) -> Result<(), Unhealthy> {
        let (min_ms, max_ms) = (Time::of_ticks(2), Time::of_ticks(2));
        self.act(&Action::SetLatency { a: None, b: None, min_ms, max_ms, one_way: false }, time)?;
        let ids: Vec<_> = self.world().servers().iter().map(|at| at.id().0).collect();
        for &server in &ids {
            self.act(&Action::Crash { server, lose_unsynced: true }, time)?;
        }
        ids.into_iter().try_for_each(|server| self.act(&Action::Restart { server }, time))
    }

    /// Who stays away: as many as are drawn, as long as what remains is a majority by every configuration that anybody
    /// goes by, and somebody in it can win.
    fn outsiders(&self, absences: &[u64; 7], checks_quorum: bool) -> Vec<(u64, Absence)> {
        let world = self.world();
        let configurations: Vec<&Configuration> =
            world.nodes().map(|node| &**node.configuration()).filter(|known| !known.voters().is_empty()).collect();
        let mut away: Vec<(u64, Absence)> = Vec::new();
        for (at, absence) in world.servers().iter().zip(absences.iter().cycle()) {
            let absence = match absence {
                1 if checks_quorum => Absence::Deaf,
                0 | 1 => Absence::CutOff,
                2 => Absence::Mute,
                3 => Absence::Frozen,
                _ => continue,
            };
            let id = at.id();
            let stays = |peer: NodeId| peer != id && away.iter().all(|(other, _)| *other != peer.0);
            if configurations.iter().all(|known| known.is_quorum(QuorumRule::Majority, stays)) {
                away.push((id.0, absence));
            }
        }
        let stays = |peer: NodeId| away.iter().all(|(other, _)| *other != peer.0);
        let can_lead = |node: &Node| stays(node.id()) && can_win(world, node, stays);
        if world.nodes().any(can_lead) { away } else { Vec::new() }
    }

    /// A majority works, while others are away: it must find a leader and keep it, also when the others come back.
    fn live_without(&mut self, outsiders: &[(u64, Absence)], recovery: &Recovery, time: Time) -> Result<(), Unhealthy> {
        let everybody: Vec<_> = self.world().servers().iter().map(|at| at.id().0).collect();
        for &(id, absence) in outsiders {
            for &other in everybody.iter().filter(|other| **other != id) {
                if matches!(absence, Absence::CutOff | Absence::Deaf) {
                    self.act(&Action::Cut { a: other, b: id, one_way: true }, time)?;
                }
                if matches!(absence, Absence::CutOff | Absence::Mute) {
                    self.act(&Action::Cut { a: id, b: other, one_way: true }, time)?;
                }
            }
            if absence == Absence::Frozen {
                self.act(&Action::Pause { server: id }, time)?;
            }
        }
        let is_inside = |id: u64| outsiders.iter().all(|(outsider, _)| *outsider != id);
        // Who was removed and does not know it may campaign in ever later terms; nobody listens (dissertation §4.2.3).
        let leader_inside = |world: &World| {
            let inside = || world.nodes().filter(|node| is_inside(node.id().0));
            let leader = inside().filter(|node| node.role().is_leader()).max_by_key(|node| node.current_term())?;
            let mut voters = inside().filter(|node| leader.configuration().is_voter(node.id()));
            voters
                .all(|node| node.current_term() <= leader.current_term())
                .then(|| (leader.id(), leader.current_term()))
        };
        self.expect(|world| leader_inside(world).is_some(), Unhealthy::NoLeader)?;
        // Until everybody inside has heard of the leader and what was said before it is gone.
        let timeout = Time::of_ticks(self.world().config().options().election_timeout_max.0);
        let wait = |course: &mut Self, timeouts: u64| {
            let end = course.world().now().after(Time(timeout.0 * timeouts)).after(Time(1));
            course.run_before(end).map(|()| end)
        };
        wait(self, 3)?;
        let Some((leader, term)) = leader_inside(self.world()) else { return Err(Unhealthy::NoLeader) };
        let is_steady = recovery.keeps_leader && !self.knows_higher(term) && self.is_settled(leader);
        let deposed = Unhealthy::Deposed { leader: leader.0, term: term.0 };
        let stays = |world: &World| leader_inside(world) == Some((leader, term));
        let time = wait(self, recovery.watch)?;
        if is_steady && !stays(self.world()) {
            return Err(deposed);
        }
        let is_steady = is_steady && !self.knows_higher(term);
        self.act(&Action::Heal, time)?;
        for &(server, _) in outsiders.iter().filter(|(_, absence)| *absence == Absence::Frozen) {
            self.act(&Action::Resume { server }, time)?;
        }
        wait(self, recovery.watch)?;
        let still_leads = self.world().leader().map(|node| (node.id(), node.current_term())) == Some((leader, term));
        if is_steady && !still_leads {
            return Err(deposed);
        }
        if is_steady {
            self.note_stay();
        }
        Ok(())
    }

    /// Whether the leader's configuration is its last one for now, and it belongs to it.
    fn is_settled(&self, leader: NodeId) -> bool {
        self.world().nodes().find(|node| node.id() == leader).is_some_and(|node| {
            let configuration = node.configuration();
            let is_committed = node.log().configuration_index() <= node.commit_index();
            is_committed && !configuration.is_joint() && configuration.is_voter(leader)
        })
    }

    /// Whether anybody knows a later term, or a message may bring one. What is said before an election counts for nothing.
    fn knows_higher(&self, term: Term) -> bool {
        let world = self.world();
        let on_disk = |at: &Server| at.durable().hard_state.current_term;
        let brings = |rpc: &Rpc| !matches!(rpc, Rpc::RequestVote(request) if request.pre_vote);
        world.servers().iter().any(|at| at.node().map_or(on_disk(at), Node::current_term) > term)
            || world.messages().iter().any(|m| {
                // Whoever is asked to take over asks nobody's leave.
                (m.message.term > term && brings(&m.message.rpc)) || m.message.rpc == Rpc::TimeoutNow
            })
    }

    /// Something must come true within ten of the longest election timeouts.
    fn expect(&mut self, is_true: impl Fn(&World) -> bool, otherwise: Unhealthy) -> Result<(), Unhealthy> {
        let deadline = self.world().now().after(self.patience());
        self.run_until(deadline, is_true)?.then_some(()).ok_or(otherwise)
    }

    fn patience(&self) -> Time {
        Time::of_ticks(self.world().config().options().election_timeout_max.0 * 10)
    }

    /// A client that tries again, as clients do, because the server that took its write may have been deposed meanwhile.
    fn write_until_acknowledged(&mut self) -> Result<(), Unhealthy> {
        let patience = self.patience();
        let first = self.world().operations().len();
        let is_acknowledged = |world: &World| {
            let mut own = world.operations().range(first..world.operations().len());
            own.any(|done| matches!(done.returned, Some((_, Outcome::Ok))))
        };
        let mut time = self.fresh_moment();
        let deadline = time.after(patience);
        while time < deadline {
            let (client, key) = ("after".into(), "after".into());
            let value = self.world().operations().len().to_string();
            self.act(&Action::ClientWrite { client, key, value, server: None }, time)?;
            // The world's own time stands still while nothing is due, so the client needs a watch.
            time = time.after(Time(patience.0 / 20));
            if self.run_until(time, is_acknowledged)? {
                return Ok(());
            }
        }
        Err(Unhealthy::NoProgress)
    }

    /// A client looks at what is left, for the judges.
    fn read_all(&mut self) -> Result<(), Unhealthy> {
        let time = self.fresh_moment();
        KEYS.into_iter().try_for_each(|key| {
            let (client, key) = ("after".into(), key.into());
            self.act(&Action::ClientRead { client, key, server: None, mode: ReadName::ReadIndex }, time)
        })
    }

    fn check_promises(&self) -> Result<(), Unhealthy> {
        let Some(latest) = self.world().furthest().map(Node::configuration) else { return Ok(()) };
        for node in self.world().nodes().filter(|node| latest.is_member(node.id())) {
            let commands = self.commands(node);
            for operation in self.world().operations().iter() {
                let Some(command) = operation.command() else { continue };
                let server = node.id().0;
                match operation.returned {
                    Some((_, Outcome::Ok)) if !commands.contains(command.as_bytes()) => {
                        return Err(Unhealthy::Forgotten { server, command });
                    }
                    Some((_, Outcome::Fail)) if commands.contains(command.as_bytes()) => {
                        return Err(Unhealthy::Undead { server, command });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// Whether a server is a voter, as far as it knows, and enough of those who stay have no more than it has.
fn can_win(world: &World, node: &Node, stays: impl Fn(NodeId) -> bool) -> bool {
    let (last_term, last_index) = (node.log().last_term(), node.log().last_index());
    let has_no_more = |peer: NodeId| {
        let peer = world.nodes().find(|other| other.id() == peer);
        peer.is_some_and(|peer| peer.log().is_up_to_date(last_term, last_index))
    };
    let known = node.configuration();
    known.is_voter(node.id()) && known.is_quorum(QuorumRule::Majority, |peer| stays(peer) && has_no_more(peer))
}

/// The members that lead.
fn leaders(world: &World) -> usize {
    let Some(latest) = world.furthest().map(Node::configuration) else { return 0 };
    world.nodes().filter(|node| node.role().is_leader() && latest.is_member(node.id())).count()
}
