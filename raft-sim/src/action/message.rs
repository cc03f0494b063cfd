//! Which message in flight an action is about.

use serde::Serialize;
use serde_json::Value;

use crate::document::{FromJson, Object, one_of};
use crate::error::SimError;

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
