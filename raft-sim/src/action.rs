//! Everything that a person can do to a cluster, as data.

mod membership;
mod message;
mod read;

use serde::Serialize;
use serde_json::Value;

use crate::document::{self, FromJson, one_of};
use crate::error::SimError;
use crate::limits::MAX_SCENARIO_BYTES;
use crate::rules::RuleName;
use crate::time::Time;

pub use membership::Membership;
pub use message::{KindName, MessagePattern, MessageSelector, Pick};

/// One thing done to a cluster or its world.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the fields are what the variants say")]
pub enum Action {
    /// Delivers a message now, held or not.
    Deliver { message: MessageSelector },
    /// Loses a message.
    Drop { message: MessageSelector },
    /// Sends a second copy of a message, which arrives at the same time.
    Duplicate { message: MessageSelector },
    /// Makes a message arrive later than planned; a held one that long from now.
    Delay { message: MessageSelector, ms: Time },
    /// Keeps a message until it is released or delivered.
    Hold { message: MessageSelector },
    /// Lets a held message travel on, to arrive now.
    Release { message: MessageSelector },
    /// Cuts the link between two servers, or only its direction from `a` to `b`.
    Cut {
        a: u64,
        b: u64,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Mends what [`Action::Cut`] or [`Action::Flap`] did.
    Mend {
        a: u64,
        b: u64,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Cuts every link between different groups. Servers in no group stand alone.
    Partition { groups: Vec<Vec<u64>> },
    /// Mends every link; none flaps or is held any more.
    Heal,
    /// Keeps every message that would arrive over a link, or over its direction from `a` to `b`, until it is released.
    HoldLink {
        a: u64,
        b: u64,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Ends what [`Action::HoldLink`] began: the messages that were kept arrive now, in the order in which they would have.
    ReleaseLink {
        a: u64,
        b: u64,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Lets a link, or its direction from `a` to `b`, work for a while and be cut for a while, again and again, until it is
    /// cut or mended.
    Flap {
        a: u64,
        b: u64,
        up_ms: Time,
        down_ms: Time,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Stops a server. What its disk has not written yet is lost unless said otherwise.
    Crash {
        server: u64,
        #[serde(skip_serializing_if = "is_yes")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default = "yes"))]
        lose_unsynced: bool,
    },
    /// Stops a server by a power loss in the middle of a write: of the entries on their way to the disk, this many are found
    /// after the restart.
    Tear { server: u64, entries: u32 },
    /// Starts a crashed server from its disk.
    Restart { server: u64 },
    /// Freezes a server: its clock stands still and messages wait at its door.
    Pause { server: u64 },
    /// Lets a paused server go on.
    Resume { server: u64 },
    /// Fires a server's election timer.
    Timeout { server: u64 },
    /// Fires a leader's heartbeat timer.
    Heartbeat { server: u64 },
    /// Proposes a command at a server. `key=value` sets a key; anything else is recorded and does nothing.
    Propose { server: u64, command: String },
    /// A client writes a key, at the leader it finds or at the given server.
    ClientWrite {
        client: String,
        key: String,
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
    },
    /// A client adds to the end of a key's value, at the leader it finds or at the given server.
    ClientAppend {
        client: String,
        key: String,
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
    },
    /// A client sets a key if it has the expected value, or without one if it is not set (compare and set), at the leader it
    /// finds or at the given server.
    ClientCas {
        client: String,
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", tsify(optional, type = "string | null"))]
        expected: Option<String>,
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
    },
    /// A client unsets a key, at the leader it finds or at the given server.
    ClientDelete {
        client: String,
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
    },
    /// A client's session catches up with the leader: its next session read is not older than what is committed now. It
    /// asks the leader it finds or the given server.
    ClientSync {
        client: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
    },
    /// A client that does not know what became of its last write sends it again, in the same session.
    ClientRetry {
        client: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
    },
    /// A client reads a key, at the leader it finds or at the given server.
    ClientRead {
        client: String,
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        mode: ReadName,
    },
    /// A server's state machine becomes a snapshot, which replaces the log up to there.
    Snapshot { server: u64 },
    /// Changes who belongs to the cluster, at the leader that a client would find or at the given server.
    ChangeMembership {
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
        #[serde(flatten)]
        change: Membership,
    },
    /// Hands leadership to a server, from the leader that a client would find or from the given one.
    TransferLeadership {
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
        target: u64,
    },
    /// Makes a server's clock run faster or slower; 1000 is normal.
    SetClockRate { server: u64, permille: u32 },
    /// Sets a server's clock forward, or back if it is less than 0. Time does not run backwards for the server: a clock
    /// that is set back stands still until it shows again what it showed before.
    JumpClock { server: u64, ms: i64 },
    /// Sets how long messages travel, on one link (both ways, or from `a` to `b`) or on all. Messages overtake each other if
    /// it is a range.
    SetLatency {
        #[serde(skip_serializing_if = "Option::is_none")]
        a: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u64>,
        min_ms: Time,
        max_ms: Time,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Sets how many messages out of a thousand are lost, on one link (both ways, or from `a` to `b`) or on all.
    SetLoss {
        #[serde(skip_serializing_if = "Option::is_none")]
        a: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u64>,
        permille: u32,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Sets how many messages out of a thousand arrive twice, on one link (both ways, or from `a` to `b`) or on all.
    SetDuplication {
        #[serde(skip_serializing_if = "Option::is_none")]
        a: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u64>,
        permille: u32,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        one_way: bool,
    },
    /// Sets how long a server's disk takes from a write to its being durable: always `ms`, or from `ms` to `max_ms`.
    SetDiskLatency {
        server: u64,
        ms: Time,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
        max_ms: Option<Time>,
    },
    /// Lets a server's disk say that writes are durable when they are not: a power loss takes them. When it stops lying,
    /// what it has said becomes true. No protocol survives that on a quorum.
    SetDiskLies { server: u64, on: bool },
    /// Sets how long a server takes to apply an entry; answers and reads wait for it.
    SetApplyLatency { server: u64, ms: Time },
    /// Switches a rule on every server.
    SetRule { rule: RuleName, on: bool },
    /// Writes a remark into the event list.
    Note { text: String },
}

/// What a server does before it answers a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ReadName {
    /// A round of heartbeats shows that the leader still leads.
    #[default]
    ReadIndex,
    /// The leader trusts its lease, if it has one.
    Lease,
    /// Nothing: it answers from its own state, which may be old.
    Local,
    /// It waits until it has applied what the client has seen before, here or elsewhere.
    Session,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_yes(value: &bool) -> bool {
    *value
}

/// What [`Action::Crash`] loses unless said otherwise, for the schema.
#[cfg(test)]
const fn yes() -> bool {
    true
}

impl Action {
    /// Reads an action from JSON; errors name the path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        document::parse(json, MAX_SCENARIO_BYTES)
    }
}

impl FromJson for ReadName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let modes = [
            ("readIndex", Self::ReadIndex),
            ("lease", Self::Lease),
            ("local", Self::Local),
            ("session", Self::Session),
        ];
        one_of(value, &modes)
    }
}
