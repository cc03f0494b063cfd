//! A primary that waits for everybody.
//!
//! S1 is the primary for ever. It gives every write a number, sends it to all servers, and answers when all have it. What it
//! has answered is everywhere, so nothing is lost as long as one disk remains, and every server can answer reads. But one
//! server that does not answer stops all writes, and without the primary nobody can write at all.
//!
//! Reads at the primary are linearizable: it alone decides the order. A read at another server sees every write that was
//! answered before, but of one that is under way it may see more than the next reader elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use raft_core::NodeId;

use super::node::{Answer, Body, Effects, RESEND, Refusal, Request, Store, Version, Versioned, keep_newest};
use crate::event::OperationId;
use crate::time::Time;

/// Who decides.
pub(super) const PRIMARY: NodeId = NodeId(1);

/// A server of this design.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct WriteAll {
    id: NodeId,
    servers: u64,
    /// On disk.
    store: Store,
    /// The number of the last write; at the primary, on disk.
    counter: u64,
    /// The writes that somebody has not confirmed; at the primary, in memory.
    unfinished: BTreeMap<OperationId, Unfinished>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Unfinished {
    key: Arc<str>,
    copy: Versioned,
    /// Who has not confirmed it. Never empty.
    missing: BTreeSet<NodeId>,
    resend_at: Time,
}

impl WriteAll {
    pub(super) const fn new(id: NodeId, servers: u64) -> Self {
        Self { id, servers, store: Store::new(), counter: 0, unfinished: BTreeMap::new() }
    }

    pub(super) fn request(
        &mut self,
        id: OperationId,
        request: Request,
        now: Time,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let (key, value) = match request {
            Request::Read { key, .. } => {
                let value = self.store.get(&key).map(|copy| copy.value.clone());
                effects.answers.push((id, Answer::Read(value)));
                return Ok(());
            }
            Request::Write { .. } if self.id != PRIMARY => return Err("only the primary, S1, takes writes"),
            Request::Write { key, value } => (key, value),
        };
        self.counter += 1;
        let version = Version { counter: self.counter, writer: self.id };
        let copy = Versioned { value, version, seen: vec![self.counter] };
        keep_newest(&mut self.store, &key, copy.clone(), effects);
        let missing: BTreeSet<_> = (1..=self.servers).map(NodeId).filter(|&peer| peer != self.id).collect();
        if missing.is_empty() {
            effects.answers.push((id, Answer::Written));
            return Ok(());
        }
        let write = Unfinished { key, copy, missing, resend_at: now.after(RESEND) };
        write.send(id, effects);
        self.unfinished.insert(id, write);
        Ok(())
    }

    pub(super) fn receive(&mut self, from: NodeId, body: Body, effects: &mut Effects) {
        match body {
            Body::Store { request, key, copy } => {
                keep_newest(&mut self.store, &key, copy, effects);
                effects.messages.push((from, Body::Stored { request }));
            }
            Body::Stored { request } => {
                let Some(write) = self.unfinished.get_mut(&request) else { return };
                write.missing.remove(&from);
                if write.missing.is_empty() {
                    self.unfinished.remove(&request);
                    effects.answers.push((request, Answer::Written));
                }
            }
            Body::Fetch { .. } | Body::Fetched { .. } | Body::Mirror { .. } => {}
        }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.unfinished.values().map(|write| write.resend_at).min()
    }

    pub(super) fn tick(&mut self, now: Time, effects: &mut Effects) {
        for (id, write) in self.unfinished.iter_mut().filter(|(_, write)| write.resend_at <= now) {
            write.resend_at = now.after(RESEND);
            write.send(*id, effects);
        }
    }

    pub(super) fn crash(&mut self) {
        self.unfinished.clear();
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }
}

impl Unfinished {
    fn send(&self, request: OperationId, effects: &mut Effects) {
        for peer in &self.missing {
            effects.messages.push((*peer, Body::Store { request, key: self.key.clone(), copy: self.copy.clone() }));
        }
    }
}
