//! A primary that answers first and copies later.
//!
//! The primary answers a write as soon as it has it, and sends everything that it has to the others in rounds. When it falls
//! silent, a backup takes over: by itself after a timeout, or because an operator says so. What the old primary had answered
//! and not yet copied is lost. Nobody asks a majority, so an old primary that is only cut off goes on answering: there are two
//! until they hear of each other, and then everything that the older one took meanwhile is overwritten.

use std::sync::Arc;

use raft_core::NodeId;

use super::node::{Answer, Body, Effects, Happening, Refusal, Reign, Request, Values};
use crate::event::OperationId;
use crate::time::Time;

/// A server of this design.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct AsyncPrimary {
    id: NodeId,
    servers: u64,
    failover: Option<Time>,
    copy_every: Time,
    /// On disk.
    values: Arc<Values>,
    /// The latest reign that it knows of; on disk.
    reign: Reign,
    /// The last round of the reign that it sent or took over; on disk.
    round: u64,
    /// When the primary sends its next round, or when a backup loses patience.
    due: Time,
}

impl AsyncPrimary {
    pub(super) fn new(id: NodeId, servers: u64, failover: Option<Time>, copy_every: Time) -> Self {
        let reign = Reign { epoch: 1, primary: NodeId(1) };
        let values = Arc::new(Values::new());
        let mut node = Self { id, servers, failover, copy_every, values, reign, round: 0, due: Time(0) };
        node.restart(Time(0));
        node
    }

    pub(super) fn request(&mut self, id: OperationId, request: Request, effects: &mut Effects) -> Result<(), Refusal> {
        let is_local = matches!(request, Request::Read { is_local: true, .. });
        if !self.is_primary() && !is_local {
            return Err("it is a backup; the primary answers");
        }
        let answer = match request {
            Request::Read { key, .. } => Answer::Read(self.values.get(&key).cloned()),
            Request::Write { key, value } => {
                Arc::make_mut(&mut self.values).insert(key.clone(), value.clone());
                effects.happenings.push(Happening::Keeps { key, value, version: None });
                Answer::Written
            }
        };
        effects.answers.push((id, answer));
        Ok(())
    }

    pub(super) fn receive(&mut self, body: Body, now: Time, effects: &mut Effects) {
        let Body::Mirror { reign, round, values } = body else { return };
        if (reign, round) <= (self.reign, self.round) {
            return;
        }
        if self.is_primary() {
            let differs = |(key, value): &(&Arc<str>, &Arc<str>)| values.get(*key) != Some(value);
            let lost = self.values.iter().filter(differs).count() as u32;
            effects.happenings.push(Happening::SteppedDown { reign, lost });
        }
        if self.values != values {
            effects.happenings.push(Happening::Mirrored { reign, round });
        }
        (self.reign, self.round, self.values) = (reign, round, values);
        self.restart(now);
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        (self.is_primary() || self.failover.is_some()).then_some(self.due)
    }

    pub(super) fn tick(&mut self, now: Time, effects: &mut Effects) {
        if self.due > now {
            return;
        }
        if self.is_primary() {
            self.copy(now, effects);
        } else if self.failover.is_some() {
            self.promote(now, effects);
        }
    }

    /// It becomes primary with what it has, without asking anybody.
    pub(super) fn promote(&mut self, now: Time, effects: &mut Effects) {
        self.reign = Reign { epoch: self.reign.epoch + 1, primary: self.id };
        self.round = 0;
        effects.happenings.push(Happening::TookOver { reign: self.reign });
        self.copy(now, effects);
    }

    /// It waits from now on: for its next round, or for one of the primary.
    pub(super) fn restart(&mut self, now: Time) {
        self.due = match self.failover {
            _ if self.is_primary() => now.after(self.copy_every),
            Some(patience) => now.after(Time(patience.0.saturating_mul(self.rank()))),
            None => now,
        };
    }

    pub(super) const fn reign(&self) -> Reign {
        self.reign
    }

    pub(super) const fn values(&self) -> &Arc<Values> {
        &self.values
    }

    fn is_primary(&self) -> bool {
        self.reign.primary == self.id
    }

    /// The next round: it sends everything that it has.
    pub(super) fn copy(&mut self, now: Time, effects: &mut Effects) {
        self.round += 1;
        let (reign, round, id) = (self.reign, self.round, self.id);
        for peer in (1..=self.servers).map(NodeId).filter(|&peer| peer != id) {
            effects.messages.push((peer, Body::Mirror { reign, round, values: self.values.clone() }));
        }
        self.due = now.after(self.copy_every);
    }

    /// Its place among the backups, from 1. They lose patience one after the other, not all at once.
    fn rank(&self) -> u64 {
        self.id.0 - u64::from(self.reign.primary < self.id)
    }
}
