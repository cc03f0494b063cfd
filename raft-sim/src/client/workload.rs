//! Clients that ask by themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{LoadConfig, OperationKind};
use crate::action::ReadName;
use crate::event::Outcome;
use crate::random::Stream;

/// Appends to one key before a new one takes its place, so that values stay short.
const APPENDS_PER_KEY: u32 = 256;
/// Keys of a load that does not say how many.
const KEYS: u32 = 8;

/// What the clients of a load know and do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Workload {
    stream: Stream,
    /// Number of operations so far. Every value is a number of its own.
    called: u64,
    workers: Vec<Worker>,
    /// The workers of an open loop that wait for nothing.
    idle: BTreeSet<u32>,
    keys: Vec<Key>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Worker {
    /// Its session; the numbers rise with those of the workers.
    session: u32,
    /// The key that it asked about last.
    key: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    name: Arc<str>,
    /// What a client of the load was told last that it holds.
    known: Option<Arc<str>>,
    appended: u32,
}

impl Workload {
    pub(crate) fn new(load: &LoadConfig, seed: u64) -> Self {
        let keys = (0..load.keys.unwrap_or(KEYS)).map(|number| Key { name: name(number, 0), known: None, appended: 0 });
        Self {
            stream: Stream::new(seed, 12),
            called: 0,
            workers: Vec::new(),
            idle: BTreeSet::new(),
            keys: keys.collect(),
        }
    }

    /// The number of the next worker.
    pub(crate) const fn workers(&self) -> u32 {
        self.workers.len() as u32
    }

    /// Adds a worker with its session.
    pub(crate) fn add(&mut self, session: u32) -> u32 {
        self.workers.push(Worker { session, key: 0 });
        self.workers.len() as u32 - 1
    }

    /// A worker that waits for nothing: the first one, so that there are no more of them than are needed.
    pub(crate) fn take_idle(&mut self) -> Option<u32> {
        self.idle.pop_first()
    }

    pub(crate) fn set_idle(&mut self, worker: u32) {
        self.idle.insert(worker);
    }

    /// The worker that has a session.
    pub(crate) fn worker_of(&self, session: u32) -> Option<u32> {
        let at = self.workers.binary_search_by_key(&session, |worker| worker.session);
        at.ok().map(|at| at as u32)
    }

    pub(crate) fn session_of(&self, worker: u32) -> u32 {
        self.workers[worker as usize].session
    }

    /// What a worker asks for next, and about which key. Every operation draws the same numbers.
    pub(crate) fn next(&mut self, worker: u32, load: &LoadConfig) -> (Arc<str>, OperationKind) {
        let weights = load.operations.weights();
        let total = weights.iter().map(|weight| u64::from(*weight)).sum::<u64>();
        let mut draw = self.stream.between(0, total.saturating_sub(1));
        let at = self.stream.between(0, self.keys.len() as u64 - 1) as usize;
        self.workers[worker as usize].key = at as u32;
        let key = &mut self.keys[at];
        let number = self.called;
        self.called += 1;
        let chosen = weights.iter().position(|&weight| {
            let is_it = draw < u64::from(weight);
            draw = draw.saturating_sub(weight.into());
            is_it
        });
        let value = || number.to_string().into();
        let kind = match chosen {
            Some(0) => OperationKind::Get { mode: load.read_mode, result: None },
            Some(2) => {
                if key.appended == APPENDS_PER_KEY {
                    let age = key.name.split_once('.').and_then(|(_, age)| age.parse().ok()).unwrap_or(0_u32);
                    *key = Key { name: name(at as u32, age + 1), known: None, appended: 0 };
                }
                key.appended += 1;
                OperationKind::Append { value: format!("{number};").into() }
            }
            Some(3) => OperationKind::Cas { expected: key.known.clone(), value: value(), matched: None },
            Some(4) => OperationKind::Delete,
            _ => OperationKind::Put { value: value() },
        };
        (Arc::clone(&key.name), kind)
    }

    /// A worker was told how its operation ended.
    pub(crate) fn learn(&mut self, worker: u32, kind: &OperationKind, outcome: Outcome) {
        let key = &mut self.keys[self.workers[worker as usize].key as usize];
        match kind {
            _ if outcome != Outcome::Ok => {}
            OperationKind::Get { result, .. } => key.known.clone_from(result),
            OperationKind::Put { value } | OperationKind::Cas { value, matched: Some(true), .. } => {
                key.known = Some(Arc::clone(value));
            }
            OperationKind::Delete => key.known = None,
            OperationKind::Append { .. } | OperationKind::Cas { .. } | OperationKind::Sync => {}
        }
    }

    /// Whether reads of this mode ask a server of the client's own.
    pub(crate) const fn has_home(mode: ReadName) -> bool {
        matches!(mode, ReadName::Local | ReadName::Session)
    }
}

/// The name of a key: `a`, and after so many appends `a.1`.
fn name(number: u32, age: u32) -> Arc<str> {
    let base = u8::try_from(number).ok().filter(|number| *number < 26).map(|number| (b'a' + number) as char);
    let base = base.map_or_else(|| format!("k{number}"), String::from);
    if age == 0 { base.into() } else { format!("{base}.{age}").into() }
}
