//! Read and write quorums: no primary, N copies, W confirmations for a write, R answers for a read.
//!
//! Any server coordinates an operation for a client. A write first asks R servers for their versions, draws a larger one, and
//! is done when W servers keep it; of two that did not see each other the one with the larger version stays (last writer
//! wins), and the other is lost. A read asks R servers and answers with the newest copy.
//!
//! If R + W > N, every read meets a server of every completed write and sees it, or something newer. That is not yet
//! linearizable: of a write that is still under way one reader may see the new value and a later one the old. With
//! `write_back` a reader first makes sure that W servers keep what it will answer (Attiya, Bar-Noy and Dolev 1995; several
//! writers: Lynch and Shvartsman 1997), which closes the gap. If R + W ≤ N, a read may miss a completed write, and so may a
//! writer, so that there are more conflicts.

use std::collections::{BTreeMap, BTreeSet};

use raft_core::NodeId;

use super::node::{Answer, Body, Effects, RESEND, Request, Store, Version, Versioned, keep_newest, note_conflict};
use crate::event::OperationId;
use crate::time::Time;

/// A server of this design.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Quorum {
    id: NodeId,
    servers: u64,
    /// Servers 1 to `n` keep copies; the others only coordinate.
    n: u64,
    r: u64,
    w: u64,
    write_back: bool,
    /// On disk.
    store: Store,
    /// The largest counter that it gave to a version; on disk.
    clock: u64,
    /// The operations that it coordinates; in memory.
    rounds: BTreeMap<OperationId, Round>,
}

/// One operation that is coordinated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Round {
    request: Request,
    phase: Phase,
    /// Who has answered in this phase.
    answered: BTreeSet<NodeId>,
    resend_at: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// Asking for copies: the newest one so far, and everything that the copies build on.
    Ask { newest: Option<Versioned>, seen: Vec<u64> },
    /// Having this copy kept.
    Keep(Versioned),
}

impl Quorum {
    pub(super) const fn new(id: NodeId, servers: u64, n: u64, r: u64, w: u64, write_back: bool) -> Self {
        Self { id, servers, n, r, w, write_back, store: Store::new(), clock: 0, rounds: BTreeMap::new() }
    }

    pub(super) fn request(&mut self, id: OperationId, request: Request, now: Time, effects: &mut Effects) {
        if let Request::Read { key, is_local: true } = &request {
            let value = self.store.get(key).map(|copy| copy.value.clone());
            effects.answers.push((id, Answer::Read(value)));
            return;
        }
        let phase = Phase::Ask { newest: None, seen: vec![0; self.servers as usize] };
        let round = Round { request, phase, answered: BTreeSet::new(), resend_at: now.after(RESEND) };
        self.rounds.insert(id, round);
        self.send(id, effects);
        if self.keeps_copies() {
            let own = self.rounds.get(&id).and_then(|round| self.store.get(round.request.key()).cloned());
            self.fetched(id, self.id, own, now, effects);
        }
    }

    pub(super) fn receive(&mut self, from: NodeId, body: Body, now: Time, effects: &mut Effects) {
        match body {
            Body::Fetch { request, key } => {
                let copy = self.store.get(&key).cloned();
                effects.messages.push((from, Body::Fetched { request, copy }));
            }
            Body::Fetched { request, copy } => self.fetched(request, from, copy, now, effects),
            Body::Store { request, key, copy } => {
                keep_newest(&mut self.store, &key, copy, effects);
                effects.messages.push((from, Body::Stored { request }));
            }
            Body::Stored { request } => self.stored(request, from, effects),
            Body::Mirror { .. } => {}
        }
    }

    /// Somebody tells its copy. Once R have, a read is answered or written back, and a write has its version.
    fn fetched(&mut self, id: OperationId, from: NodeId, copy: Option<Versioned>, now: Time, effects: &mut Effects) {
        let Some(round) = self.rounds.get_mut(&id) else { return };
        let Phase::Ask { newest, seen } = &mut round.phase else { return };
        if !round.answered.insert(from) {
            return;
        }
        if let Some(copy) = copy {
            seen.iter_mut().zip(&copy.seen).for_each(|(known, new)| *known = (*new).max(*known));
            if let Some(newest) = newest {
                note_conflict(round.request.key(), newest, &copy, effects);
            }
            if newest.as_ref().is_none_or(|newest| newest.version < copy.version) {
                *newest = Some(copy);
            }
        }
        if (round.answered.len() as u64) < self.r {
            return;
        }
        let copy = match (&round.request, newest.take()) {
            (Request::Write { value, .. }, newest) => {
                self.clock = self.clock.max(newest.map_or(0, |newest| newest.version.counter)) + 1;
                let version = Version { counter: self.clock, writer: self.id };
                let mut seen = std::mem::take(seen);
                seen[self.id.0 as usize - 1] = self.clock;
                Versioned { value: value.clone(), version, seen }
            }
            (Request::Read { .. }, Some(newest)) if self.write_back => newest,
            (Request::Read { .. }, newest) => {
                self.rounds.remove(&id);
                effects.answers.push((id, Answer::Read(newest.map(|newest| newest.value))));
                return;
            }
        };
        let key = round.request.key().clone();
        round.phase = Phase::Keep(copy.clone());
        round.answered.clear();
        round.resend_at = now.after(RESEND);
        self.send(id, effects);
        if self.keeps_copies() {
            keep_newest(&mut self.store, &key, copy, effects);
            self.stored(id, self.id, effects);
        }
    }

    /// Somebody keeps a copy. Once W do, the client is answered; who has not heard of it by then may never.
    fn stored(&mut self, id: OperationId, from: NodeId, effects: &mut Effects) {
        let Some(round) = self.rounds.get_mut(&id) else { return };
        let Phase::Keep(copy) = &round.phase else { return };
        round.answered.insert(from);
        if round.answered.len() as u64 >= self.w {
            let answer = match round.request {
                Request::Write { .. } => Answer::Written,
                Request::Read { .. } => Answer::Read(Some(copy.value.clone())),
            };
            self.rounds.remove(&id);
            effects.answers.push((id, answer));
        }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.rounds.values().map(|round| round.resend_at).min()
    }

    pub(super) fn tick(&mut self, now: Time, effects: &mut Effects) {
        let late = self.rounds.iter().filter(|(_, round)| round.resend_at <= now);
        for id in late.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.send(id, effects);
            if let Some(round) = self.rounds.get_mut(&id) {
                round.resend_at = now.after(RESEND);
            }
        }
    }

    pub(super) fn crash(&mut self) {
        self.rounds.clear();
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    const fn keeps_copies(&self) -> bool {
        self.id.0 <= self.n
    }

    /// Asks everybody who has not answered in the present phase of a round.
    fn send(&self, id: OperationId, effects: &mut Effects) {
        let Some(round) = self.rounds.get(&id) else { return };
        let silent = (1..=self.n).map(NodeId).filter(|peer| *peer != self.id && !round.answered.contains(peer));
        for peer in silent {
            let key = round.request.key().clone();
            let body = match &round.phase {
                Phase::Ask { .. } => Body::Fetch { request: id, key },
                Phase::Keep(copy) => Body::Store { request: id, key, copy: copy.clone() },
            };
            effects.messages.push((peer, body));
        }
    }
}
