//! A cluster of either implementation, with every message in the hands of the schedule.

use std::collections::{BTreeMap, VecDeque};

use crate::safety::Safety;
use crate::server::{Applied, Server, Setup, View};

pub(crate) struct Cluster<S: Server> {
    servers: Vec<S>,
    /// Messages on their way, by (from, to), oldest first.
    network: BTreeMap<(u64, u64), VecDeque<S::Message>>,
    pub(crate) safety: Safety,
    /// How many snapshots were installed that came from a leader.
    pub(crate) snapshots: usize,
}

/// Which message of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Oldest,
    Newest,
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Deliver,
    Drop,
    /// Deliver it, and keep it for later.
    Duplicate,
}

impl<S: Server> Cluster<S> {
    pub(crate) fn new(setup: Setup) -> Self {
        Self {
            servers: (1..=setup.servers).map(|id| S::new(id, setup)).collect(),
            network: BTreeMap::new(),
            safety: Safety::default(),
            snapshots: 0,
        }
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> + use<S> {
        1..=self.servers.len() as u64
    }

    pub(crate) fn is_up(&self, id: u64) -> bool {
        self.server(id).is_up()
    }

    pub(crate) fn view(&self, id: u64) -> View {
        self.server(id).view()
    }

    pub(crate) fn leads(&self, id: u64) -> bool {
        self.view(id).leads
    }

    /// The leader of the highest term, if anybody leads.
    pub(crate) fn leader(&self) -> Option<u64> {
        let views = self.ids().map(|id| (id, self.view(id)));
        views.filter(|(_, view)| view.leads).max_by_key(|(_, view)| view.term).map(|(id, _)| id)
    }

    /// Commands that a server's state machine has applied since it started.
    pub(crate) fn applied_commands(&self, id: u64) -> Vec<u64> {
        self.safety.applied(id).iter().filter_map(|entry| entry.command).collect()
    }

    /// Does something to a server that is up, and puts on the network what it sends.
    pub(crate) fn run<T>(&mut self, id: u64, input: impl FnOnce(&mut S) -> T) -> Result<Option<T>, String> {
        let server = self.server_mut(id);
        if !server.is_up() {
            return Ok(None);
        }
        let result = input(server);
        let (sent, applied) = (server.take_sent(), server.take_applied());
        for (to, message) in sent {
            self.network.entry((id, to)).or_default().push_back(message);
        }
        self.snapshots += applied.iter().filter(|step| matches!(step, Applied::Snapshot(_))).count();
        self.look_at(id, applied)?;
        Ok(Some(result))
    }

    /// Stops a server. What it sent before is still on its way.
    pub(crate) fn crash(&mut self, id: u64) {
        self.server_mut(id).crash();
        self.safety.forget_applied(id);
    }

    /// Starts a server that is down.
    pub(crate) fn restart(&mut self, id: u64) -> Result<(), String> {
        let server = self.server_mut(id);
        if server.is_up() {
            return Ok(());
        }
        server.restart();
        let applied = server.take_applied();
        self.look_at(id, applied)
    }

    /// Deals with one message of a link, if there is one.
    pub(crate) fn message(&mut self, link: (u64, u64), end: End, fate: Fate) -> Result<(), String> {
        let Some(queue) = self.network.get_mut(&link) else {
            return Ok(());
        };
        let message = match (fate, end) {
            (Fate::Duplicate, End::Oldest) => queue.front().cloned(),
            (Fate::Duplicate, End::Newest) => queue.back().cloned(),
            (_, End::Oldest) => queue.pop_front(),
            (_, End::Newest) => queue.pop_back(),
        };
        match message {
            None => Ok(()),
            Some(message) if fate == Fate::Drop => self.lose(link, &message),
            Some(message) => self.deliver(link, message),
        }
    }

    fn deliver(&mut self, (from, to): (u64, u64), message: S::Message) -> Result<(), String> {
        if !self.is_up(to) {
            return self.lose((from, to), &message);
        }
        let needs_report = S::needs_report(&message);
        self.run(to, |server| server.step(message))?;
        if needs_report {
            self.run(from, |server| server.report(to, true))?;
        }
        Ok(())
    }

    fn lose(&mut self, (from, to): (u64, u64), message: &S::Message) -> Result<(), String> {
        if S::needs_report(message) {
            self.run(from, |server| server.report(to, false))?;
        }
        Ok(())
    }

    /// How many messages are on their way on a link.
    pub(crate) fn on_their_way(&self, link: (u64, u64)) -> usize {
        self.network.get(&link).map_or(0, VecDeque::len)
    }

    /// Loses everything that is on its way.
    pub(crate) fn drop_messages(&mut self) -> Result<(), String> {
        self.wave(|_| false).map(drop)
    }

    /// The same without a report to those who want one.
    pub(crate) fn drop_messages_unseen(&mut self) {
        self.network.clear();
    }

    /// Delivers what is on its way now, in a fixed order, between these servers; everything else is lost. What is sent in
    /// answer stays on its way. Returns whether there was anything to deliver.
    pub(crate) fn wave(&mut self, reachable: impl Fn(u64) -> bool) -> Result<bool, String> {
        self.wave_of_copies(1, reachable)
    }

    /// The same with so many copies of each message, one after the other.
    pub(crate) fn wave_of_copies(&mut self, copies: usize, reachable: impl Fn(u64) -> bool) -> Result<bool, String> {
        let mut any = false;
        for ((from, to), queue) in std::mem::take(&mut self.network) {
            let is_reachable = reachable(from) && reachable(to);
            any |= is_reachable && !queue.is_empty();
            for message in queue {
                if is_reachable {
                    for _ in 1..copies {
                        self.deliver((from, to), message.clone())?;
                    }
                    self.deliver((from, to), message)?;
                } else {
                    self.lose((from, to), &message)?;
                }
            }
        }
        Ok(any)
    }

    /// Delivers everything between these servers until nobody has anything to say.
    pub(crate) fn deliver_all(&mut self, reachable: impl Fn(u64) -> bool) -> Result<(), String> {
        const ENOUGH: usize = 1_000;
        for _ in 0..ENOUGH {
            if !self.wave(&reachable)? {
                return Ok(());
            }
        }
        Err("the servers never fall silent".to_owned())
    }

    fn look_at(&mut self, id: u64, applied: Vec<Applied>) -> Result<(), String> {
        let view = self.view(id);
        self.safety.observe(id, &view)?;
        applied.into_iter().try_for_each(|step| self.safety.apply(id, step))
    }

    fn server(&self, id: u64) -> &S {
        &self.servers[id as usize - 1]
    }

    fn server_mut(&mut self, id: u64) -> &mut S {
        &mut self.servers[id as usize - 1]
    }
}
