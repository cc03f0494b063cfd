//! The two reductions by brute force.

use std::collections::{BTreeSet, VecDeque};

use raft_core::Rename;

use super::code::Code;
use super::expand::{Weighed, Work};
use super::moves::State;
use super::symmetry::Symmetry;
use super::tables::Missing;
use super::*;

/// All states, found one by one and told apart by what they are, not by hashes.
fn all_states(config: &ExplorerConfig) -> (Search, BTreeSet<Vec<u32>>) {
    let (mut search, start) = begin(config).unwrap();
    let first = start.words(&search.tables, search.drops_idle);
    let (mut seen, mut queue) = (BTreeSet::from([first.clone()]), VecDeque::from([first]));
    let (mut work, mut missing) = (Work::default(), Vec::new());
    while let Some(words) = queue.pop_front() {
        let state = State { words: &words, total: search.total };
        let mut moves = Vec::new();
        state.moves(&search.tables, &search.menu, &mut moves);
        search.sums(state, &mut work.here);
        for one in &moves {
            let weighed = loop {
                let weighed = search.weigh(state, one, &mut work, &mut missing);
                if !matches!(weighed, Weighed::Missing) {
                    break weighed;
                }
                for missing in missing.drain(..) {
                    match missing {
                        Missing::Turn(server, code) => drop(search.tables.work_out(server, code)),
                        Missing::Memory(past, effect) => drop(search.tables.recall(past, effect)),
                    }
                }
            };
            if let Weighed::There(_) = weighed {
                let mut next = Vec::new();
                search.build(state, one, &mut next);
                if seen.insert(next.clone()) {
                    queue.push_back(next);
                }
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

/// Goal: what is taken out of flight because it is stale would do nothing, and no crash takes a term back: the real nodes are
/// asked, for all servers and messages that occur in a search, whether they meet there or not.
#[test]
fn stale_replies_do_nothing() {
    let crashes = Bounds { timeouts: 2, proposals: 0, crashes: 1, ..Bounds::default() };
    let all = Bounds { reads: 1, snapshots: 1, transfers: 1, heartbeats: 1, depth: Some(10), ..Bounds::default() };
    for (bounds, at_least) in [(crashes, 200), (all, 200)] {
        let mut explorer =
            Explorer::new(ExplorerConfig { bounds, drop_stale: false, ..ExplorerConfig::of(3) }).unwrap();
        explorer.advance(usize::MAX);
        let tables = &explorer.search.tables;
        let mut stale = 0;
        for (server, known) in (0_u32..).zip(&tables.servers.items) {
            assert_eq!(known.term(), known.disk.hard_state.current_term);
            for (message, sent) in (0_u32..).zip(&tables.messages.items) {
                if sent.to != known.id || known.node.is_none() || !tables.is_idle(message, server) {
                    continue;
                }
                let turn = tables.run(server, Code::deliver(message)).unwrap();
                assert!(turn.server == *known && turn.sent.is_empty(), "{sent:?}");
                assert!(turn.broken.is_empty() && turn.flags == 0 && turn.told.0 == 0, "{sent:?}");
                stale += 1;
            }
        }
        assert!(stale >= at_least, "{stale} pairs");
    }
}
