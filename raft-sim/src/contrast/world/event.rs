//! What can happen in this world.

use raft_core::NodeId;
use serde::{Deserialize, Serialize};

use crate::action::KindName;
use crate::contrast::node::{Body, Happening};
use crate::course::Packed;
use crate::event::{Loss, MessageId, OperationId, Outcome};
use crate::network::Addressed;
use crate::timeline::{pack_any, unpack_any};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContrastKind {
    /// Something inside a server.
    Happened(Happening),
    /// A message left its sender.
    Sent(ContrastEnvelope),
    /// A message reached its receiver.
    Delivered(ContrastEnvelope),
    /// A message was lost.
    Lost(ContrastEnvelope, Loss),
    /// A second copy of a message is on its way.
    Duplicated(ContrastEnvelope),
    /// The reader or the script did something; the words for it.
    Acted(Box<str>),
    /// A server stopped.
    Crashed,
    /// A server started from its disk.
    Restarted,
    /// A client's operation began.
    Called(OperationId),
    /// A client's operation ended.
    Returned(OperationId, Outcome),
    /// A read was answered although a write was completed before that it does not show: the read and the write.
    StaleRead(OperationId, OperationId),
    /// Something was asked of a server, or of whoever is primary, and refused; the reason.
    Refused(Box<str>),
    /// An expectation of the script was decided; its number and whether it held.
    Expected(u32, bool),
}

/// What is worth remembering of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContrastEnvelope {
    /// The message.
    pub message: MessageId,
    /// Its kind.
    pub kind: MessageName,
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// What it is about, in words: `x = 1`.
    pub about: Box<str>,
}

/// The kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MessageName {
    /// Keep this copy.
    Store,
    /// It is kept.
    Stored,
    /// What is your copy?
    Fetch,
    /// This.
    Fetched,
    /// Everything that the primary has.
    Mirror,
}

/// A message between two servers of another design.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContrastMessage {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    pub(super) body: Body,
}

impl ContrastMessage {
    /// Its kind.
    pub const fn name(&self) -> MessageName {
        match self.body {
            Body::Store { .. } => MessageName::Store,
            Body::Stored { .. } => MessageName::Stored,
            Body::Fetch { .. } => MessageName::Fetch,
            Body::Fetched { .. } => MessageName::Fetched,
            Body::Mirror { .. } => MessageName::Mirror,
        }
    }

    /// What it is about, in words.
    pub fn about(&self) -> String {
        match &self.body {
            Body::Store { key, copy, .. } => format!("{key} = {}", copy.value),
            Body::Stored { request } => format!("operation {}", request.0),
            Body::Fetch { key, .. } => key.to_string(),
            Body::Fetched { copy: Some(copy), .. } => copy.value.to_string(),
            Body::Fetched { copy: None, .. } => "nothing".into(),
            Body::Mirror { reign, round, .. } => format!("epoch {}, round {round}", reign.epoch),
        }
    }

    pub(super) fn envelope(&self, message: MessageId) -> ContrastEnvelope {
        let (kind, about) = (self.name(), self.about().into());
        ContrastEnvelope { message, kind, from: self.from, to: self.to, about }
    }
}

impl Addressed for ContrastMessage {
    fn from(&self) -> NodeId {
        self.from
    }

    fn to(&self) -> NodeId {
        self.to
    }

    fn is_of(&self, _: KindName) -> bool {
        false
    }
}

impl Packed for ContrastKind {
    fn form(&self) -> u8 {
        0
    }

    fn pack(&self, bytes: &mut Vec<u8>) {
        pack_any(self, bytes);
    }

    fn unpack(_: u8, bytes: &mut &[u8]) -> Self {
        unpack_any(bytes)
    }
}
