//! The search, breadth first, in blocks of states.
//!
//! A block is expanded by reading the tables only, so that threads can share the work. A state that asks for something
//! that the tables do not hold yet waits until it was worked out, and is expanded again. What was found is then put into
//! order and numbered, so that nothing depends on how many threads there were.

use super::moves::{Menu, Move, State, Step};
use super::past::{CONCERNS_OTHERS, MAKES_HISTORY};
use super::server::flags;
use super::tables::{Code, Effect, Lookup, Missing, Tables};
use super::visited::{Fingerprints, mix};
use crate::checker::Invariant;

/// States that are expanded together. Fixed, so that it is decided where a search ends that finds something.
pub(super) const BLOCK: usize = 8_192;
/// Parts of the set of fingerprints, which threads fill side by side.
const SHARDS: usize = 16;

/// The search so far.
pub(super) struct Search {
    pub(super) tables: Tables,
    pub(super) menu: Menu,
    pub(super) total: usize,
    /// Whether idle messages are dropped.
    pub(super) drops_idle: bool,
    pub(super) threads: usize,
    shards: Vec<Fingerprints>,
    /// For each state but the first, in order of discovery: the state it came from, and the number of its step there.
    parents: Vec<u32>,
    ordinals: Vec<u16>,
    /// The states of the layer that is being left, and those that were found beyond it.
    layer: Layer,
    next: Layer,
    /// How many states of the layer were expanded, in whole blocks.
    done: usize,
    /// How many of the block under way, and what was found there.
    begun: usize,
    finds: Vec<Finds>,
    pub(super) generated: u64,
    pub(super) beyond: u64,
    pub(super) per_depth: Vec<u64>,
}

/// States one after the other.
#[derive(Default)]
pub(super) struct Layer {
    words: Vec<u32>,
    ends: Vec<u32>,
    /// The number of the first one.
    first: u32,
}

/// What a thread found in its part of a block.
#[derive(Default)]
struct Finds {
    found: Vec<Find>,
    words: Vec<u32>,
    generated: u64,
    beyond: u64,
    missing: Vec<Missing>,
    /// States of the block that wait for something.
    deferred: Vec<u32>,
    broken: Option<Broken>,
    work: Work,
}

/// Memory that is used again for every state.
#[derive(Default)]
struct Work {
    moves: Vec<Move>,
    here: Vec<u64>,
    there: Vec<u64>,
    words: Vec<u32>,
}

/// A state that was not known, and how it was reached.
#[derive(Clone, Copy)]
struct Find {
    fingerprint: u64,
    from: u32,
    ordinal: u16,
    len: u16,
    at: u32,
}

/// A step that breaks something.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// The state, and the number of the step there.
    pub(super) from: u32,
    pub(super) ordinal: u16,
    pub(super) invariants: Vec<Invariant>,
}

impl Layer {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> &[u32] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.words[start as usize..self.ends[at] as usize]
    }

    fn push(&mut self, words: &[u32]) {
        self.words.extend_from_slice(words);
        self.ends.push(self.words.len() as u32);
    }

    fn bytes(&self) -> usize {
        (self.words.capacity() + self.ends.capacity()) * size_of::<u32>()
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
            threads: 1,
            shards: vec![Fingerprints::default(); SHARDS],
            parents: Vec::new(),
            ordinals: Vec::new(),
            layer: Layer::default(),
            next: Layer::default(),
            done: 0,
            begun: 0,
            finds: Vec::new(),
            generated: 1,
            beyond: 0,
            per_depth: vec![1],
        };
        let mut sums = Vec::new();
        search.sums(search.state(start), &mut sums);
        let fingerprint = fingerprint(&sums);
        search.shards[shard(fingerprint)].insert(fingerprint);
        search.layer.push(start);
        search.next.first = 1;
        search
    }

    const fn state<'a>(&self, words: &'a [u32]) -> State<'a> {
        State { words, total: self.total }
    }

    /// Number of different states.
    pub(super) fn states(&self) -> usize {
        self.parents.len() + 1
    }

    /// Number of states that were found and not expanded.
    pub(super) fn frontier(&self) -> usize {
        self.layer.len() - self.done + self.next.len()
    }

    /// Steps from the start to the states that are being expanded.
    pub(super) fn depth(&self) -> u32 {
        self.per_depth.len() as u32 - 1
    }

    /// How the state with a number was reached.
    pub(super) fn parent(&self, state: u32) -> Option<(u32, u16)> {
        let at = state.checked_sub(1)? as usize;
        Some((self.parents[at], self.ordinals[at]))
    }

    /// Bytes that are held, without what nodes and messages have on the heap.
    pub(super) fn bytes(&self) -> usize {
        let visited: usize = self.shards.iter().map(Fingerprints::bytes).sum();
        let links = self.parents.capacity() * size_of::<u32>() + self.ordinals.capacity() * size_of::<u16>();
        visited + links + self.layer.bytes() + self.next.bytes() + self.tables.bytes()
    }

    /// Expands the rest of a block, or `at_most` states of it. What was found counts when the block is complete, so that
    /// nothing depends on the pieces. `None`: there is nothing left, or the next layer is deeper than allowed.
    pub(super) fn advance(&mut self, max_depth: Option<u32>, at_most: usize) -> Option<Result<usize, Broken>> {
        if self.done == self.layer.len() {
            if self.next.len() == 0 || max_depth.is_some_and(|max| self.depth() >= max) {
                return None;
            }
            let first = self.states() as u32;
            self.layer = std::mem::replace(&mut self.next, Layer { first, ..Layer::default() });
            self.per_depth.push(self.layer.len() as u64);
            self.done = 0;
        }
        if max_depth.is_some_and(|max| self.depth() >= max) {
            return None;
        }
        let (first, end) = (self.done + self.begun, (self.done + BLOCK).min(self.layer.len()));
        let last = end.min(first.saturating_add(at_most.max(1)));
        let piece: Vec<u32> = (first as u32..last as u32).collect();
        let mut found = self.expand_all(&piece);
        self.finds.append(&mut found);
        self.begun += piece.len();
        if last < end {
            return Some(Ok(piece.len()));
        }
        let finds = std::mem::take(&mut self.finds);
        let broken = finds.iter().filter_map(|part| part.broken.clone()).min_by_key(|it| (it.from, it.ordinal));
        for part in &finds {
            self.generated += part.generated;
            self.beyond += part.beyond;
        }
        self.keep(&finds);
        (self.done, self.begun) = (end, 0);
        Some(broken.map_or(Ok(piece.len()), Err))
    }

    /// Expands some states of the layer, and works out on the way what is missing.
    fn expand_all(&mut self, block: &[u32]) -> Vec<Finds> {
        let (mut finds, mut todo) = (Vec::new(), block.to_vec());
        while !todo.is_empty() {
            let mut round = self.in_parts(&todo, Self::expand_part);
            let mut missing = Vec::new();
            todo.clear();
            for part in &mut round {
                missing.append(&mut part.missing);
                todo.append(&mut part.deferred);
            }
            missing.sort_unstable();
            missing.dedup();
            let tables = &self.tables;
            let turns = self.in_parts(&missing, |_, part| {
                let run = |missing: &Missing| match *missing {
                    Missing::Turn(server, code) => tables.run(server, code),
                    Missing::Memory(..) => None,
                };
                part.iter().map(run).collect::<Vec<_>>()
            });
            for (missing, turn) in missing.iter().zip(turns.into_iter().flatten()) {
                match *missing {
                    Missing::Turn(server, code) => self.tables.learn(server, code, turn),
                    Missing::Memory(past, effect) => self.tables.remember(past, effect),
                }
            }
            finds.append(&mut round);
        }
        finds
    }

    /// Whether a block is complete, so that all that was found counts.
    pub(super) const fn is_between_blocks(&self) -> bool {
        self.begun == 0
    }

    /// Lets every thread do a part of something. The parts come back in order.
    fn in_parts<T: Sync, R: Send>(&self, all: &[T], work: impl Fn(&Self, &[T]) -> R + Sync) -> Vec<R> {
        const WORTH_A_THREAD: usize = 64;
        if self.threads == 1 || all.len() < WORTH_A_THREAD {
            return vec![work(self, all)];
        }
        let work = &work;
        std::thread::scope(|scope| {
            let parts = all.chunks(all.len().div_ceil(self.threads));
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(self, part))).collect();
            threads.into_iter().map(|thread| thread.join().expect("a search does not panic")).collect()
        })
    }

    fn expand_part(&self, part: &[u32]) -> Finds {
        let mut finds = Finds::default();
        for &at in part {
            let (found, words) = (finds.found.len(), finds.words.len());
            let (generated, beyond) = (finds.generated, finds.beyond);
            let broken = finds.broken.clone();
            if !self.expand(at, &mut finds) {
                finds.found.truncate(found);
                finds.words.truncate(words);
                (finds.generated, finds.beyond, finds.broken) = (generated, beyond, broken);
                finds.deferred.push(at);
            }
        }
        finds
    }

    /// Expands one state. `false`: something is missing.
    fn expand(&self, at: u32, finds: &mut Finds) -> bool {
        let state = self.state(self.layer.get(at as usize));
        let from = self.layer.first + at;
        let mut work = std::mem::take(&mut finds.work);
        state.moves(&self.tables, &self.menu, &mut work.moves);
        self.sums(state, &mut work.here);
        let known_missing = finds.missing.len();
        for (ordinal, one) in work.moves.iter().enumerate() {
            work.there.clone_from(&work.here);
            let done = self.follow(state, one, &mut work.there, &mut work.words, &mut finds.missing);
            match done {
                Followed::Missing | Followed::Refused => {}
                Followed::Beyond => finds.beyond += 1,
                Followed::Broken(invariants) => {
                    finds.generated += 1;
                    if finds.broken.is_none() {
                        finds.broken = Some(Broken { from, ordinal: ordinal as u16, invariants });
                    }
                }
                Followed::There => {
                    finds.generated += 1;
                    let fingerprint = fingerprint(&work.there);
                    if self.shards[shard(fingerprint)].contains(fingerprint) {
                        continue;
                    }
                    let (at, len) = (finds.words.len() as u32, work.words.len() as u16);
                    finds.words.extend_from_slice(&work.words);
                    finds.found.push(Find { fingerprint, from, ordinal: ordinal as u16, len, at });
                }
            }
        }
        finds.work = work;
        finds.missing.len() == known_missing
    }

    /// Takes a step. `sums` begins as those of the state that is left; `words` becomes the state that is reached.
    pub(super) fn follow(
        &self,
        state: State<'_>,
        one: &Move,
        sums: &mut [u64],
        words: &mut Vec<u32>,
        missing: &mut Vec<Missing>,
    ) -> Followed {
        let tables = &self.tables;
        words.clear();
        words.extend_from_slice(state.words);
        if let Some(count) = one.count {
            let (before, after) = (state.counts(), state.counts().plus(count));
            let change = mix(after.0).wrapping_sub(mix(before.0));
            for sum in sums.iter_mut() {
                *sum = sum.wrapping_add(change);
            }
            words[self.total + 1] = after.0 as u32;
            words[self.total + 2] = (after.0 >> 32) as u32;
        }
        let first_message = self.total + 3;
        let (at, code) = match one.step {
            Step::Turn(at, code) => (at, code),
            Step::Deliver(message) => {
                subtract(sums, tables.messages.row(message));
                words.remove(first_message + one.at);
                (tables.addresses[message as usize].to as usize, Code::deliver(message))
            }
            Step::Drop(message) => {
                subtract(sums, tables.messages.row(message));
                words.remove(first_message + one.at);
                return Followed::There;
            }
            Step::Duplicate(message) => {
                add(sums, tables.messages.row(message));
                words.insert(first_message + one.at, message);
                return self.if_few_messages(words);
            }
        };
        let server = state.servers()[at];
        let (number, effect) = match tables.effect(server, code) {
            Lookup::Known(number, effect) => (number, effect),
            Lookup::Refused => return Followed::Refused,
            Lookup::Missing => {
                missing.push(Missing::Turn(server, code));
                return Followed::Missing;
            }
        };
        if effect.flags & flags::BEYOND != 0 {
            return Followed::Beyond;
        }
        let mut broken = tables.broken[effect.broken as usize].clone();
        if effect.flags & MAKES_HISTORY != 0 {
            let Some(memory) = tables.memory(state.past(), number) else {
                missing.push(Missing::Memory(state.past(), number));
                return Followed::Missing;
            };
            broken.extend_from_slice(&tables.broken[memory.broken as usize]);
            if memory.past != state.past() {
                subtract(sums, tables.pasts.row(state.past()));
                add(sums, tables.pasts.row(memory.past));
                words[self.total] = memory.past;
            }
        }
        if effect.server != server {
            subtract(sums, tables.servers.row(server));
            add(sums, tables.servers.row(effect.server));
            words[at] = effect.server;
        }
        self.move_messages(at, effect, sums, words);
        if effect.flags & CONCERNS_OTHERS != 0 {
            self.judge_together(at, effect.flags, words, &mut broken);
        }
        if !broken.is_empty() {
            broken.sort_unstable();
            broken.dedup();
            return Followed::Broken(broken);
        }
        self.if_few_messages(words)
    }

    fn if_few_messages(&self, words: &[u32]) -> Followed {
        let count = words.len() - self.total - 3;
        if count > self.menu.messages { Followed::Beyond } else { Followed::There }
    }

    /// Puts in flight what a server sent, and takes away what can do nothing any more.
    fn move_messages(&self, at: usize, effect: &Effect, sums: &mut [u64], words: &mut Vec<u32>) {
        let (tables, first) = (&self.tables, self.total + 3);
        if self.drops_idle && effect.flags & flags::TERM != 0 {
            let mut kept = first;
            for place in first..words.len() {
                let message = words[place];
                if tables.addresses[message as usize].to as usize == at && tables.is_idle(message, effect.server) {
                    subtract(sums, tables.messages.row(message));
                } else {
                    words[kept] = message;
                    kept += 1;
                }
            }
            words.truncate(kept);
        }
        for &message in tables.sent(effect) {
            let receiver = words[tables.addresses[message as usize].to as usize];
            if self.drops_idle && tables.is_idle(message, receiver) {
                continue;
            }
            add(sums, tables.messages.row(message));
            let hash = tables.messages.row(message)[0];
            let place = words[first..].partition_point(|&other| tables.messages.row(other)[0] < hash);
            words.insert(first + place, message);
        }
    }

    fn judge_together(&self, at: usize, turn: u16, words: &[u32], broken: &mut Vec<Invariant>) {
        let tables = &self.tables;
        let servers: Vec<_> = words[..self.total].iter().map(|&server| tables.servers.get(server)).collect();
        let known = broken.len();
        tables.pasts.get(words[self.total]).judge(&servers, at, turn, broken);
        let mut place = 0;
        broken.retain(|&invariant| {
            place += 1;
            place <= known || tables.is_watched(invariant)
        });
    }

    /// The sums of the hashes of everything in a state, one for each way of naming the servers.
    fn sums(&self, state: State<'_>, sums: &mut Vec<u64>) {
        sums.clear();
        sums.resize(self.tables.symmetry.ways(), mix(state.counts().0));
        state.servers().iter().for_each(|&server| add(sums, self.tables.servers.row(server)));
        add(sums, self.tables.pasts.row(state.past()));
        state.messages().iter().for_each(|&message| add(sums, self.tables.messages.row(message)));
    }

    /// Numbers what is new in what was found, and keeps it.
    fn keep(&mut self, finds: &[Finds]) {
        let mut all: Vec<(usize, Find)> = Vec::with_capacity(finds.iter().map(|part| part.found.len()).sum());
        for (part, it) in finds.iter().enumerate() {
            all.extend(it.found.iter().map(|find| (part, *find)));
        }
        // Of equal states the one that was reached first counts, whoever found it.
        all.sort_by_key(|(_, find)| (find.from, find.ordinal));
        let is_new = self.insert_all(&all);
        for ((part, find), _) in all.iter().zip(is_new).filter(|(_, is_new)| *is_new) {
            let start = find.at as usize;
            self.next.push(&finds[*part].words[start..start + usize::from(find.len)]);
            self.parents.push(find.from);
            self.ordinals.push(find.ordinal);
        }
    }

    /// Puts fingerprints into the set; returns which ones were not in it.
    fn insert_all(&mut self, all: &[(usize, Find)]) -> Vec<bool> {
        const WORTH_A_THREAD: usize = 4_096;
        if self.threads == 1 || all.len() < WORTH_A_THREAD {
            let insert = |(_, find): &(usize, Find)| self.shards[shard(find.fingerprint)].insert(find.fingerprint);
            return all.iter().map(insert).collect();
        }
        let share = SHARDS.div_ceil(self.threads);
        let new: Vec<Vec<u32>> = std::thread::scope(|scope| {
            let parts = self.shards.chunks_mut(share).enumerate();
            let threads: Vec<_> = parts
                .map(|(part, shards)| {
                    scope.spawn(move || {
                        let first = part * share;
                        let mine = (0_u32..).zip(all).filter(|(_, (_, find))| {
                            let at = shard(find.fingerprint);
                            at >= first && at < first + shards.len()
                        });
                        let mine: Vec<_> = mine.map(|(number, (_, find))| (number, find.fingerprint)).collect();
                        let mut insert = |fingerprint: u64| shards[shard(fingerprint) - first].insert(fingerprint);
                        mine.into_iter().filter(|&(_, print)| insert(print)).map(|(number, _)| number).collect()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("a search does not panic")).collect()
        });
        let mut is_new = vec![false; all.len()];
        new.into_iter().flatten().for_each(|number| is_new[number as usize] = true);
        is_new
    }
}

/// What became of a step.
pub(super) enum Followed {
    /// It cannot be said yet.
    Missing,
    /// It is not possible, or changes nothing.
    Refused,
    /// It leads beyond a bound.
    Beyond,
    /// It breaks something.
    Broken(Vec<Invariant>),
    /// It leads to a state.
    There,
}

fn add(sums: &mut [u64], row: &[u64]) {
    sums.iter_mut().zip(row).for_each(|(sum, hash)| *sum = sum.wrapping_add(*hash));
}

fn subtract(sums: &mut [u64], row: &[u64]) {
    sums.iter_mut().zip(row).for_each(|(sum, hash)| *sum = sum.wrapping_sub(*hash));
}

/// The fingerprint of a state: the least that it has under any names.
fn fingerprint(sums: &[u64]) -> u64 {
    mix(sums.iter().copied().min().unwrap_or_default()).max(1)
}

const fn shard(fingerprint: u64) -> usize {
    (fingerprint >> 60) as usize % SHARDS
}
