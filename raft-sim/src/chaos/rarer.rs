//! What the rarer faults do.

use super::{Chaos, Fault, leads};
use crate::action::Action;
use crate::time::Time;
use crate::world::{Server, Status, World};

impl Chaos {
    pub(super) fn rarer_actions(&mut self, fault: Fault, world: &World) -> Vec<Action> {
        let found = match fault {
            Fault::Tear => {
                let entries = self.below(4) as u32;
                self.victim(world).map(|server| vec![Action::Tear { server, entries }])
            }
            Fault::Lie => {
                // No protocol survives a lie on a quorum, so only a server lies that has never had a vote.
                let first_spare = world.config().servers as u64 + 1;
                let votes = |at: &Server| world.nodes().any(|node| node.configuration().is_voter(at.id()));
                let spare = self.pick(world, |at| at.id().0 >= first_spare && !votes(at));
                spare.map(|server| vec![Action::SetDiskLies { server, on: true }])
            }
            Fault::Truth => {
                let liar = self.pick(world, Server::disk_lies);
                liar.map(|server| vec![Action::SetDiskLies { server, on: false }])
            }
            Fault::ClockJump => {
                let ms = [-400, -100, -10, 10, 100, 400, 2_000][self.below(7)];
                self.victim(world).map(|server| vec![Action::JumpClock { server, ms }])
            }
            Fault::HoldLink | Fault::ReleaseLink | Fault::Flap => {
                let one_way = self.stream.happens(500);
                let (up, down) = ([5, 20, 80][self.below(3)], [5, 20, 200][self.below(3)]);
                self.pair(world).map(|(a, b)| {
                    vec![match fault {
                        Fault::HoldLink => Action::HoldLink { a, b, one_way },
                        Fault::ReleaseLink => Action::ReleaseLink { a, b, one_way },
                        _ => Action::Flap { a, b, up_ms: Time::of_ticks(up), down_ms: Time::of_ticks(down), one_way },
                    }]
                })
            }
            Fault::SlowApply => {
                let ms = Time::of_ticks([0, 0, 2, 10, 50][self.below(5)]);
                self.victim(world).map(|server| vec![Action::SetApplyLatency { server, ms }])
            }
            Fault::Doubling => {
                let permille = [0, 50, 300, 1_000][self.below(4)];
                let (a, b) = self.pair(world).unzip();
                Some(vec![Action::SetDuplication { a, b, permille, one_way: false }])
            }
            Fault::Burst => {
                let count = self.stream.between(10, 60);
                self.pick(world, leads).map(|server| (0..count).map(|_| self.command(server)).collect())
            }
            Fault::Blackout => {
                let up: Vec<_> =
                    world.servers().iter().filter(|at| at.status() != Status::Crashed).map(|at| at.id().0).collect();
                let crashes = up.iter().map(|&server| Action::Crash { server, lose_unsynced: true });
                let everybody = world.servers().iter().map(|at| at.id().0);
                Some(crashes.chain(everybody.map(|server| Action::Restart { server })).collect())
            }
            Fault::Trap(trap) => {
                self.trap = Some((trap, self.next_time.after(super::traps::PATIENCE)));
                // Most traps wait for something to happen to a write.
                Some(vec![self.write(world, None)])
            }
            _ => None,
        };
        found.unwrap_or_default()
    }

    /// A command that no client waits for.
    fn command(&mut self, server: u64) -> Action {
        self.commands += 1;
        Action::Propose { server, command: format!("b{}={}", self.commands % 3, self.commands) }
    }
}
