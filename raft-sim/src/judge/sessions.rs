//! The guarantees of a session (Terry et al. 1994): what one client can rely on when its requests go to different servers.
//!
//! They are judged key by key. A value that only one operation wrote names a *version*; one that several wrote names none, and
//! tells nothing. All versions of a key stand in one order, which nobody knows; a guarantee says which version is not newer
//! than which other, and it is violated if these sentences go round in a circle.
//!
//! - Monotonic reads: what a client read is not newer than what it reads later.
//! - Read your writes: what a client wrote is not newer than what it reads later.
//!
//!   Both assume that a write takes effect between its call and its return, so that of two writes one after the other the
//!   second is newer, whoever called them. A history that is sequentially consistent without that is not reported.
//! - Monotonic writes: what a client wrote is not newer than what it writes later.
//! - Writes follow reads: what a client read is not newer than what it writes later.
//!
//!   Both are seen through readers: they assume that reads are monotonic, and judge no key where they are not by themselves.
//!
//! A key that is only appended to tells more: an answer contains all that came before. A key to which is appended and that is
//! overwritten as well is not judged. What is reported is a violation; what is not reported may be one that cannot be seen.

use std::collections::BTreeMap;

use super::graph::Graph;
use super::growth;
use super::history::{Act, History, Operation, Status};
use super::level::Level;
use super::sequential::{Explained, is_explained};
use super::states::normal;
use super::value::Value;
use super::verdict::{Conflict, Verdict};

/// Judges a guarantee of a session for each key. A search for an innocent explanation takes at most `budget` steps.
pub(super) fn judge(history: &History, level: Level, budget: u64) -> Verdict {
    let mut keys: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in history.operations.iter().filter(|operation| operation.status != Status::Fail) {
        keys.entry(&operation.key).or_default().push(operation);
    }
    let mut left = budget;
    let mut exhausted = None;
    for (key, operations) in keys {
        let is_append = |operation: &&&Operation| matches!(operation.act, Act::Append(_));
        let appends = operations.iter().filter(is_append).count();
        let found = if appends == 0 {
            of_versions(history, &operations, level)
        } else if operations.iter().all(|operation| matches!(operation.act, Act::Append(_) | Act::Read(_))) {
            growth::conflict(history, &operations, level)
        } else {
            None
        };
        let Some((operations, words)) = found else { continue };
        let assumes_time = appends == 0 && matches!(level, Level::MonotonicReads | Level::ReadYourWrites);
        if assumes_time {
            match is_explained(history, key, &mut left) {
                Explained::Yes => continue,
                Explained::No => {}
                Explained::GaveUp => {
                    exhausted = exhausted.or_else(|| Some(key.into()));
                    continue;
                }
            }
        }
        let (key, prefix) = (Some(key.into()), Vec::new());
        return Verdict::Violated(Box::new(Conflict { key, operations, prefix, words }));
    }
    match exhausted {
        None => Verdict::Holds { witness: Vec::new() },
        key => Verdict::Exhausted { steps: budget, key },
    }
}

/// An operation whose version is known.
#[derive(Clone, Copy)]
struct Seen<'a> {
    operation: &'a Operation,
    version: u32,
}

/// A contradiction between the versions of a key: the operations on a circle, and a sentence.
fn of_versions(history: &History, operations: &[&Operation], level: Level) -> Option<(Vec<u64>, String)> {
    let versions = Versions::new(history, operations);
    let (reads, writes) = (versions.reads(operations), versions.writes());
    let circle = |levels: &[Level]| {
        let mut graph = versions.graph();
        for level in levels {
            let (given, taken) = match level {
                Level::MonotonicReads => (&reads, &reads),
                Level::ReadYourWrites => (&writes, &reads),
                Level::MonotonicWrites => (&writes, &writes),
                Level::WritesFollowReads => (&reads, &writes),
                // Not of a session: the order of all writes.
                Level::Linearizable | Level::Sequential => {
                    graph.chain(ends(&writes), calls(&writes));
                    continue;
                }
            };
            let mut taken = by_client(taken);
            for (client, given) in by_client(given) {
                graph.chain(ends(&given), calls(&taken.remove(&client).unwrap_or_default()));
            }
        }
        graph.circle()
    };
    let found = match level {
        Level::MonotonicReads | Level::ReadYourWrites => circle(&[Level::Linearizable, level]),
        _ if circle(&[Level::MonotonicReads]).is_some() => None,
        _ => circle(&[level, Level::MonotonicReads]),
    }?;
    Some(versions.explain(&found, &reads, level))
}

fn by_client<'a>(seen: &[Seen<'a>]) -> BTreeMap<u64, Vec<Seen<'a>>> {
    let mut clients: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for one in seen {
        clients.entry(one.operation.client).or_default().push(*one);
    }
    clients
}

fn ends(seen: &[Seen<'_>]) -> Vec<(u64, u32)> {
    let certain = |one: &Seen<'_>| one.operation.returned.filter(|_| one.operation.status == Status::Ok);
    seen.iter().filter_map(|one| Some((certain(one)?, one.version))).collect()
}

fn calls(seen: &[Seen<'_>]) -> Vec<(u64, u32)> {
    seen.iter().map(|one| (one.operation.call, one.version)).collect()
}

/// The versions of a key. The first is what was there before anything was written.
struct Versions<'a> {
    history: &'a History,
    makers: Vec<&'a Operation>,
    /// The version that a value names; `None` if several have it.
    of_value: BTreeMap<Value, Option<u32>>,
}

impl<'a> Versions<'a> {
    fn new(history: &'a History, operations: &[&'a Operation]) -> Self {
        let mut of_value = BTreeMap::from([(normal(history.model, &history.initial), Some(0))]);
        let mut makers = Vec::new();
        for operation in operations {
            let value = match &operation.act {
                Act::Write(value) | Act::Cas { new: value, swapped: true, .. } => value,
                Act::Delete => &Value::Null,
                _ => continue,
            };
            makers.push(*operation);
            let version = Some(makers.len() as u32);
            of_value.entry(normal(history.model, value)).and_modify(|known| *known = None).or_insert(version);
        }
        Self { history, makers, of_value }
    }

    fn of(&self, value: &Value) -> Option<u32> {
        self.of_value.get(&normal(self.history.model, value)).copied().flatten()
    }

    /// What was there at first is not newer than anything, and what a cas found not newer than what it left.
    fn graph(&self) -> Graph {
        let mut graph = Graph::new(self.makers.len() + 1);
        for version in 1..=self.makers.len() as u32 {
            graph.edge(0, version);
        }
        for one in self.writes() {
            if let Act::Cas { expected, .. } = &one.operation.act
                && one.operation.status == Status::Ok
                && let Some(found) = self.of(expected)
            {
                graph.edge(found, one.version);
            }
        }
        graph
    }

    fn reads(&self, operations: &[&'a Operation]) -> Vec<Seen<'a>> {
        let read = |operation: &&'a Operation| match &operation.act {
            Act::Read(value) if operation.status == Status::Ok => Some(Seen { operation, version: self.of(value)? }),
            _ => None,
        };
        operations.iter().filter_map(read).collect()
    }

    fn writes(&self) -> Vec<Seen<'a>> {
        self.makers.iter().zip(1..).map(|(operation, version)| Seen { operation, version }).collect()
    }

    /// Names the operations of a circle: the client for whom one version came before another, or who wrote the two.
    fn explain(&self, circle: &[u32], reads: &[Seen<'_>], level: Level) -> (Vec<u64>, String) {
        let writes = self.writes();
        let (given, taken): (&[Seen<'_>], &[Seen<'_>]) = match level {
            Level::MonotonicReads => (reads, reads),
            Level::ReadYourWrites => (&writes, reads),
            Level::MonotonicWrites => (&writes, &writes),
            _ => (reads, &writes),
        };
        let next = circle.iter().skip(1).chain(circle.first());
        let mut involved: Vec<&Operation> = Vec::new();
        for (from, to) in circle.iter().zip(next) {
            let makers =
                [from, to].into_iter().filter_map(|version| Some(self.makers[version.checked_sub(1)? as usize]));
            involved.extend(makers);
            let written = [from, to].map(|version| version.checked_sub(1).map(|at| self.makers[at as usize]));
            if let [Some(first), Some(second)] = written
                && matches!(level, Level::MonotonicReads | Level::ReadYourWrites)
                && first.status == Status::Ok
                && first.returned.is_some_and(|end| end < second.call)
            {
                continue;
            }
            let pair = pair(given, *from, taken, *to).or_else(|| pair(reads, *from, reads, *to));
            involved.extend(pair.into_iter().flatten());
        }
        involved.sort_by_key(|operation| (operation.call, operation.id));
        involved.dedup_by_key(|operation| operation.id);
        let what = match level {
            Level::MonotonicReads => "a client read something older than what it had read",
            Level::ReadYourWrites => "a client read something older than what it had written",
            Level::MonotonicWrites => "the writes of a client became visible in another order",
            _ => "a write became visible before what its client had read",
        };
        let assumption = match level {
            Level::MonotonicReads | Level::ReadYourWrites => {
                "if writes take effect between their call and their return, and no order of the key explains it otherwise"
            }
            _ => "as seen by readers who never go back",
        };
        let named: Vec<_> = involved.iter().map(|operation| operation.words()).collect();
        let words = format!("{what}, {assumption}: {}", named.join("; "));
        (involved.iter().map(|operation| operation.id).collect(), words)
    }
}

/// Two operations of one client, the first of which returned before the second was called.
fn pair<'a>(given: &[Seen<'a>], from: u32, taken: &[Seen<'a>], to: u32) -> Option<[&'a Operation; 2]> {
    let end = |one: &Seen<'_>| one.operation.returned.filter(|_| one.operation.status == Status::Ok);
    given.iter().filter(|first| first.version == from).find_map(|first| {
        let follows = |second: &&Seen<'_>| {
            let is_own = second.operation.client == first.operation.client;
            second.version == to && is_own && end(first).is_some_and(|end| end < second.operation.call)
        };
        taken.iter().find(follows).map(|second| [first.operation, second.operation])
    })
}
