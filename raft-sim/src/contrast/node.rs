//! What the nodes of all designs have in common: what they are told, and what they say.

use std::collections::BTreeMap;
use std::sync::Arc;

use raft_core::NodeId;
use serde::{Deserialize, Serialize};

use super::async_primary::AsyncPrimary;
use super::design::Design;
use super::quorum::Quorum;
use super::write_all::WriteAll;
use crate::event::OperationId;
use crate::time::Time;

/// How long a node waits for a reply before it asks again.
pub(super) const RESEND: Time = Time(100_000);

/// A node of one of the designs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    WriteAll(WriteAll),
    AsyncPrimary(AsyncPrimary),
    Quorum(Quorum),
}

/// What a client asks of a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Request {
    Write {
        key: Arc<str>,
        value: Arc<str>,
    },
    /// To be told a value as the design means it; `is_local`: from the node's own copy, whatever it is.
    Read {
        key: Arc<str>,
        is_local: bool,
    },
}

/// What one node tells another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Body {
    /// Keep this copy, unless you have a newer one.
    Store { request: OperationId, key: Arc<str>, copy: Versioned },
    /// It is kept, or a newer one is.
    Stored { request: OperationId },
    /// What is your copy of this key?
    Fetch { request: OperationId, key: Arc<str> },
    /// This.
    Fetched { request: OperationId, copy: Option<Versioned> },
    /// I am the primary, and this is everything; the newest round of the newest reign counts.
    Mirror { reign: Reign, round: u64, values: Arc<Values> },
}

/// Keys and values without versions.
pub(super) type Values = BTreeMap<Arc<str>, Arc<str>>;
/// Keys and values with versions.
pub(super) type Store = BTreeMap<Arc<str>, Versioned>;

/// One version of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Versioned {
    pub(super) value: Arc<str>,
    pub(super) version: Version,
    /// For each server, the counter of the last of its writes that this one builds on, itself included: a version vector.
    pub(super) seen: Vec<u64>,
}

/// Which of two copies is newer: a Lamport timestamp, and who drew it where two are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Larger than that of every version that the writer had seen.
    pub counter: u64,
    /// The server that gave the number.
    pub writer: NodeId,
}

/// Who is primary, and since which promotion. A later promotion has a larger epoch, unless two happen at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reign {
    /// The number of the promotion, from 1.
    pub epoch: u64,
    /// Who was promoted.
    pub primary: NodeId,
}

/// What happened inside a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are what the variants say")]
pub enum Happening {
    /// It keeps a value from now on.
    Keeps { key: Arc<str>, value: Arc<str>, version: Option<Version> },
    /// It came upon two versions of which neither had seen the other. The last writer wins, the other write is lost.
    Conflict { key: Arc<str>, kept: Version, lost: Version },
    /// It took over everything that the primary of this reign has, in this round.
    Mirrored { reign: Reign, round: u64 },
    /// It is primary from now on.
    TookOver { reign: Reign },
    /// It heard of a later primary and is none any more; so many keys had other values than they have there.
    SteppedDown { reign: Reign, lost: u32 },
}

/// How a node answers a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Written,
    Read(Option<Arc<str>>),
}

/// What a node wants done.
#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    pub(super) messages: Vec<(NodeId, Body)>,
    pub(super) answers: Vec<(OperationId, Answer)>,
    pub(super) happenings: Vec<Happening>,
}

/// Why a node does not do what a client asks.
pub(super) type Refusal = &'static str;

impl Node {
    pub(super) fn new(id: NodeId, servers: u64, design: &Design) -> Self {
        match *design {
            Design::WriteAll => Self::WriteAll(WriteAll::new(id, servers)),
            Design::AsyncPrimary { failover_ms, copy_ms } => {
                Self::AsyncPrimary(AsyncPrimary::new(id, servers, failover_ms, copy_ms))
            }
            Design::Quorum { n, r, w, write_back } => Self::Quorum(Quorum::new(id, servers, n, r, w, write_back)),
            Design::Raft => unreachable!("Raft has a world of its own"),
        }
    }

    /// A client asks for something. The answer comes among the effects, now or later.
    pub(super) fn request(
        &mut self,
        id: OperationId,
        request: Request,
        now: Time,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match self {
            Self::WriteAll(node) => node.request(id, request, now, effects),
            Self::AsyncPrimary(node) => node.request(id, request, effects),
            Self::Quorum(node) => {
                node.request(id, request, now, effects);
                Ok(())
            }
        }
    }

    /// Another node tells something.
    pub(super) fn receive(&mut self, from: NodeId, body: Body, now: Time, effects: &mut Effects) {
        match self {
            Self::WriteAll(node) => node.receive(from, body, effects),
            Self::AsyncPrimary(node) => node.receive(body, now, effects),
            Self::Quorum(node) => node.receive(from, body, now, effects),
        }
    }

    /// When it wants to be told the time; `None`: not before something else happens.
    pub(super) fn deadline(&self) -> Option<Time> {
        match self {
            Self::WriteAll(node) => node.deadline(),
            Self::AsyncPrimary(node) => node.deadline(),
            Self::Quorum(node) => node.deadline(),
        }
    }

    /// Tells it the time.
    pub(super) fn tick(&mut self, now: Time, effects: &mut Effects) {
        match self {
            Self::WriteAll(node) => node.tick(now, effects),
            Self::AsyncPrimary(node) => node.tick(now, effects),
            Self::Quorum(node) => node.tick(now, effects),
        }
    }

    /// It stops. What it keeps was on its disk at once; what it was about to do is forgotten.
    pub(super) fn crash(&mut self) {
        match self {
            Self::WriteAll(node) => node.crash(),
            Self::AsyncPrimary(_) => {}
            Self::Quorum(node) => node.crash(),
        }
    }

    /// It starts again.
    pub(super) fn restart(&mut self, now: Time) {
        if let Self::AsyncPrimary(node) = self {
            node.restart(now);
        }
    }

    /// Makes it the primary. Only [`AsyncPrimary`] can change its own.
    pub(super) fn promote(&mut self, now: Time, effects: &mut Effects) {
        if let Self::AsyncPrimary(node) = self {
            node.promote(now, effects);
        }
    }

    /// Lets a primary copy what it has now. Only [`AsyncPrimary`] has rounds for it.
    pub(super) fn copy(&mut self, now: Time, effects: &mut Effects) {
        if let Self::AsyncPrimary(node) = self {
            node.copy(now, effects);
        }
    }

    /// The reign that it lives under: 1 and S1 for ever where the primary is fixed, none where there is no primary.
    pub(super) const fn reign(&self) -> Option<Reign> {
        match self {
            Self::WriteAll(_) => Some(Reign { epoch: 1, primary: super::write_all::PRIMARY }),
            Self::AsyncPrimary(node) => Some(node.reign()),
            Self::Quorum(_) => None,
        }
    }

    /// Its own copies, in the order of their keys.
    pub(super) fn values(&self) -> Values {
        let plain = |(key, copy): (&Arc<str>, &Versioned)| (key.clone(), copy.value.clone());
        match self {
            Self::WriteAll(node) => node.store().iter().map(plain).collect(),
            Self::AsyncPrimary(node) => Values::clone(node.values()),
            Self::Quorum(node) => node.store().iter().map(plain).collect(),
        }
    }
}

impl Request {
    /// What it is about.
    pub(super) const fn key(&self) -> &Arc<str> {
        match self {
            Self::Write { key, .. } | Self::Read { key, .. } => key,
        }
    }
}

impl Versioned {
    /// Whether neither builds on the other.
    pub(super) fn conflicts_with(&self, other: &Self) -> bool {
        let is_behind = |a: &Self, b: &Self| a.seen.iter().zip(&b.seen).any(|(mine, theirs)| mine < theirs);
        is_behind(self, other) && is_behind(other, self)
    }
}

/// Keeps a copy unless there is a newer one: the last writer wins.
pub(super) fn keep_newest(store: &mut Store, key: &Arc<str>, copy: Versioned, effects: &mut Effects) {
    let kept = store.get(key);
    if let Some(kept) = kept {
        note_conflict(key, kept, &copy, effects);
    }
    if kept.is_none_or(|kept| kept.version < copy.version) {
        let (value, version) = (copy.value.clone(), Some(copy.version));
        effects.happenings.push(Happening::Keeps { key: key.clone(), value, version });
        store.insert(key.clone(), copy);
    }
}

/// Notes that one of two copies will be lost although the other was written without knowing of it.
pub(super) fn note_conflict(key: &Arc<str>, a: &Versioned, b: &Versioned, effects: &mut Effects) {
    if a.conflicts_with(b) {
        let (kept, lost) = (a.version.max(b.version), a.version.min(b.version));
        effects.happenings.push(Happening::Conflict { key: key.clone(), kept, lost });
    }
}
