//! Random operations under random faults, the same for every design.

use raft_sim::contrast::Design;
use raft_sim::{Action, ClusterConfig, ContrastWorld, Scenario, Time, Timeline};
use rand_core::Rng;
use rand_pcg::Pcg32;

/// What clients and faults do in a run.
#[derive(Clone, Copy)]
pub(crate) struct Mix {
    /// How many thousandths of the actions are faults.
    pub(crate) faults: u32,
    /// Operations at random servers, not where a client would go by itself.
    pub(crate) anywhere: bool,
    /// Messages out of a thousand that are lost.
    pub(crate) loss_permille: u32,
    /// Longest time between two actions.
    pub(crate) gap: Time,
}

/// A run of 30 actions about one key, on five servers.
pub(crate) fn run(design: &Design, seed: u64, mix: Mix) -> Timeline<ContrastWorld> {
    let mut config = ClusterConfig::of(5, seed);
    config.design = design.clone();
    config.network.latency_ms = (Time::of_ticks(1), Time::of_ticks(30));
    (config.network.loss_permille, config.network.duplicate_permille) = (mix.loss_permille, mix.faults / 6);
    let mut timeline = Timeline::begin(Scenario::of_cluster(config)).unwrap();
    let mut random = Pcg32::new(seed, 7);
    let mut draw = |below: u32| random.next_u32() % below;
    for number in 0..30 {
        let action =
            if draw(1_000) < mix.faults { fault(&mut draw) } else { operation(&mut draw, number, mix.anywhere) };
        // What is not possible now is left out.
        let _ = timeline.act(&action);
        timeline.advance_to(timeline.shown().after(Time(u64::from(draw(mix.gap.0 as u32)))), usize::MAX);
    }
    timeline.advance_to(timeline.shown().after(Time::of_ticks(5_000)), usize::MAX);
    timeline
}

fn operation(draw: &mut impl FnMut(u32) -> u32, number: u32, anywhere: bool) -> Action {
    let client = format!("c{number}");
    let server = anywhere.then(|| u64::from(draw(5)) + 1);
    let key = "x".to_owned();
    if draw(2) == 0 {
        return Action::ClientWrite { client, key, value: format!("v{number}"), server };
    }
    Action::ClientRead { client, key, server, mode: raft_sim::ReadName::ReadIndex }
}

fn fault(draw: &mut impl FnMut(u32) -> u32) -> Action {
    let server = u64::from(draw(5)) + 1;
    let other = (server + u64::from(draw(4))) % 5 + 1;
    match draw(9) {
        0 => Action::Crash { server, lose_unsynced: true },
        1 | 2 => Action::Restart { server },
        3 => Action::Pause { server },
        4 => Action::Resume { server },
        5 => Action::Cut { a: server, b: other, one_way: draw(2) == 0 },
        6 => Action::Partition {
            groups: vec![vec![server, other], (1..=5).filter(|id| ![server, other].contains(id)).collect()],
        },
        _ => Action::Heal,
    }
}
