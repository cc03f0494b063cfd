//! Single calls: what one of them costs, in a cluster of five, without the work that it brings about elsewhere.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::hint::black_box;

use cpu_time::ThreadTime;

use crate::{median, ours, theirs};

/// Calls of one kind between two looks at the clock. Fewer than the messages that may be on their way to a follower.
pub(crate) const BATCH: usize = 32;

/// A cluster of five, whose server 1 leads, and whose calls can be made one by one.
pub(crate) trait Calls {
    fn start() -> Self;

    /// Proposes a command at the leader; nothing is sent yet.
    fn propose(&mut self);

    /// Proposes a command and lets the leader send it; nothing is delivered yet.
    fn propose_and_send(&mut self);

    /// Hands a follower everything that is on its way to it; returns how many messages.
    fn step_follower(&mut self) -> usize;

    /// Delivers everything.
    fn settle(&mut self);

    /// A follower that has just been made from an empty disk.
    type Fresh;
    fn fresh() -> Self::Fresh;
    fn campaign(fresh: &mut Self::Fresh);
}

pub(crate) fn compare(repetitions: usize) {
    println!("\n| one call, ns | raft-core | tikv raft | ratio |\n|---|---|---|---|");
    row("propose", repetitions, propose::<ours::Ours>, propose::<theirs::TikvLazyCommit>);
    row("step: AppendEntries with one entry", repetitions, step::<ours::Ours>, step::<theirs::TikvLazyCommit>);
    row("campaign", repetitions, campaign::<ours::Ours>, campaign::<theirs::TikvLazyCommit>);
    row("a new node", repetitions, fresh::<ours::Ours>, fresh::<theirs::TikvLazyCommit>);
    let cluster = ours::Ours::with_entries(1_000);
    let clones = median((0..repetitions).map(|_| nanoseconds(200, || drop(black_box(cluster.nodes().to_vec())))));
    let hashes = median((0..repetitions).map(|_| {
        nanoseconds(20, || {
            let mut hasher = DefaultHasher::new();
            cluster.nodes().hash(&mut hasher);
            black_box(hasher.finish());
        })
    }));
    println!("| clone of five nodes with 1,000 entries each | {clones:.0} | cannot | |");
    println!("| hash of five nodes with 1,000 entries each | {hashes:.0} | cannot | |");
}

fn row(name: &str, repetitions: usize, ours: fn() -> f64, theirs: fn() -> f64) {
    // Interleaved, so that whatever disturbs the machine disturbs both.
    let pairs: Vec<(f64, f64)> = (0..repetitions).map(|_| (ours(), theirs())).collect();
    let ratio = median(pairs.iter().map(|(our, their)| their / our));
    let (our, their) = (median(pairs.iter().map(|pair| pair.0)), median(pairs.iter().map(|pair| pair.1)));
    println!("| {name} | {our:.0} | {their:.0} | {ratio:.1} |");
}

fn propose<C: Calls>() -> f64 {
    let mut cluster = C::start();
    timed(100, &mut cluster, |_| {}, |cluster| (0..BATCH).for_each(|_| cluster.propose()), C::settle)
}

fn step<C: Calls>() -> f64 {
    let mut cluster = C::start();
    let send = |cluster: &mut C| (0..BATCH).for_each(|_| cluster.propose_and_send());
    let deliver = |cluster: &mut C| assert_eq!(cluster.step_follower(), BATCH, "the window has room");
    timed(100, &mut cluster, send, deliver, C::settle)
}

fn campaign<C: Calls>() -> f64 {
    let mut nodes: Vec<C::Fresh> = Vec::new();
    timed(
        30,
        &mut nodes,
        |nodes| *nodes = (0..BATCH).map(|_| C::fresh()).collect(),
        |nodes| nodes.iter_mut().for_each(C::campaign),
        Vec::clear,
    )
}

fn fresh<C: Calls>() -> f64 {
    let mut nodes: Vec<C::Fresh> = Vec::with_capacity(BATCH);
    timed(30, &mut nodes, |_| {}, |nodes| nodes.extend((0..BATCH).map(|_| C::fresh())), Vec::clear)
}

/// Nanoseconds of one of the [`BATCH`] calls that `work` makes.
fn timed<T>(
    rounds: usize,
    on: &mut T,
    mut before: impl FnMut(&mut T),
    mut work: impl FnMut(&mut T),
    mut after: impl FnMut(&mut T),
) -> f64 {
    let mut seconds = 0.0;
    for round in 0..2 * rounds {
        before(on);
        let start = ThreadTime::now();
        work(on);
        // The first half warms up.
        if round >= rounds {
            seconds += start.elapsed().as_secs_f64();
        }
        after(on);
    }
    seconds * 1e9 / (rounds * BATCH) as f64
}

fn nanoseconds(times: u32, mut work: impl FnMut()) -> f64 {
    let start = ThreadTime::now();
    (0..times).for_each(|_| work());
    start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}
