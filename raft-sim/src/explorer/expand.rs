//! One step from one state: first what it leads to as a fingerprint, and only if that is new as a state.

use super::code::Code;
use super::hash::mix;
use super::moves::{Move, State, Step};
use super::past::{CONCERNS_OTHERS, MAKES_HISTORY};
use super::search::{Find, Search};
use super::server::flags;
use super::tables::{Effect, Lookup, Missing};
use crate::checker::Invariant;
use crate::limits::MAX_EXPLORED_SERVERS;

/// Sets of servers of which is remembered that they agree.
const REMEMBERED: usize = 4_096;

/// Memory of one thread that is used again for every state.
#[derive(Default)]
pub(super) struct Work {
    pub(super) moves: Vec<Move>,
    pub(super) found: Vec<Find>,
    pub(super) words: Vec<u32>,
    /// The sums of the state that is left, and those of the state that is reached.
    pub(super) here: Vec<u64>,
    there: Vec<u64>,
    /// Hashes of what was judged together and is fine, each in the only place where it can be.
    fine: Vec<u64>,
}

/// What became of a step.
pub(super) enum Weighed {
    /// It cannot be said yet.
    Missing,
    /// It is not possible, or changes nothing.
    Refused,
    /// It leads beyond a bound.
    Beyond,
    /// It breaks something.
    Broken(Vec<Invariant>),
    /// It leads to a state with this fingerprint.
    There(u64),
}

impl Work {
    /// Whether something was judged and is fine.
    fn is_fine(&self, hash: u64) -> bool {
        self.fine.get(hash as usize % REMEMBERED) == Some(&hash)
    }

    fn set_fine(&mut self, hash: u64) {
        self.fine.resize(REMEMBERED, 0);
        self.fine[hash as usize % REMEMBERED] = hash;
    }
}

impl Search {
    /// Judges a step and works out the fingerprint of what it leads to. `work` holds the sums of the state that is left.
    pub(super) fn weigh(&self, state: State<'_>, one: &Move, work: &mut Work, missing: &mut Vec<Missing>) -> Weighed {
        let tables = &self.tables;
        let counts = state.counts();
        let counted = one.count.map_or(0, |count| mix(counts.plus(count).0).wrapping_sub(mix(counts.0)));
        let mut in_flight = state.messages().len();
        let (at, code) = match one.step {
            Step::Turn(at, code) => (usize::from(at), code),
            Step::Deliver(message) => {
                in_flight -= 1;
                (tables.addresses[message as usize].to as usize, Code::deliver(message))
            }
            Step::Drop(message) => {
                let row = tables.messages.row(message).iter();
                let sums = work.here.iter().zip(row).map(|(sum, hash)| sum.wrapping_sub(*hash).wrapping_add(counted));
                return Weighed::There(fingerprint(sums));
            }
            Step::Duplicate(_) if in_flight >= self.menu.messages => return Weighed::Beyond,
            Step::Duplicate(message) => {
                let row = tables.messages.row(message).iter();
                let sums = work.here.iter().zip(row).map(|(sum, hash)| sum.wrapping_add(*hash).wrapping_add(counted));
                return Weighed::There(fingerprint(sums));
            }
        };
        let server = state.servers()[at];
        let (number, effect) = match tables.effect(server, code) {
            Lookup::Known(number, effect) => (number, effect),
            Lookup::Refused => return Weighed::Refused,
            Lookup::Missing => {
                missing.push(Missing::Turn(server, code));
                return Weighed::Missing;
            }
        };
        if effect.flags & flags::BEYOND != 0 {
            return Weighed::Beyond;
        }
        let mut broken = tables.broken[effect.broken as usize].clone();
        let mut past = state.past();
        if effect.flags & MAKES_HISTORY != 0 {
            let Some(memory) = tables.memory(past, number) else {
                missing.push(Missing::Memory(past, number));
                return Weighed::Missing;
            };
            broken.extend_from_slice(&tables.broken[memory.broken as usize]);
            past = memory.past;
        }
        let mut servers = [0; MAX_EXPLORED_SERVERS];
        let servers = &mut servers[..self.total];
        servers.copy_from_slice(state.servers());
        servers[at] = effect.server;
        if effect.flags & CONCERNS_OTHERS != 0 {
            self.judge_together(servers, past, at, effect.flags, work, &mut broken);
        }
        if !broken.is_empty() {
            broken.sort_unstable();
            broken.dedup();
            return Weighed::Broken(broken);
        }
        let Work { here, there, .. } = work;
        there.clear();
        there.extend(here.iter().zip(tables.delta(number)).map(|(a, b)| a.wrapping_add(*b).wrapping_add(counted)));
        if past != state.past() {
            subtract(there, tables.pasts.row(state.past()));
            add(there, tables.pasts.row(past));
        }
        in_flight += tables.sent(effect).len();
        if self.drops_idle {
            in_flight -= self.take_idle(state, one, (at, servers), effect, there);
        }
        if in_flight > self.menu.messages {
            return Weighed::Beyond;
        }
        Weighed::There(fingerprint(there.iter().copied()))
    }

    /// Takes out of the sums what can do nothing any more. Returns how many messages that is.
    fn take_idle(
        &self,
        state: State<'_>,
        one: &Move,
        (at, servers): (usize, &[u32]),
        effect: &Effect,
        there: &mut [u64],
    ) -> usize {
        let tables = &self.tables;
        let mut taken = 0;
        let mut take = |message: u32| {
            subtract(there, tables.messages.row(message));
            taken += 1;
        };
        if effect.flags & flags::TERM != 0 {
            let delivered = matches!(one.step, Step::Deliver(_)).then_some(usize::from(one.at));
            for (place, &message) in state.messages().iter().enumerate() {
                let to = tables.addresses[message as usize].to as usize;
                let is_idle = to == at && tables.is_idle(message, effect.server);
                if is_idle && delivered != Some(place) {
                    take(message);
                }
            }
        }
        for &message in tables.sent(effect) {
            if tables.is_idle(message, servers[tables.addresses[message as usize].to as usize]) {
                take(message);
            }
        }
        taken
    }

    /// Takes a step that was weighed: `words` becomes the state that is reached.
    pub(super) fn build(&self, state: State<'_>, one: &Move, words: &mut Vec<u32>) {
        let (tables, first) = (&self.tables, self.total + 3);
        words.clear();
        words.extend_from_slice(state.words);
        if let Some(count) = one.count {
            let after = state.counts().plus(count);
            words[self.total + 1] = after.0 as u32;
            words[self.total + 2] = (after.0 >> 32) as u32;
        }
        let place = first + usize::from(one.at);
        let (at, code) = match one.step {
            Step::Turn(at, code) => (usize::from(at), code),
            Step::Deliver(message) => {
                words.remove(place);
                (tables.addresses[message as usize].to as usize, Code::deliver(message))
            }
            Step::Drop(_) => {
                words.remove(place);
                return;
            }
            Step::Duplicate(message) => return words.insert(place, message),
        };
        let Lookup::Known(number, effect) = tables.effect(words[at], code) else { return };
        if effect.flags & MAKES_HISTORY != 0 {
            words[self.total] = tables.memory(state.past(), number).map_or(state.past(), |memory| memory.past);
        }
        words[at] = effect.server;
        if self.drops_idle && effect.flags & flags::TERM != 0 {
            let mut kept = first;
            for place in first..words.len() {
                let message = words[place];
                let is_his = tables.addresses[message as usize].to as usize == at;
                if !(is_his && tables.is_idle(message, effect.server)) {
                    words[kept] = message;
                    kept += 1;
                }
            }
            words.truncate(kept);
        }
        for &message in tables.sent(effect) {
            if self.drops_idle && tables.is_idle(message, words[tables.addresses[message as usize].to as usize]) {
                continue;
            }
            let hash = tables.messages.row(message)[0];
            let place = words[first..].partition_point(|&other| tables.messages.row(other)[0] < hash);
            words.insert(first + place, message);
        }
    }

    /// What a server breaks together with the others. Most sets of servers occur with many messages, and are judged once.
    fn judge_together(
        &self,
        servers: &[u32],
        past: u32,
        at: usize,
        turn: u16,
        work: &mut Work,
        broken: &mut Vec<Invariant>,
    ) {
        let tables = &self.tables;
        let turn_word = (at as u64) << 48 | u64::from(turn) << 32 | u64::from(past);
        let hash = servers.iter().fold(mix(turn_word.wrapping_add(1)), |hash, &it| mix(hash ^ u64::from(it)));
        if work.is_fine(hash) {
            return;
        }
        let servers: Vec<_> = servers.iter().map(|&server| tables.servers.get(server)).collect();
        let mut found = Vec::new();
        tables.pasts.get(past).judge(&servers, at, turn, &mut found);
        found.retain(|&invariant| tables.is_watched(invariant));
        if found.is_empty() {
            work.set_fine(hash);
        }
        broken.append(&mut found);
    }

    /// The sums of the hashes of everything in a state, one for each way of naming the servers.
    pub(super) fn sums(&self, state: State<'_>, sums: &mut Vec<u64>) {
        sums.clear();
        sums.resize(self.tables.symmetry.ways(), mix(state.counts().0));
        state.servers().iter().for_each(|&server| add(sums, self.tables.servers.row(server)));
        add(sums, self.tables.pasts.row(state.past()));
        state.messages().iter().for_each(|&message| add(sums, self.tables.messages.row(message)));
    }

    /// The fingerprint of a state.
    pub(super) fn fingerprint_of(&self, words: &[u32]) -> u64 {
        let mut sums = Vec::new();
        self.sums(self.state(words), &mut sums);
        fingerprint(sums.into_iter())
    }
}

pub(super) fn add(sums: &mut [u64], row: &[u64]) {
    sums.iter_mut().zip(row).for_each(|(sum, hash)| *sum = sum.wrapping_add(*hash));
}

pub(super) fn subtract(sums: &mut [u64], row: &[u64]) {
    sums.iter_mut().zip(row).for_each(|(sum, hash)| *sum = sum.wrapping_sub(*hash));
}

/// The fingerprint of a state with these sums: the least that it has under any names.
fn fingerprint(sums: impl Iterator<Item = u64>) -> u64 {
    mix(sums.min().unwrap_or_default()).max(1)
}
