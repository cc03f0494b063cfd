//! Actions in JSON.

use serde_json::Value;

use super::{Action, Membership, ReadName};
use crate::document::{FromJson, Object, invalid};
use crate::error::SimError;

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
