//! Symmetry by brute force.

use std::collections::{BTreeSet, VecDeque};

use raft_core::Rename;

use super::search::Followed;
use super::symmetry::Symmetry;
use super::tables::Missing;
use super::*;

/// All states, found one by one and told apart by what they are, not by hashes.
fn all_states(config: &ExplorerConfig) -> (Search, BTreeSet<Vec<u32>>) {
    let (mut search, start) = begin(config).unwrap();
    let first = start.words(&search.tables, search.drops_idle);
    let (mut seen, mut queue) = (BTreeSet::from([first.clone()]), VecDeque::from([first]));
    let (mut moves, mut next, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(words) = queue.pop_front() {
        let state = State { words: &words, total: search.total };
        state.moves(&search.tables, &search.menu, &mut moves);
        for one in &moves {
            while let Followed::Missing = search.follow(state, one, &mut [], &mut next, &mut missing) {
                for missing in missing.drain(..) {
                    match missing {
                        Missing::Turn(server, code) => drop(search.tables.work_out(server, code)),
                        Missing::Memory(past, effect) => drop(search.tables.recall(past, effect)),
                    }
                }
            }
            if let Followed::There = search.follow(state, one, &mut [], &mut next, &mut missing)
                && seen.insert(next.clone())
            {
                queue.push_back(next.clone());
            }
        }
    }
    (search, seen)
}

/// A state under other names, all things numbered again.
fn renamed(search: &mut Search, words: &[u32], symmetry: &Symmetry, way: usize) -> Vec<u32> {
    let name = |id| symmetry.name(way, id);
    let state = State { words, total: search.total };
    let tables = &mut search.tables;
    let mut result = vec![0; search.total];
    for &server in state.servers() {
        let server = tables.servers.get(server).renamed(&name);
        let at = server.id.0 as usize - 1;
        result[at] = tables.server(server);
    }
    let past = tables.pasts.get(state.past()).renamed(&name);
    result.extend([tables.past(past), state.counts().0 as u32, (state.counts().0 >> 32) as u32]);
    let messages = state.messages().iter().map(|&message| tables.messages.get(message).renamed(&name));
    let mut messages: Vec<_> = messages.collect::<Vec<_>>().into_iter().map(|it| tables.message(it)).collect();
    messages.sort_unstable();
    result.extend(messages);
    result
}

/// Goal: without symmetry every state counts, with it every orbit: as many as brute force finds by renaming whole states in
/// all ways, and the steps of a renamed state are the renamed steps.
#[test]
fn symmetry_counts_orbits() {
    for (servers, bounds) in [
        (3, Bounds { timeouts: 1, proposals: 1, drops: 1, ..Bounds::default() }),
        (3, Bounds { timeouts: 2, proposals: 0, crashes: 1, terms: 1, ..Bounds::default() }),
        (2, Bounds { timeouts: 2, proposals: 1, snapshots: 1, duplicates: 1, ..Bounds::default() }),
    ] {
        let symmetric = ExplorerConfig { bounds, drop_stale: false, ..ExplorerConfig::of(servers) };
        let plain = ExplorerConfig { symmetry: false, ..symmetric.clone() };
        let (mut search, states) = all_states(&plain);
        let symmetry = Symmetry::of(&symmetric);
        let orbits: BTreeSet<_> = states
            .iter()
            .map(|words| (0..symmetry.ways()).map(|way| renamed(&mut search, words, &symmetry, way)).min())
            .collect();
        for (config, expected) in [(plain, states.len()), (symmetric, orbits.len())] {
            let mut explorer = Explorer::new(config).unwrap();
            let progress = explorer.advance(usize::MAX);
            assert_eq!((progress.states, progress.verdict), (expected as u64, Some(Verdict::Exhausted)));
        }
        assert!(orbits.len() * symmetry.ways() < states.len() * 2, "{} of {}", orbits.len(), states.len());
    }
}
