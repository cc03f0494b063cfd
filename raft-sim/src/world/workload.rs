//! Clients that ask by themselves, in open and closed loops.

use raft_core::NodeId;

use super::{Due, World};
use crate::client::{OperationKind, Workload};
use crate::event::{OperationId, Outcome};
use crate::limits::MAX_LOAD_CLIENTS;
use crate::time::Time;

/// How the names of the clients of the load begin.
pub(super) const LOAD_CLIENT: &str = "load-";

impl World {
    /// Plans the first operations of the load.
    pub(super) fn start_load(&mut self) {
        let load = self.config.load.clone();
        if let Some(interval) = self.load_interval {
            self.schedule_load(load.start_ms.after(interval), 0);
        }
        for _ in 0..load.clients {
            let worker = self.add_worker();
            self.schedule(load.start_ms, Due::Call(worker));
        }
    }

    fn schedule_load(&mut self, time: Time, number: u32) {
        if self.config.load.lasts_until(time) {
            self.schedule(time, Due::Load(number));
        }
    }

    /// The next operation of an open loop.
    pub(super) fn load(&mut self, number: u32) {
        if let Some(interval) = self.load_interval {
            self.schedule_load(self.now.after(interval), number.wrapping_add(1));
        }
        let Some(workload) = &mut self.workload else {
            let key = ["a", "b", "c", "d", "e", "f", "g", "h"][number as usize % 8];
            self.client_write("load", key, OperationKind::Put { value: number.to_string().into() }, None);
            return;
        };
        // One client has one operation outstanding, or its session would not tell its commands apart.
        let has_room = workload.workers() < MAX_LOAD_CLIENTS;
        match workload.take_idle() {
            Some(worker) => self.work(worker),
            None if has_room => {
                let worker = self.add_worker();
                self.work(worker);
            }
            None => self.tally.shed += 1,
        }
    }

    fn add_worker(&mut self) -> u32 {
        let number = self.workload.as_ref().map_or(0, Workload::workers);
        let session = self.session(&format!("{LOAD_CLIENT}{}", number + 1));
        self.workload.as_mut().map_or(0, |workload| workload.add(session))
    }

    /// A client of the load calls its next operation.
    pub(super) fn work(&mut self, worker: u32) {
        let Some(workload) = &mut self.workload else { return };
        let (key, kind) = workload.next(worker, &self.config.load);
        let session = workload.session_of(worker);
        let has_home = matches!(kind, OperationKind::Get { mode, .. } if Workload::has_home(mode));
        let home = NodeId(u64::from(worker) % self.servers.len() as u64 + 1);
        let operation = self.call(session, key, kind);
        self.start(operation, has_home.then_some(home), false);
    }

    /// An operation has ended: if its client belongs to the load, it learns from it and is free.
    pub(super) fn goes_on(&mut self, id: OperationId, outcome: Outcome) {
        let Some(workload) = &mut self.workload else { return };
        let Some(operation) = self.operations.get(id.0 as usize) else { return };
        let Some(worker) = workload.worker_of(operation.session) else { return };
        workload.learn(worker, &operation.kind, outcome);
        let load = &self.config.load;
        if load.clients == 0 {
            return workload.set_idle(worker);
        }
        let rest = if outcome == Outcome::Ok { Time(0) } else { self.config.clients.rest(0) };
        // Answers may take no time, but time must pass.
        let earliest = operation.called_at.after(Time::of_ticks(1));
        let time = self.now.after(load.think_ms.max(rest)).max(earliest);
        if load.lasts_until(time) {
            self.schedule(time, Due::Call(worker));
        }
    }
}
