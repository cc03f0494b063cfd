//! What a run costs its clients, counted from what they saw.

use raft_core::SharedVec;

use crate::client::Operation;
use crate::event::{OperationId, Outcome};
use crate::time::Time;

/// What went wrong so far, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// Reads that were answered with a value older than one whose write was answered before they were called.
    pub stale_reads: u32,
    /// Writes that were lost to another one that had not seen them.
    pub conflicts: u32,
}

/// The latest write that a read should have seen and did not: it was answered before the read was called, and whatever the
/// read answered was written and answered before that write was called. `None` if the read is no worse than late.
///
/// Decided from the history alone. Where several writes have the same value, the read gets the benefit of the doubt.
pub fn missed_write(operations: &SharedVec<Operation>, read: OperationId) -> Option<OperationId> {
    let read = operations.get(read.0 as usize)?;
    let (_, answer) = read.answer()?;
    let writes =
        || operations.iter().enumerate().filter(|(_, write)| write.key == read.key && written(write).is_some());
    let is_answered_before =
        |write: &Operation, time: Time| matches!(write.returned, Some((returned, Outcome::Ok)) if returned < time);
    // A write that is not answered yet, or never is, may take effect at any time.
    let may_follow = |write: &Operation| {
        let mut sources = writes().filter(|(_, source)| written(source) == answer);
        answer.is_some() && sources.any(|(_, source)| !is_answered_before(source, write.called_at))
    };
    let missed = writes().filter(|(_, write)| is_answered_before(write, read.called_at) && !may_follow(write));
    missed.max_by_key(|(_, write)| write.returned.map(|(time, _)| time)).map(|(at, _)| OperationId(at as u32))
}

/// How many reads missed a write.
pub(crate) fn stale_reads(operations: &SharedVec<Operation>) -> u32 {
    let ids = (0..operations.len() as u32).map(OperationId);
    ids.filter(|&id| missed_write(operations, id).is_some()).count() as u32
}

/// The value that an operation writes, if it is one that sets a key.
fn written(operation: &Operation) -> Option<&str> {
    operation.kind.value()
}
