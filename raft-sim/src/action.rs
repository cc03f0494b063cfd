//! Everything that a person can do to a cluster, as data.

use serde::Serialize;
use serde_json::Value;

use crate::document::{self, FromJson, Object, invalid, one_of};
use crate::error::SimError;
use crate::limits::MAX_SCENARIO_BYTES;
use crate::rules::RuleName;
use crate::time::Time;

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

/// A change of the configuration, one server at a time, or any at once through joint consensus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Membership {
    /// A server receives the log without a vote.
    AddLearner {
        /// Which one.
        add_learner: u64,
    },
    /// A server, which should be a learner that has caught up, becomes a voter.
    AddVoter {
        /// Which one.
        add_voter: u64,
    },
    /// A voter becomes a learner.
    Demote {
        /// Which one.
        demote: u64,
    },
    /// A server leaves.
    Remove {
        /// Which one.
        remove: u64,
    },
    /// These and no others, through joint consensus.
    Replace {
        /// The voters of C_new.
        voters: Vec<u64>,
        /// The learners of C_new.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        learners: Vec<u64>,
    },
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

/// A message in flight: by its id, or by what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(untagged)]
pub enum MessageSelector {
    /// The message with this id.
    Id(u64),
    /// The oldest or newest message that fits.
    Fits(MessagePattern),
}

/// What a message must be like; what is left out may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MessagePattern {
    /// Its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindName>,
    /// Its sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// Its receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// Which one, if several fit. The oldest by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pick: Option<Pick>,
}

/// Which of several messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Pick {
    /// The one that was sent first.
    Oldest,
    /// The one that was sent last.
    Newest,
}

/// The kinds of message, by the paper's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[allow(missing_docs, reason = "the kinds are documented in raft-core")]
pub enum KindName {
    RequestVote,
    RequestVoteReply,
    PreVote,
    PreVoteReply,
    AppendEntries,
    AppendEntriesReply,
    InstallSnapshot,
    InstallSnapshotReply,
    TimeoutNow,
    ReadIndex,
    ReadIndexReply,
}

impl From<raft_core::MessageKind> for KindName {
    fn from(kind: raft_core::MessageKind) -> Self {
        use raft_core::MessageKind as Kind;
        match kind {
            Kind::RequestVote => Self::RequestVote,
            Kind::RequestVoteReply => Self::RequestVoteReply,
            Kind::PreVote => Self::PreVote,
            Kind::PreVoteReply => Self::PreVoteReply,
            Kind::AppendEntries => Self::AppendEntries,
            Kind::AppendEntriesReply => Self::AppendEntriesReply,
            Kind::InstallSnapshot => Self::InstallSnapshot,
            Kind::InstallSnapshotReply => Self::InstallSnapshotReply,
            Kind::TimeoutNow => Self::TimeoutNow,
            Kind::ReadIndex => Self::ReadIndex,
            Kind::ReadIndexReply => Self::ReadIndexReply,
        }
    }
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

impl FromJson for Action {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let kind: String = object.required("type")?;
        let action = match kind.as_str() {
            "deliver" => Self::Deliver { message: object.required("message")? },
            "drop" => Self::Drop { message: object.required("message")? },
            "duplicate" => Self::Duplicate { message: object.required("message")? },
            "delay" => Self::Delay { message: object.required("message")?, ms: object.required("ms")? },
            "hold" => Self::Hold { message: object.required("message")? },
            "release" => Self::Release { message: object.required("message")? },
            "cut" => {
                let (a, b, one_way) = link(&mut object)?;
                Self::Cut { a, b, one_way }
            }
            "mend" => {
                let (a, b, one_way) = link(&mut object)?;
                Self::Mend { a, b, one_way }
            }
            "partition" => Self::Partition { groups: object.required("groups")? },
            "heal" => Self::Heal,
            "holdLink" => {
                let (a, b, one_way) = link(&mut object)?;
                Self::HoldLink { a, b, one_way }
            }
            "releaseLink" => {
                let (a, b, one_way) = link(&mut object)?;
                Self::ReleaseLink { a, b, one_way }
            }
            "flap" => {
                let (a, b, one_way) = link(&mut object)?;
                Self::Flap { a, b, up_ms: object.required("upMs")?, down_ms: object.required("downMs")?, one_way }
            }
            "crash" => {
                Self::Crash { server: object.required("server")?, lose_unsynced: object.or("loseUnsynced", true)? }
            }
            "tear" => Self::Tear { server: object.required("server")?, entries: object.required("entries")? },
            "restart" => Self::Restart { server: object.required("server")? },
            "pause" => Self::Pause { server: object.required("server")? },
            "resume" => Self::Resume { server: object.required("server")? },
            "timeout" => Self::Timeout { server: object.required("server")? },
            "heartbeat" => Self::Heartbeat { server: object.required("server")? },
            "propose" => Self::Propose { server: object.required("server")?, command: object.required("command")? },
            "clientWrite" => Self::ClientWrite {
                client: object.required("client")?,
                key: object.required("key")?,
                value: object.required("value")?,
                server: object.optional("server")?,
            },
            "clientAppend" => Self::ClientAppend {
                client: object.required("client")?,
                key: object.required("key")?,
                value: object.required("value")?,
                server: object.optional("server")?,
            },
            "clientCas" => Self::ClientCas {
                client: object.required("client")?,
                key: object.required("key")?,
                expected: object.optional("expected")?,
                value: object.required("value")?,
                server: object.optional("server")?,
            },
            "clientDelete" => Self::ClientDelete {
                client: object.required("client")?,
                key: object.required("key")?,
                server: object.optional("server")?,
            },
            "clientSync" => Self::ClientSync { client: object.required("client")?, server: object.optional("server")? },
            "clientRetry" => {
                Self::ClientRetry { client: object.required("client")?, server: object.optional("server")? }
            }
            "clientRead" => Self::ClientRead {
                client: object.required("client")?,
                key: object.required("key")?,
                server: object.optional("server")?,
                mode: object.or("mode", ReadName::default())?,
            },
            "snapshot" => Self::Snapshot { server: object.required("server")? },
            "changeMembership" => {
                Self::ChangeMembership { server: object.optional("server")?, change: Membership::take(&mut object)? }
            }
            "transferLeadership" => {
                Self::TransferLeadership { server: object.optional("server")?, target: object.required("target")? }
            }
            "setClockRate" => {
                Self::SetClockRate { server: object.required("server")?, permille: object.required("permille")? }
            }
            "jumpClock" => Self::JumpClock { server: object.required("server")?, ms: object.required("ms")? },
            "setLatency" => Self::SetLatency {
                a: object.optional("a")?,
                b: object.optional("b")?,
                min_ms: object.required("minMs")?,
                max_ms: object.required("maxMs")?,
                one_way: object.or("oneWay", false)?,
            },
            "setLoss" => Self::SetLoss {
                a: object.optional("a")?,
                b: object.optional("b")?,
                permille: object.required("permille")?,
                one_way: object.or("oneWay", false)?,
            },
            "setDuplication" => Self::SetDuplication {
                a: object.optional("a")?,
                b: object.optional("b")?,
                permille: object.required("permille")?,
                one_way: object.or("oneWay", false)?,
            },
            "setDiskLatency" => Self::SetDiskLatency {
                server: object.required("server")?,
                ms: object.required("ms")?,
                max_ms: object.optional("maxMs")?,
            },
            "setDiskLies" => Self::SetDiskLies { server: object.required("server")?, on: object.required("on")? },
            "setApplyLatency" => {
                Self::SetApplyLatency { server: object.required("server")?, ms: object.required("ms")? }
            }
            "setRule" => Self::SetRule { rule: object.required("rule")?, on: object.required("on")? },
            "note" => Self::Note { text: object.required("text")? },
            _ => return Err(invalid(format!("there is no action {kind:?}")).at("type")),
        };
        object.finish()?;
        action.check_ranges()?;
        Ok(action)
    }
}

/// Takes the fields of a link out of an action.
fn link(object: &mut Object<'_>) -> Result<(u64, u64, bool), SimError> {
    Ok((object.required("a")?, object.required("b")?, object.or("oneWay", false)?))
}

impl Membership {
    /// Takes the fields of a change out of an action.
    fn take(object: &mut Object<'_>) -> Result<Self, SimError> {
        let changes = [
            object.optional("addLearner")?.map(|add_learner| Self::AddLearner { add_learner }),
            object.optional("addVoter")?.map(|add_voter| Self::AddVoter { add_voter }),
            object.optional("demote")?.map(|demote| Self::Demote { demote }),
            object.optional("remove")?.map(|remove| Self::Remove { remove }),
        ];
        let (voters, learners) = (object.optional("voters")?, object.optional::<Vec<u64>>("learners")?);
        let has_stray_learners = learners.is_some() && voters.is_none();
        let learners = learners.unwrap_or_default();
        let replacement = voters.map(|voters| Self::Replace { voters, learners });
        let mut given = changes.into_iter().flatten().chain(replacement);
        match (given.next(), given.next()) {
            (Some(change), None) if !has_stray_learners => Ok(change),
            _ => Err(invalid(
                "exactly one change is needed: addLearner, addVoter, demote, remove, or voters with learners",
            )),
        }
    }

    /// The servers that it names.
    pub(crate) fn servers(&self) -> Vec<u64> {
        match self {
            Self::AddLearner { add_learner: id }
            | Self::AddVoter { add_voter: id }
            | Self::Demote { demote: id }
            | Self::Remove { remove: id } => vec![*id],
            Self::Replace { voters, learners } => voters.iter().chain(learners).copied().collect(),
        }
    }
}

impl FromJson for Membership {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let change = Self::take(&mut object)?;
        object.finish()?;
        Ok(change)
    }
}

impl From<&Membership> for raft_core::MembershipChange {
    fn from(change: &Membership) -> Self {
        use raft_core::NodeId;
        match change {
            Membership::AddLearner { add_learner } => Self::AddLearner(NodeId(*add_learner)),
            Membership::AddVoter { add_voter } => Self::AddVoter(NodeId(*add_voter)),
            Membership::Demote { demote } => Self::Demote(NodeId(*demote)),
            Membership::Remove { remove } => Self::Remove(NodeId(*remove)),
            Membership::Replace { voters, learners } => {
                let ids = |ids: &[u64]| ids.iter().copied().map(NodeId).collect();
                Self::Replace { voters: ids(voters), learners: ids(learners) }
            }
        }
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

impl FromJson for MessageSelector {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        if value.is_object() {
            MessagePattern::from_json(value).map(Self::Fits)
        } else {
            u64::from_json(value).map(Self::Id)
        }
    }
}

impl FromJson for MessagePattern {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let pattern = Self {
            kind: object.optional("kind")?,
            from: object.optional("from")?,
            to: object.optional("to")?,
            pick: object.optional("pick")?,
        };
        object.finish()?;
        Ok(pattern)
    }
}

impl FromJson for Pick {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        one_of(value, &[("oldest", Self::Oldest), ("newest", Self::Newest)])
    }
}

impl FromJson for KindName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        one_of(value, &raft_core::MessageKind::ALL.map(|kind| (kind.name(), Self::from(kind))))
    }
}
