//! Schedules of single steps: anything may happen, so the two implementations part ways soon. What they still share is
//! said in [`agree`].

use crate::cluster::{Cluster, End, Fate};
use crate::drive::{elect, settle};
use crate::ours::Ours;
use crate::random::Random;
use crate::search::Failure;
use crate::server::{ELECTION_TICKS, HEARTBEAT_TICKS, Server, Setup, Writes};
use crate::theirs::Theirs;

/// One step of a schedule, without effect where it does not apply. Messages are named by their link.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Message {
        link: (u64, u64),
        end: End,
        fate: Fate,
    },
    /// Delivers what is on its way, perhaps each message twice, but loses what comes from or goes to these servers.
    Wave {
        except: Vec<u64>,
        twice: bool,
    },
    /// The same until nobody has anything to say.
    DeliverAll {
        except: Vec<u64>,
    },
    Tick {
        server: u64,
        ticks: u64,
    },
    TickAll {
        ticks: u64,
    },
    Campaign {
        server: u64,
    },
    Propose {
        server: u64,
        command: u64,
    },
    /// To the leader of the highest term, whoever that is.
    ProposeToLeader {
        command: u64,
    },
    Transfer {
        server: u64,
        target: u64,
    },
    Compact {
        server: u64,
    },
    SlowDisk {
        server: u64,
    },
    Sync {
        server: u64,
        writes: Writes,
    },
    Crash {
        server: u64,
    },
    Restart {
        server: u64,
    },
}

/// How often each kind of step comes, in the order of [`step`].
const WEIGHTS: [u64; 16] = [15, 3, 5, 20, 7, 3, 12, 11, 3, 9, 1, 6, 2, 7, 2, 4];

/// A random schedule; the commands are numbered in the order of being proposed. Each schedule has some kinds of step more
/// often than others do, and some not at all: that reaches further than the same mixture every time.
pub(crate) fn make(random: &mut Random, setup: Setup) -> Vec<Step> {
    const LENGTH: u64 = 300;
    let weights = WEIGHTS.map(|weight| weight * [0, 1, 1, 1, 3][random.below(5) as usize]);
    (0..LENGTH).map(|command| step(random, setup, &weights, command)).collect()
}

fn step(random: &mut Random, setup: Setup, weights: &[u64], command: u64) -> Step {
    let server = random.server(setup);
    let link = (server, (server + random.below(setup.servers - 1)) % setup.servers + 1);
    let end = if random.percent(80) { End::Oldest } else { End::Newest };
    // Enough for every lease to run out, or just for a heartbeat or two.
    let ticks = if random.percent(50) { ELECTION_TICKS + 1 } else { 1 + random.below(2 * HEARTBEAT_TICKS) };
    let except = if random.percent(50) { Vec::new() } else { random.servers(setup, 30) };
    match random.weighted(weights) {
        0 => Step::Message { link, end, fate: Fate::Deliver },
        1 => Step::Message { link, end, fate: Fate::Drop },
        2 => Step::Message { link, end, fate: Fate::Duplicate },
        3 => Step::Wave { except, twice: random.percent(25) },
        4 => Step::DeliverAll { except },
        5 => Step::Tick { server, ticks },
        6 => Step::TickAll { ticks },
        7 => Step::Campaign { server },
        8 => Step::Propose { server, command },
        9 => Step::ProposeToLeader { command },
        10 => Step::Transfer { server, target: link.1 },
        11 => Step::Compact { server },
        12 => Step::SlowDisk { server },
        13 => Step::Sync { server, writes: if random.percent(60) { Writes::Oldest } else { Writes::All } },
        14 => Step::Crash { server },
        _ => Step::Restart { server },
    }
}

/// Runs a schedule in both implementations, and checks what must hold in each and between them.
pub(crate) fn run(setup: Setup, schedule: &[Step]) -> Result<Summary, Failure> {
    let (ours, theirs) = (run_one::<Ours>(setup, schedule)?, run_one::<Theirs>(setup, schedule)?);
    agree(&ours, &theirs).map_err(|reason| Failure { at: schedule.len(), reason })?;
    Ok(Summary {
        acknowledged_by_both: in_both(&ours.acknowledged, &theirs.acknowledged).len(),
        leaders: ours.leaders.min(theirs.leaders),
        snapshots: ours.snapshots.min(theirs.snapshots),
    })
}

/// How much happened in a schedule, in the implementation in which it was less.
pub(crate) struct Summary {
    pub(crate) acknowledged_by_both: usize,
    pub(crate) leaders: usize,
    pub(crate) snapshots: usize,
}

/// What became of a schedule in one implementation.
struct Outcome {
    name: &'static str,
    /// Commands that a leader took.
    taken: Vec<u64>,
    /// Commands that were known to be committed before everything was repaired.
    acknowledged: Vec<u64>,
    /// Commands that every state machine has applied at the end.
    applied: Vec<u64>,
    /// How many servers led, one after the other, before everything was repaired.
    leaders: usize,
    /// How many snapshots were installed that came from a leader.
    snapshots: usize,
}

/// Runs a schedule and then repairs everything: all disks finish, all servers run, one is elected and commits a few more
/// commands.
fn run_one<S: Server>(setup: Setup, schedule: &[Step]) -> Result<Outcome, Failure> {
    let failure = |at, reason: String| Failure { at, reason: format!("{}: {reason}", S::NAME) };
    let mut cluster = Cluster::<S>::new(setup);
    let mut taken = Vec::new();
    for (at, step) in schedule.iter().enumerate() {
        play(&mut cluster, step, &mut taken).map_err(|reason| failure(at, reason))?;
    }
    let leaders = cluster.safety.leaders_up_to(u64::MAX);
    let acknowledged = cluster.safety.committed().filter_map(|entry| entry.command).collect();
    let applied = repair(&mut cluster, &mut taken).map_err(|reason| failure(schedule.len(), reason))?;
    Ok(Outcome { name: S::NAME, taken, acknowledged, applied, leaders, snapshots: cluster.snapshots })
}

fn play<S: Server>(cluster: &mut Cluster<S>, step: &Step, taken: &mut Vec<u64>) -> Result<(), String> {
    let mut propose = |cluster: &mut Cluster<S>, server: u64, command: u64| {
        if cluster.run(server, |it| it.propose(command))? == Some(true) {
            taken.push(command);
        }
        Ok(())
    };
    match *step {
        Step::Message { link, end, fate } => cluster.message(link, end, fate),
        Step::Wave { ref except, twice } => {
            let times = if twice { 2 } else { 1 };
            cluster.wave_of_copies(times, |id| !except.contains(&id)).map(drop)
        }
        Step::DeliverAll { ref except } => cluster.deliver_all(|id| !except.contains(&id)),
        Step::Tick { server, ticks } => (0..ticks).try_for_each(|_| cluster.run(server, S::tick).map(drop)),
        Step::TickAll { ticks } => {
            cluster.ids().try_for_each(|id| (0..ticks).try_for_each(|_| cluster.run(id, S::tick).map(drop)))
        }
        Step::Campaign { server } => cluster.run(server, S::campaign).map(drop),
        Step::Propose { server, command } => propose(cluster, server, command),
        Step::ProposeToLeader { command } => match cluster.leader() {
            Some(leader) => propose(cluster, leader, command),
            None => Ok(()),
        },
        Step::Transfer { server, target } => cluster.run(server, |it| it.transfer(target)).map(drop),
        Step::Compact { server } => cluster.run(server, S::compact).map(drop),
        Step::SlowDisk { server } => cluster.run(server, S::slow_disk).map(drop),
        Step::Sync { server, writes } => cluster.run(server, |it| it.sync(writes)).map(drop),
        Step::Crash { server } => {
            cluster.crash(server);
            Ok(())
        }
        Step::Restart { server } => cluster.restart(server),
    }
}

/// Commands that are proposed at the end, higher than all before.
const LAST_COMMANDS: std::ops::Range<u64> = 1_000_000..1_000_003;

fn repair<S: Server>(cluster: &mut Cluster<S>, taken: &mut Vec<u64>) -> Result<Vec<u64>, String> {
    let everybody = |_| true;
    for id in cluster.ids() {
        cluster.restart(id)?;
        cluster.run(id, |server| server.sync(Writes::All))?;
    }
    settle(cluster, &everybody)?;
    let mut leader = None;
    for id in cluster.ids() {
        if leader.is_none() && elect(cluster, id, &everybody)? {
            leader = Some(id);
        }
    }
    let leader = leader.ok_or("nobody can be elected")?;
    for command in LAST_COMMANDS {
        if cluster.run(leader, |server| server.propose(command))? != Some(true) {
            return Err(format!("leader {leader} refuses a command"));
        }
        taken.push(command);
    }
    settle(cluster, &everybody)?;
    let applied = cluster.applied_commands(leader);
    let committed = cluster.safety.committed().count();
    for id in cluster.ids() {
        if cluster.safety.applied(id).len() != committed {
            return Err(format!("server {id} lacks a part of the {committed} committed entries"));
        }
    }
    Ok(applied)
}

/// What every implementation owes its clients after any schedule, so that two of them can differ only in which of the
/// commands they took: what was acknowledged stays; nothing comes from nowhere; nothing is applied twice; and commands
/// are applied in the order in which they were proposed, whoever led. (Of two commands the one that was proposed later,
/// to a leader of a lower term, cannot be committed if the other is: it is in no log of a term in which it could be.)
/// From the last it follows that what both applied, both applied in the same order; it is checked nonetheless.
fn agree(ours: &Outcome, theirs: &Outcome) -> Result<(), String> {
    for Outcome { name, taken, acknowledged, applied, .. } in [ours, theirs] {
        if !applied.starts_with(acknowledged) {
            return Err(format!("{name} applied {applied:?}, but had acknowledged {acknowledged:?}"));
        }
        if let Some(command) = applied.iter().find(|command| !taken.contains(command)) {
            return Err(format!("{name} applied {command}, which no leader had taken"));
        }
        if !applied.is_sorted_by(|a, b| a < b) {
            return Err(format!("{name} applied {applied:?}, not in the order of the proposals"));
        }
        if !LAST_COMMANDS.eq(applied.iter().copied().filter(|command| LAST_COMMANDS.contains(command))) {
            return Err(format!("{name} has not applied what the last leader took: {applied:?}"));
        }
    }
    let (a, b) = (in_both(&ours.applied, &theirs.applied), in_both(&theirs.applied, &ours.applied));
    if a == b { Ok(()) } else { Err(format!("of what both applied, the order differs: {a:?} and {b:?}")) }
}

/// The first list without what is not in the other.
fn in_both(first: &[u64], other: &[u64]) -> Vec<u64> {
    first.iter().copied().filter(|command| other.contains(command)).collect()
}
