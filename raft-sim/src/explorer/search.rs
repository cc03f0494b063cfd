//! The search, breadth first, in blocks of states.
//!
//! A block goes through three phases, which threads share: what is reached from its states gets fingerprints, by reading the
//! tables only; the fingerprints go into the set; what is new is written down. A state that asks for something that the
//! tables do not hold yet waits until it was worked out. Whatever was found is put into order before it is numbered, so
//! that nothing depends on how many threads there were.

use super::expand::{Weighed, Work};
use super::frontier::{BLOCK, Block, Layer, Packed};
use super::moves::{Menu, Move, State};
use super::origins::Origins;
use super::tables::{Missing, Tables};
use super::visited::Visited;
use crate::checker::Invariant;

/// The search so far.
pub(super) struct Search {
    pub(super) tables: Tables,
    pub(super) menu: Menu,
    pub(super) total: usize,
    /// Whether idle messages are dropped.
    pub(super) drops_idle: bool,
    /// One for each thread.
    workers: Vec<Work>,
    visited: Visited,
    origins: Origins,
    /// The states of the depth that is being left, and those that were found beyond it.
    layer: Layer,
    next: Layer,
    /// The block that is being left, how many of its states were, and what was found from there.
    block: Block,
    begun: usize,
    found: Vec<Find>,
    pending: Tally,
    broken: Option<Broken>,
    pub(super) tally: Tally,
    pub(super) per_depth: Vec<u64>,
}

/// How many steps were taken, and how many not because they lead beyond a bound.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) generated: u64,
    pub(super) beyond: u64,
}

/// A state that was reached.
#[derive(Clone, Copy)]
pub(super) struct Find {
    fingerprint: u64,
    /// The state of the block that it was reached from, and the step there.
    at: u32,
    ordinal: u16,
    one: Move,
}

/// What a thread found in its part of a block, besides states.
#[derive(Default)]
struct Part {
    tally: Tally,
    missing: Vec<Missing>,
    /// States of the block that wait for something.
    deferred: Vec<u32>,
    broken: Option<Broken>,
}

/// A step that breaks something.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// The state, and the number of the step there.
    pub(super) from: u32,
    pub(super) ordinal: u16,
    pub(super) invariants: Vec<Invariant>,
}

impl Tally {
    const fn add(&mut self, other: Self) {
        self.generated += other.generated;
        self.beyond += other.beyond;
    }
}

impl Search {
    /// Begins at a state.
    pub(super) fn new(tables: Tables, menu: Menu, total: usize, drops_idle: bool, start: &[u32]) -> Self {
        let mut search = Self {
            tables,
            menu,
            total,
            drops_idle,
            workers: vec![Work::default()],
            visited: Visited::default(),
            origins: Origins::default(),
            layer: Layer::default(),
            next: Layer::default(),
            block: Block::default(),
            begun: 0,
            found: Vec::new(),
            pending: Tally::default(),
            broken: None,
            tally: Tally { generated: 1, beyond: 0 },
            per_depth: vec![1],
        };
        search.visited.insert(search.fingerprint_of(start));
        let mut packed = Packed::default();
        packed.push(start);
        search.layer.push(packed);
        search
    }

    /// Lets several threads search.
    pub(super) fn set_threads(&mut self, threads: usize) {
        self.workers.resize_with(threads.max(1), Work::default);
    }

    pub(super) const fn state<'a>(&self, words: &'a [u32]) -> State<'a> {
        State { words, total: self.total }
    }

    /// Number of different states.
    pub(super) const fn states(&self) -> usize {
        self.origins.len() + 1
    }

    /// Number of states that were found and not left.
    pub(super) fn frontier(&self) -> usize {
        self.block.len() - self.begun + self.layer.len() + self.next.len()
    }

    /// Steps from the start to the states that are being left.
    pub(super) const fn depth(&self) -> u32 {
        self.per_depth.len() as u32 - 1
    }

    /// How the state with a number was reached.
    pub(super) fn parent(&self, state: u32) -> Option<(u32, u16)> {
        self.origins.get(state.checked_sub(1)? as usize)
    }

    /// Bytes that are held for states, without those of the block that is being left.
    pub(super) fn bytes(&self) -> usize {
        self.visited.bytes() + self.origins.bytes() + self.layer.bytes() + self.next.bytes()
    }

    /// Whether all that was found counts.
    pub(super) fn is_between_blocks(&self) -> bool {
        self.begun == self.block.len()
    }

    /// Leaves the rest of a block, or `at_most` states of it. What was found counts when the block is complete, so that nothing
    /// depends on the pieces. `None`: there is nothing left, or the next depth is more than allowed.
    pub(super) fn advance(&mut self, max_depth: Option<u32>, at_most: usize) -> Option<Result<usize, Broken>> {
        if self.is_between_blocks() {
            if self.layer.len() == 0 {
                if self.next.len() == 0 || max_depth.is_some_and(|max| self.depth() >= max) {
                    return None;
                }
                self.layer = std::mem::take(&mut self.next);
                self.per_depth.push(self.layer.len() as u64);
            }
            if max_depth.is_some_and(|max| self.depth() >= max) {
                return None;
            }
            let first = self.block.first + self.block.len() as u32;
            self.layer.pop(first, &mut self.block);
            self.begun = 0;
        }
        let end = self.block.len().min(self.begun.saturating_add(at_most.max(1)));
        let piece: Vec<u32> = (self.begun as u32..end as u32).collect();
        self.begun = end;
        self.leave(&piece);
        if self.is_between_blocks() {
            self.tally.add(std::mem::take(&mut self.pending));
            self.keep();
            if let Some(broken) = self.broken.take() {
                return Some(Err(broken));
            }
        }
        Some(Ok(piece.len()))
    }

    /// Tries everything in some states of the block, and works out on the way what is missing.
    fn leave(&mut self, piece: &[u32]) {
        const WORTH_A_THREAD: usize = 64;
        let mut todo = piece.to_vec();
        while !todo.is_empty() {
            let mut workers = std::mem::take(&mut self.workers);
            let parts = self.in_parts(&todo, &mut workers, WORTH_A_THREAD, Self::leave_part);
            todo.clear();
            let mut missing = Vec::new();
            for (mut part, work) in parts.into_iter().zip(&mut workers) {
                self.found.append(&mut work.found);
                self.pending.add(part.tally);
                missing.append(&mut part.missing);
                todo.append(&mut part.deferred);
                let found = part.broken.into_iter().chain(self.broken.take());
                self.broken = found.min_by_key(|it| (it.from, it.ordinal));
            }
            missing.sort_unstable();
            missing.dedup();
            let run = |search: &Self, _: &mut Work, part: &[Missing]| {
                let run = |missing: &Missing| match *missing {
                    Missing::Turn(server, code) => search.tables.run(server, code),
                    Missing::Memory(..) => None,
                };
                part.iter().map(run).collect::<Vec<_>>()
            };
            let turns = self.in_parts(&missing, &mut workers, WORTH_A_THREAD, run);
            for (missing, turn) in missing.iter().zip(turns.into_iter().flatten()) {
                match *missing {
                    Missing::Turn(server, code) => self.tables.learn(server, code, turn),
                    Missing::Memory(past, effect) => self.tables.remember(past, effect),
                }
            }
            self.workers = workers;
        }
    }

    fn leave_part(&self, work: &mut Work, part: &[u32]) -> Part {
        let mut result = Part::default();
        for &at in part {
            self.leave_one(at, work, &mut result);
        }
        result
    }

    fn leave_one(&self, at: u32, work: &mut Work, part: &mut Part) {
        let state = self.state(self.block.get(at));
        let (found, missing) = (work.found.len(), part.missing.len());
        let (mut tally, mut broken) = (Tally::default(), None);
        let mut moves = std::mem::take(&mut work.moves);
        state.moves(&self.tables, &self.menu, &mut moves);
        self.sums(state, &mut work.here);
        for (ordinal, &one) in (0_u16..).zip(&moves) {
            match self.weigh(state, &one, work, &mut part.missing) {
                Weighed::Missing | Weighed::Refused => {}
                Weighed::Beyond => tally.beyond += 1,
                Weighed::Broken(invariants) => {
                    tally.generated += 1;
                    broken = broken.or(Some(Broken { from: self.block.first + at, ordinal, invariants }));
                }
                Weighed::There(fingerprint) => {
                    tally.generated += 1;
                    work.found.push(Find { fingerprint, at, ordinal, one });
                }
            }
        }
        work.moves = moves;
        if part.missing.len() > missing {
            work.found.truncate(found);
            part.deferred.push(at);
            return;
        }
        part.tally.add(tally);
        part.broken = part.broken.take().or(broken);
    }

    /// Numbers what is new in what was found, and writes it down.
    fn keep(&mut self) {
        const WRITTEN_TOGETHER: usize = 256;
        let mut found = std::mem::take(&mut self.found);
        // Of equal states the one that was reached first counts, whoever found it. What waited came last.
        found.sort_by_key(|find| (find.at, find.ordinal));
        let mut workers = std::mem::take(&mut self.workers);
        let new = self.visited.insert_all(&found, |find| find.fingerprint, workers.len());
        let (open, rest) = new.split_at(self.next.room().min(new.len()));
        let blocks = std::iter::once(open).chain(rest.chunks(BLOCK));
        let pieces: Vec<&[u32]> = blocks.flat_map(|block| block.chunks(WRITTEN_TOGETHER)).collect();
        let write = |search: &Self, work: &mut Work, pieces: &[&[u32]]| {
            let write = |piece: &&[u32]| search.write(piece.iter().map(|&number| &found[number as usize]), work);
            pieces.iter().map(write).collect::<Vec<_>>()
        };
        let written = self.in_parts(&pieces, &mut workers, 2, write);
        written.into_iter().flatten().for_each(|packed| self.next.push(packed));
        for &number in &new {
            let find = &found[number as usize];
            self.origins.push(self.block.first + find.at, find.ordinal);
        }
        found.clear();
        (self.workers, self.found) = (workers, found);
    }

    fn write<'a>(&self, finds: impl Iterator<Item = &'a Find>, work: &mut Work) -> Packed {
        let mut packed = Packed::default();
        for find in finds {
            self.build(self.state(self.block.get(find.at)), &find.one, &mut work.words);
            debug_assert_eq!(self.fingerprint_of(&work.words), find.fingerprint, "a state is what was weighed");
            packed.push(&work.words);
        }
        packed
    }

    /// Lets every worker do a part of something, if there is enough of it. The parts come back in order.
    fn in_parts<T: Sync, R: Send>(
        &self,
        all: &[T],
        workers: &mut [Work],
        worth: usize,
        work: impl Fn(&Self, &mut Work, &[T]) -> R + Sync,
    ) -> Vec<R> {
        let Some((own, others)) = workers.split_first_mut() else { return Vec::new() };
        if others.is_empty() || all.len() < worth {
            return vec![work(self, own, all)];
        }
        let (first, rest) = all.split_at(all.len().div_ceil(others.len() + 1));
        let work = &work;
        std::thread::scope(|scope| {
            let parts = rest.chunks(first.len()).zip(others);
            let others: Vec<_> = parts.map(|(part, worker)| scope.spawn(move || work(self, worker, part))).collect();
            let mut results = vec![work(self, own, first)];
            results.extend(others.into_iter().map(|thread| thread.join().expect("a search does not panic")));
            results
        })
    }
}
