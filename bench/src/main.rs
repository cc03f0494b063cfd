//! Compares raft-core with tikv's `raft` on one loop: N nodes in memory, a batch of commands per round, every message
//! delivered, every write handed out and acknowledged, every committed entry handed out and applied.
//!
//! `cargo run --release -p raft-bench` prints markdown. `-- quick` takes a tenth of the time.
//! `-- profile ours 5 1` runs one side alone for some seconds, for a profiler.

mod allocations;
mod calls;
mod ours;
mod theirs;

use std::hint::black_box;

use cpu_time::ThreadTime;

use allocations::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

/// Bytes of each command.
const PAYLOAD: [u8; 16] = *b"set key=value 16";

/// A cluster whose server 1 leads, with nothing on its way.
trait Cluster {
    const NAME: &'static str;

    fn start(nodes: u64) -> Self;

    /// Proposes a batch of commands and delivers messages until none is left.
    fn round(&mut self, batch: usize);

    /// Entries that the leader's state machine has applied.
    fn applied(&self) -> u64;

    /// Messages delivered so far.
    fn messages(&self) -> u64;
}

/// One follower alone, whose election timer never runs out.
trait Idle {
    fn start() -> Self;
    fn tick(&mut self);
}

/// What one repetition measured.
#[derive(Clone, Copy, Default)]
struct Sample {
    entries_per_second: f64,
    messages_per_entry: f64,
    ns_per_message: f64,
}

/// What is done once, as it does not vary.
#[derive(Clone, Copy, Default)]
struct Weight {
    allocations_per_entry: f64,
    bytes_per_entry: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] | ["--bench"] => compare(11, 60_000),
        ["quick"] => compare(3, 20_000),
        ["calls"] => calls::compare(11),
        ["profile", side, nodes, batch] => {
            let (nodes, batch) = (nodes.parse().expect("a number of nodes"), batch.parse().expect("a batch size"));
            match side {
                "ours" => profile::<ours::Ours>(nodes, batch),
                _ => profile::<theirs::Tikv>(nodes, batch),
            }
        }
        _ => eprintln!("usage: raft-bench [quick | calls | profile ours|tikv NODES BATCH]"),
    }
}

fn compare(repetitions: usize, entries: usize) {
    println!(
        "| nodes | batch | crate | entries/s | ratio | messages/entry | ns/message | allocations/entry | bytes/entry and node |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for nodes in [3, 5, 7] {
        for batch in [1, 64, 256] {
            let entries = if batch == 1 { entries } else { 4 * entries };
            let mut samples = [const { Vec::new() }; 3];
            // Interleaved, so that whatever disturbs the machine disturbs all.
            for _ in 0..repetitions {
                samples[0].push(measure::<ours::Ours>(nodes, batch, entries));
                samples[1].push(measure::<theirs::Tikv>(nodes, batch, entries));
                samples[2].push(measure::<theirs::TikvLazyCommit>(nodes, batch, entries));
            }
            let weights = [
                weigh::<ours::Ours>(nodes, batch),
                weigh::<theirs::Tikv>(nodes, batch),
                weigh::<theirs::TikvLazyCommit>(nodes, batch),
            ];
            let names = [ours::Ours::NAME, theirs::Tikv::NAME, theirs::TikvLazyCommit::NAME];
            for ((name, side), weight) in names.iter().zip(&samples).zip(weights) {
                let ratio = median(
                    samples[0].iter().zip(side).map(|(our, their)| our.entries_per_second / their.entries_per_second),
                );
                let of = |field: fn(&Sample) -> f64| median(side.iter().map(field));
                println!(
                    "| {nodes} | {batch} | {name} | {:.0} | {ratio:.2} | {:.2} | {:.0} | {:.2} | {:.0} |",
                    of(|sample| sample.entries_per_second),
                    of(|sample| sample.messages_per_entry),
                    of(|sample| sample.ns_per_message),
                    weight.allocations_per_entry,
                    weight.bytes_per_entry,
                );
            }
        }
    }
    println!(
        "\n`ratio` is how many times faster raft-core is: the median of the ratios of neighbouring repetitions. Time is CPU time of the thread.\n"
    );
    println!("| one node | raft-core | tikv raft |\n|---|---|---|");
    let idle: (Vec<f64>, Vec<f64>) =
        (0..repetitions).map(|_| (idle_tick::<ours::IdleFollower>(), idle_tick::<theirs::IdleFollower>())).unzip();
    println!("| idle tick of a follower, ns | {:.1} | {:.1} |", median(idle.0.into_iter()), median(idle.1.into_iter()));
    let ((our_size, our_heap), (their_size, their_heap)) = (ours::fresh_node_bytes(), theirs::fresh_node_bytes());
    println!("| bytes of a fresh node, struct + heap | {our_size} + {our_heap} | {their_size} + {their_heap} |");
    calls::compare(repetitions);
}

fn measure<C: Cluster>(nodes: u64, batch: usize, entries: usize) -> Sample {
    let mut cluster = C::start(nodes);
    for _ in 0..100 {
        cluster.round(batch);
    }
    let (applied, messages) = (cluster.applied(), cluster.messages());
    let start = ThreadTime::now();
    for _ in 0..entries / batch {
        cluster.round(batch);
    }
    let seconds = start.elapsed().as_secs_f64();
    let (applied, messages) = ((cluster.applied() - applied) as f64, (cluster.messages() - messages) as f64);
    Sample {
        entries_per_second: applied / seconds,
        messages_per_entry: messages / applied,
        ns_per_message: seconds * 1e9 / messages,
    }
}

fn weigh<C: Cluster>(nodes: u64, batch: usize) -> Weight {
    let mut cluster = C::start(nodes);
    for _ in 0..100 {
        cluster.round(batch);
    }
    let applied = cluster.applied();
    let counted = ALLOCATOR.count(|| {
        for _ in 0..6_400 / batch {
            cluster.round(batch);
        }
    });
    let applied = (cluster.applied() - applied) as f64;
    Weight {
        allocations_per_entry: counted.allocations as f64 / applied,
        bytes_per_entry: counted.bytes_kept as f64 / applied / nodes as f64,
    }
}

fn idle_tick<I: Idle>() -> f64 {
    const TICKS: u32 = 2_000_000;
    let mut node = I::start();
    let start = ThreadTime::now();
    for _ in 0..TICKS {
        black_box(&mut node).tick();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(TICKS)
}

fn profile<C: Cluster>(nodes: u64, batch: usize) {
    let start = ThreadTime::now();
    while start.elapsed().as_secs() < 5 {
        let sample = measure::<C>(nodes, batch, 100_000.max(batch));
        println!("{:.0} entries/s, {:.0} ns/message", sample.entries_per_second, sample.ns_per_message);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
