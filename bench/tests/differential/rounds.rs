//! Schedules of rounds, each so complete that the protocol itself defines its outcome, whatever the timing and the number
//! of messages: after every round both clusters must be equal.

use std::fmt;

use crate::cluster::{Cluster, End, Fate};
use crate::drive::{elect, forget_leaders, is_quorum, settle};
use crate::ours::Ours;
use crate::random::Random;
use crate::search::Failure;
use crate::server::{Server, Setup, View};
use crate::theirs::Theirs;

/// One round. It begins and ends with no message on its way. Servers that are cut off are out of reach, and for them no
/// time passes: a leader that is cut off goes on leading until it is back.
#[derive(Clone, Debug)]
pub(crate) enum Round {
    /// All leases run out, then the candidate campaigns until it leads, or it is clear that it cannot. As a leader it is
    /// asked at once to replicate commands.
    Elect {
        candidate: u64,
        commands: Vec<u64>,
        cut: Vec<u64>,
        reach: Reach,
    },
    /// The candidate gets as far as asking for votes; the answers are lost.
    LoseVotes {
        candidate: u64,
        cut: Vec<u64>,
    },
    /// Two servers campaign at once in a cluster that is of one mind. The requests of the first arrive, then these servers
    /// crash and restart, then the requests of the second arrive.
    Race {
        first: u64,
        second: u64,
        cut: Vec<u64>,
        restart: Vec<u64>,
    },
    /// While somebody leads, another server campaigns.
    Challenge {
        candidate: u64,
        cut: Vec<u64>,
    },
    /// A leader that has told all it knows is asked to hand over.
    Transfer {
        server: u64,
        target: u64,
        cut: Vec<u64>,
    },
    /// A server is asked to replicate commands.
    Propose {
        server: u64,
        commands: Vec<u64>,
        cut: Vec<u64>,
        reach: Reach,
    },
    /// The same, but these servers crash before anything of it is on their disks.
    LoseWrites {
        server: u64,
        commands: Vec<u64>,
        cut: Vec<u64>,
        crash: Vec<u64>,
        waves: u64,
    },
    /// Everything is delivered.
    Settle {
        cut: Vec<u64>,
    },
    /// Commands are replicated in full, then these servers replace their logs by snapshots.
    Compact {
        server: u64,
        commands: Vec<u64>,
        compact: Vec<u64>,
        cut: Vec<u64>,
    },
    Crash {
        server: u64,
    },
    Restart {
        server: u64,
    },
}

/// How far the messages of a round get.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reach {
    /// As many one-way trips; then everything is lost. 0: nothing is sent, 1: the entries arrive, 2: so do the answers.
    Waves(u64),
    /// To the end, heartbeats included.
    Settled,
}

/// A random schedule; the commands are numbered in the order of being proposed.
pub(crate) fn make(random: &mut Random, setup: Setup) -> Vec<Round> {
    const LENGTH: u64 = 40;
    let mut guess = Guess { leader: 1, down: Vec::new() };
    (0..LENGTH).map(|number| guess.round(random, setup, number)).collect()
}

/// What is likely to be so after the rounds made up to now, so that most rounds come to something.
struct Guess {
    leader: u64,
    down: Vec<u64>,
}

impl Guess {
    fn round(&mut self, random: &mut Random, setup: Setup, number: u64) -> Round {
        let mut server = random.server(setup);
        if self.down.contains(&server) {
            server = random.server(setup);
        }
        let cut = if random.percent(40) { Vec::new() } else { random.servers(setup, 30) };
        let reach = if random.percent(40) { Reach::Settled } else { Reach::Waves(random.below(6)) };
        let commands: Vec<u64> = (0..=random.below(3)).map(|i| 10 * number + i).collect();
        // Mostly to the server that may lead, sometimes to another.
        let asked = if random.percent(80) { self.leader } else { server };
        match random.below(100) {
            0..28 => {
                self.leader = server;
                let commands = commands[..random.below(1 + commands.len() as u64) as usize].to_vec();
                Round::Elect { candidate: server, commands, cut: without(cut, server), reach }
            }
            28..32 => Round::LoseVotes { candidate: server, cut: without(cut, server) },
            32..36 => {
                let second = server % setup.servers + 1;
                let restart = without(without(random.servers(setup, 50), server), second);
                Round::Race { first: server, second, cut: without(without(cut, server), second), restart }
            }
            36..38 => Round::Challenge { candidate: server, cut: without(cut, server) },
            38..40 => {
                let asked = self.leader;
                self.leader = server;
                Round::Transfer { server: asked, target: server, cut: without(cut, asked) }
            }
            40..65 => Round::Propose { server: asked, commands, cut: without(cut, asked), reach },
            65..73 => {
                let (crash, waves) = (random.servers(setup, 25), random.below(6));
                self.down.extend(&crash);
                Round::LoseWrites { server: asked, commands, cut: without(cut, asked), crash, waves }
            }
            73..76 => Round::Settle { cut },
            76..84 => {
                let compact = random.servers(setup, 80);
                Round::Compact { server: asked, commands, compact, cut: without(cut, asked) }
            }
            84..89 => {
                let server = if random.percent(50) { self.leader } else { server };
                self.down.push(server);
                Round::Crash { server }
            }
            _ => {
                let server = self.down.first().copied().unwrap_or(server);
                self.down.retain(|&id| id != server);
                Round::Restart { server }
            }
        }
    }
}

fn without(mut servers: Vec<u64>, server: u64) -> Vec<u64> {
    servers.retain(|&id| id != server);
    servers
}

/// What must be equal after a round.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Whether the candidate won, or how many commands were taken.
    done: usize,
    /// Everybody who leads, of whatever term.
    leaders: Vec<u64>,
    /// All logs; of a server that is down, the log on its disk.
    logs: Vec<Vec<Seen>>,
    /// Everything that was ever known to be committed.
    committed: Vec<Seen>,
    /// What each server within reach of the leader has applied.
    applied: Vec<Vec<Seen>>,
}

/// An entry: its command, and its term as the number of leaders up to it. The number of the term itself depends on how many
/// elections failed, and on who heard of them.
#[derive(PartialEq)]
struct Seen(usize, Option<u64>);

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(command) => write!(f, "{}:{command}", self.0),
            None => write!(f, "{}:-", self.0),
        }
    }
}

/// Runs a schedule in both implementations, and compares after every round.
pub(crate) fn run(setup: Setup, schedule: &[Round]) -> Result<Summary, Failure> {
    let (mut ours, mut theirs) = (Cluster::<Ours>::new(setup), Cluster::<Theirs>::new(setup));
    let mut summary = Summary::default();
    for (at, round) in schedule.iter().enumerate() {
        let outcome = |name, result: Result<Outcome, String>| {
            result.map_err(|reason| Failure { at, reason: format!("{name}: {reason}") })
        };
        let (our, their) =
            (outcome(Ours::NAME, play(&mut ours, round))?, outcome(Theirs::NAME, play(&mut theirs, round))?);
        if our != their {
            return Err(Failure { at, reason: format!("raft-core: {our:?}\ntikv raft: {their:?}") });
        }
        summary.committed = our.committed.len();
    }
    summary.snapshots = ours.snapshots.min(theirs.snapshots);
    summary.leaders = ours.safety.leaders_up_to(u64::MAX);
    Ok(summary)
}

/// How much happened in a schedule.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) committed: usize,
    pub(crate) leaders: usize,
    /// How many were installed, in the implementation in which it was less.
    pub(crate) snapshots: usize,
}

fn play<S: Server>(cluster: &mut Cluster<S>, round: &Round) -> Result<Outcome, String> {
    let nobody = Vec::new();
    let (cut, reach) = match round {
        Round::Elect { cut, reach, .. } | Round::Propose { cut, reach, .. } => (cut, *reach),
        Round::LoseVotes { cut, .. } | Round::Race { cut, .. } | Round::Compact { cut, .. } => (cut, Reach::Waves(0)),
        Round::LoseWrites { cut, waves, .. } => (cut, Reach::Waves(*waves)),
        Round::Challenge { cut, .. } | Round::Transfer { cut, .. } | Round::Settle { cut } => (cut, Reach::Settled),
        Round::Crash { .. } | Round::Restart { .. } => (&nobody, Reach::Waves(0)),
    };
    let reachable = |id: u64| !cut.contains(&id);
    let mut done = 0;
    match round {
        Round::Elect { candidate, commands, .. } => {
            if elect(cluster, *candidate, &reachable)? {
                done = 1 + propose(cluster, *candidate, commands)?;
            }
        }
        Round::LoseVotes { candidate, .. } => lose_votes(cluster, *candidate, &reachable)?,
        Round::Race { first, second, restart, .. } => race(cluster, *first, *second, restart, &reachable)?,
        Round::Challenge { candidate, .. } => challenge(cluster, *candidate, &reachable)?,
        Round::Transfer { server, target, .. } => {
            settle(cluster, &reachable)?;
            cluster.run(*server, |it| it.transfer(*target))?;
        }
        Round::Propose { server, commands, .. } => {
            if !matches!(reach, Reach::Waves(0)) {
                settle(cluster, &reachable)?;
            }
            done = propose(cluster, *server, commands)?;
        }
        Round::LoseWrites { server, commands, crash, .. } => {
            settle(cluster, &reachable)?;
            for &id in crash {
                cluster.run(id, S::slow_disk)?;
            }
            done = propose(cluster, *server, commands)?;
        }
        Round::Settle { .. } => {}
        Round::Compact { server, commands, compact: servers, .. } => {
            settle(cluster, &reachable)?;
            done = propose(cluster, *server, commands)?;
            compact(cluster, servers, &reachable)?;
        }
        Round::Crash { server } => cluster.crash(*server),
        Round::Restart { server } => cluster.restart(*server)?,
    }
    match reach {
        Reach::Waves(waves) => {
            let waves = if is_far_apart(cluster, &reachable) { waves.min(2) } else { waves };
            (0..waves).try_for_each(|_| cluster.wave(reachable).map(drop))?;
        }
        Reach::Settled => settle(cluster, &reachable)?,
    }
    if let Round::LoseWrites { crash, .. } = round {
        for &id in crash {
            cluster.crash(id);
        }
    }
    cluster.drop_messages()?;
    let is_told = matches!(reach, Reach::Settled);
    Ok(outcome(cluster, done, |id| is_told && reachable(id)))
}

fn propose<S: Server>(cluster: &mut Cluster<S>, server: u64, commands: &[u64]) -> Result<usize, String> {
    let mut taken = 0;
    for &command in commands {
        taken += usize::from(cluster.run(server, |it| it.propose(command))? == Some(true));
    }
    Ok(taken)
}

fn lose_votes<S: Server>(
    cluster: &mut Cluster<S>,
    candidate: u64,
    reachable: &impl Fn(u64) -> bool,
) -> Result<(), String> {
    forget_leaders(cluster, reachable)?;
    cluster.run(candidate, S::campaign)?;
    // The pre-vote there and back, and the request.
    (0..3).try_for_each(|_| cluster.wave(reachable).map(drop))
}

fn race<S: Server>(
    cluster: &mut Cluster<S>,
    first: u64,
    second: u64,
    restart: &[u64],
    reachable: &impl Fn(u64) -> bool,
) -> Result<(), String> {
    if !elect(cluster, first, reachable)? {
        return Ok(());
    }
    settle(cluster, reachable)?;
    forget_leaders(cluster, reachable)?;
    for candidate in [first, second] {
        cluster.run(candidate, S::campaign)?;
    }
    // The pre-votes there and back.
    (0..2).try_for_each(|_| cluster.wave(reachable).map(drop))?;
    for voter in cluster.ids().filter(|&id| reachable(id)) {
        cluster.message((first, voter), End::Oldest, Fate::Deliver)?;
    }
    for &id in restart {
        cluster.crash(id);
        cluster.restart(id)?;
    }
    cluster.deliver_all(reachable)
}

fn challenge<S: Server>(
    cluster: &mut Cluster<S>,
    candidate: u64,
    reachable: &impl Fn(u64) -> bool,
) -> Result<(), String> {
    settle(cluster, reachable)?;
    let leader = cluster.ids().filter(|&id| reachable(id)).find(|&id| cluster.leads(id));
    if let Some(leader) = leader {
        cluster.run(candidate, S::campaign)?;
        cluster.deliver_all(reachable)?;
        if !cluster.leads(leader) {
            return Err(format!("leader {leader} is deposed by {candidate}, although a quorum hears it"));
        }
    }
    Ok(())
}

fn compact<S: Server>(
    cluster: &mut Cluster<S>,
    servers: &[u64],
    reachable: &impl Fn(u64) -> bool,
) -> Result<(), String> {
    settle(cluster, reachable)?;
    // Without a leader it is not defined how much the servers know to be committed.
    if is_quorum(cluster, reachable) && cluster.ids().any(|id| reachable(id) && cluster.leads(id)) {
        for &id in servers.iter().filter(|&&id| reachable(id)) {
            cluster.run(id, S::compact)?;
        }
    }
    Ok(())
}

/// Whether somebody holds entries that the leader does not, or lacks some that the leader has only in its snapshot. How many
/// trips it takes to find where such logs part, or to send the snapshot, is not defined, so only the first trip and its
/// answer are.
fn is_far_apart<S: Server>(cluster: &Cluster<S>, reachable: &impl Fn(u64) -> bool) -> bool {
    let views = || cluster.ids().filter(|&id| reachable(id)).map(|id| cluster.view(id));
    let leader = views().find(|view| view.leads);
    let differs = |leader: &View, view: &View| !leader.log.starts_with(&view.log) || view.log.len() < leader.covered;
    leader.is_some_and(|leader| views().any(|view| differs(&leader, &view)))
}

fn outcome<S: Server>(cluster: &Cluster<S>, done: usize, is_told: impl Fn(u64) -> bool) -> Outcome {
    let safety = &cluster.safety;
    let seen = |entry: &crate::server::Entry| Seen(safety.leaders_up_to(entry.term), entry.command);
    let has_leader = is_quorum(cluster, &is_told) && cluster.ids().any(|id| is_told(id) && cluster.leads(id));
    let told = cluster.ids().filter(|&id| has_leader && is_told(id) && cluster.is_up(id));
    Outcome {
        done,
        leaders: cluster.ids().filter(|&id| cluster.leads(id)).collect(),
        logs: cluster.ids().map(|id| cluster.view(id).log.iter().map(seen).collect()).collect(),
        committed: safety.committed().map(|entry| seen(&entry)).collect(),
        applied: told.map(|id| safety.applied(id).iter().map(seen).collect()).collect(),
    }
}
