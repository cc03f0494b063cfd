//! What the faults do.

use raft_core::{Configuration, Node};

use super::{Chaos, Fault};
use crate::action::{Action, KindName, Membership, MessagePattern, MessageSelector, Pick};
use crate::time::Time;
use crate::world::{Server, Status, World};

impl Chaos {
    pub(super) fn actions(&mut self, fault: Fault, world: &World) -> Vec<Action> {
        let one = |action: Action| vec![action];
        match fault {
            Fault::Crash => {
                let lose_unsynced = !self.stream.happens(self.mix.gentle_crash_permille);
                self.victim(world).map_or_else(Vec::new, |server| one(Action::Crash { server, lose_unsynced }))
            }
            Fault::Bounce => {
                let victim = self.victim(world);
                let bounce = |server| vec![Action::Crash { server, lose_unsynced: true }, Action::Restart { server }];
                victim.map_or_else(Vec::new, bounce)
            }
            Fault::Restart => {
                let crashed = self.pick(world, |server| server.status() == Status::Crashed);
                crashed.map_or_else(Vec::new, |server| one(Action::Restart { server }))
            }
            Fault::Pause => self.victim(world).map_or_else(Vec::new, |server| one(Action::Pause { server })),
            Fault::Resume => {
                let paused = self.pick(world, |server| server.status() == Status::Paused);
                paused.map_or_else(Vec::new, |server| one(Action::Resume { server }))
            }
            Fault::Partition => vec![Action::Heal, Action::Partition { groups: self.groups(world) }],
            Fault::Isolate => {
                let Some(alone) = self.victim(world) else { return Vec::new() };
                let others = world.servers().iter().map(|server| server.id().0).filter(|&id| id != alone).collect();
                one(Action::Partition { groups: vec![others] })
            }
            Fault::Heal => one(Action::Heal),
            Fault::Cut | Fault::CutOneWay | Fault::Mend => {
                let Some((a, b)) = self.pair(world) else { return Vec::new() };
                let one_way = fault == Fault::CutOneWay;
                one(if fault == Fault::Mend { Action::Mend { a, b, one_way } } else { Action::Cut { a, b, one_way } })
            }
            Fault::ClockRate => {
                let at = self.below(self.mix.clock_rates.len());
                let permille = self.mix.clock_rates[at];
                self.pick(world, |_| true)
                    .map_or_else(Vec::new, |server| one(Action::SetClockRate { server, permille }))
            }
            Fault::DiskLatency => {
                let ms = Time::of_ticks([0, 0, 1, 5, 20, 80][self.below(6)]);
                self.pick(world, |_| true)
                    .map_or_else(Vec::new, |server| one(Action::SetDiskLatency { server, ms, max_ms: None }))
            }
            Fault::Loss => {
                let permille = [0, 0, 50, 200, 500][self.below(5)];
                let (a, b) = self.pair(world).unzip();
                one(Action::SetLoss { a, b, permille, one_way: false })
            }
            Fault::Latency => {
                let (min, max) = [(1, 1), (1, 20), (5, 15), (1, 100), (50, 90)][self.below(5)];
                let (a, b) = self.pair(world).unzip();
                one(Action::SetLatency {
                    a,
                    b,
                    min_ms: Time::of_ticks(min),
                    max_ms: Time::of_ticks(max),
                    one_way: false,
                })
            }
            Fault::Timeout => {
                let up = self.pick(world, |server| server.status() == Status::Up);
                up.map_or_else(Vec::new, |server| one(Action::Timeout { server }))
            }
            Fault::Heartbeat => {
                let up = self.pick(world, leads);
                up.map_or_else(Vec::new, |server| one(Action::Heartbeat { server }))
            }
            Fault::Write => one(self.write(world, None)),
            Fault::WriteSomewhere => {
                let leader = self.pick(world, leads);
                leader.map_or_else(Vec::new, |server| one(self.write(world, Some(server))))
            }
            Fault::Drop => self.message(world).map_or_else(Vec::new, |message| one(Action::Drop { message })),
            Fault::Hold => self.message(world).map_or_else(Vec::new, |message| one(Action::Hold { message })),
            Fault::Release => {
                let held = world.messages().into_iter().find(|message| message.arrives_at.is_none());
                held.map_or_else(Vec::new, |held| {
                    one(Action::Release { message: MessageSelector::Id(held.id.0.into()) })
                })
            }
            Fault::Delay => {
                let ms = Time::of_ticks(self.stream.between(1, self.mix.late_ms));
                self.message(world).map_or_else(Vec::new, |message| one(Action::Delay { message, ms }))
            }
            Fault::LateDuplicate => self.late_duplicate(world),
            Fault::Snapshot => {
                let up = self.pick(world, |server| server.status() == Status::Up);
                up.map_or_else(Vec::new, |server| one(Action::Snapshot { server }))
            }
            Fault::Learn | Fault::Promote | Fault::Demote | Fault::Remove | Fault::Replace => {
                self.change(fault, world).map_or_else(Vec::new, one)
            }
            Fault::CutOffChange => {
                let fault =
                    [Fault::Promote, Fault::Promote, Fault::Remove, Fault::Replace, Fault::Replace][self.below(5)];
                let Some(change) = self.change(fault, world) else { return Vec::new() };
                let cut_off = change.server();
                let others = world.servers().iter().map(|server| server.id().0).filter(|&id| Some(id) != cut_off);
                vec![change, Action::Partition { groups: vec![others.collect()] }]
            }
            Fault::Transfer => {
                let Some(server) = self.pick(world, leads) else { return Vec::new() };
                let voters = configuration_at(world, server).voters().to_vec();
                let at = self.below(voters.len().max(1));
                voters.get(at).map_or_else(Vec::new, |target| {
                    one(Action::TransferLeadership { server: Some(server), target: target.0 })
                })
            }
            Fault::Read => one(self.read(None)),
            Fault::ReadSomewhere => {
                let up = self.victim(world);
                up.map_or_else(Vec::new, |server| one(self.read(Some(server))))
            }
            fault => self.rarer_actions(fault, world),
        }
    }

    /// A change of the membership that some server that believes to lead may take.
    pub(super) fn change(&mut self, fault: Fault, world: &World) -> Option<Action> {
        let server = self.pick(world, leads)?;
        let configuration = configuration_at(world, server);
        let (voters, learners) = (configuration.voters(), configuration.learners());
        let everybody = world.servers().iter().map(Server::id);
        let candidates: Vec<_> = match fault {
            Fault::Learn => everybody.filter(|&id| !configuration.is_member(id)).collect(),
            Fault::Promote => learners.iter().copied().filter(|&id| !lies(world, id)).collect(),
            Fault::Demote => voters.to_vec(),
            Fault::Remove => voters.iter().chain(learners).copied().collect(),
            _ => everybody.collect(),
        };
        let at = self.below(candidates.len().max(1));
        let id = candidates.get(at)?.0;
        let change = match fault {
            Fault::Learn => Membership::AddLearner { add_learner: id },
            Fault::Promote => Membership::AddVoter { add_voter: id },
            Fault::Demote => Membership::Demote { demote: id },
            Fault::Remove => Membership::Remove { remove: id },
            // Only members: others would have to catch up first.
            _ => {
                let (mut voters, mut learners) = (Vec::new(), Vec::new());
                for member in configuration.members() {
                    match self.below(4) {
                        0 | 1 if lies(world, member) => learners.push(member.0),
                        0 | 1 => voters.push(member.0),
                        2 => learners.push(member.0),
                        _ => {}
                    }
                }
                Membership::Replace { voters, learners }
            }
        };
        Some(Action::ChangeMembership { server: Some(server), change })
    }

    /// A copy of a message that arrives long after it.
    fn late_duplicate(&mut self, world: &World) -> Vec<Action> {
        let messages = world.messages();
        if messages.is_empty() {
            return Vec::new();
        }
        let chosen = messages[self.below(messages.len())];
        let (kind, from, to) = (KindName::from(chosen.message.kind()), chosen.message.from.0, chosen.message.to.0);
        let newest = MessagePattern { kind: Some(kind), from: Some(from), to: Some(to), pick: Some(Pick::Newest) };
        let ms = Time::of_ticks(self.stream.between(1, self.mix.late_ms));
        vec![
            Action::Duplicate { message: MessageSelector::Id(chosen.id.0.into()) },
            // The copy is the newest of its kind on this link.
            Action::Delay { message: MessageSelector::Fits(newest), ms },
        ]
    }

    /// A running server, a leader as often as the mix says.
    pub(super) fn victim(&mut self, world: &World) -> Option<u64> {
        let leader = self.pick(world, leads);
        let any = self.pick(world, |server| server.status() != Status::Crashed);
        if self.stream.happens(self.mix.leader_permille) { leader.or(any) } else { any }
    }

    pub(super) fn pick(&mut self, world: &World, fits: impl Fn(&Server) -> bool) -> Option<u64> {
        let fitting: Vec<_> =
            world.servers().iter().filter(|server| fits(server)).map(|server| server.id().0).collect();
        // Drawn even if there is nobody, so that what follows depends on the world as little as can be.
        let at = self.below(fitting.len().max(1));
        fitting.get(at).copied()
    }

    pub(super) fn pair(&mut self, world: &World) -> Option<(u64, u64)> {
        let count = world.servers().len() as u64;
        let (a, step) = (self.stream.between(1, count), self.stream.between(1, count.max(2) - 1));
        (count > 1).then(|| (a, (a - 1 + step) % count + 1))
    }

    /// Two groups, of which now and then neither is a majority because some servers stand alone.
    fn groups(&mut self, world: &World) -> Vec<Vec<u64>> {
        let mut groups = vec![Vec::new(), Vec::new()];
        for server in world.servers() {
            match self.below(7) {
                0..=2 => groups[0].push(server.id().0),
                3..=5 => groups[1].push(server.id().0),
                _ => {}
            }
        }
        groups
    }

    fn message(&mut self, world: &World) -> Option<MessageSelector> {
        let messages = world.messages();
        let at = self.below(messages.len().max(1));
        messages.get(at).map(|message| MessageSelector::Id(message.id.0.into()))
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        self.stream.between(0, count as u64 - 1) as usize
    }
}

/// The configuration that a running server goes by.
fn configuration_at(world: &World, server: u64) -> Configuration {
    let node = world.nodes().find(|node| node.id().0 == server);
    node.map_or_else(Configuration::default, |node| Configuration::clone(node.configuration()))
}

fn lies(world: &World, id: raft_core::NodeId) -> bool {
    world.server_with_id(id.0).is_ok_and(Server::disk_lies)
}

pub(super) fn leads(server: &Server) -> bool {
    server.status() == Status::Up && server.node().is_some_and(|node: &Node| node.role().is_leader())
}

/// A server whose disk lies must not lose power: so its crashes leave the disk alone.
pub(super) fn spare_liars(action: &mut Action, world: &World) {
    if let Action::Crash { server, .. } | Action::Tear { server, .. } = *action
        && world.server_with_id(server).is_ok_and(Server::disk_lies)
    {
        *action = Action::Crash { server, lose_unsynced: false };
    }
}
