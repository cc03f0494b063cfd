//! What clients saw of a trial, judged when it is over.

use super::Unhealthy;
use super::course::Course;
use crate::action::ReadName;
use crate::client::OperationKind;
use crate::judge::{History, Level, Verdict};

/// Steps that the judges of one trial may take at each level. Nearly all need as many as there are operations.
const MAX_STEPS: u64 = 100_000;

/// What a read promises.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Promise {
    /// To see everything that was done before.
    Latest,
    /// To go on from where its client was.
    Session,
    /// Nothing.
    Nothing,
}

impl Course {
    /// Whether what clients saw can be explained: writes and the reads that promise it are linearizable, and sessions see what
    /// they have seen and written. Reads from a server's own state promise nothing and are left out.
    pub(super) fn judge(&mut self) -> Result<(), Unhealthy> {
        let all = self.world().history();
        let seen_by = |promise: Promise| {
            let mut history = all.clone();
            history.operations.retain(|one| self.promise(one.id).is_none_or(|found| found == promise));
            history
        };
        let has_sessions = all.operations.iter().any(|one| self.promise(one.id) == Some(Promise::Session));
        let in_sessions =
            if has_sessions { seen_by(Promise::Session) } else { History { operations: Vec::new(), ..all.clone() } };
        let latest = seen_by(Promise::Latest);
        for (level, history) in [
            (Level::Linearizable, &latest),
            (Level::MonotonicReads, &in_sessions),
            (Level::ReadYourWrites, &in_sessions),
        ] {
            match level.judge(history, MAX_STEPS) {
                Verdict::Holds { .. } => {}
                Verdict::Violated(conflict) => return Err(Unhealthy::Unexplained { level, words: conflict.words }),
                Verdict::Exhausted { .. } => self.leave_undecided(),
            }
        }
        Ok(())
    }

    /// What an operation promises if it is a read; `None`: it writes.
    fn promise(&self, operation: u64) -> Option<Promise> {
        match self.world().operations().get(operation as usize)?.kind {
            OperationKind::Get { mode: ReadName::ReadIndex | ReadName::Lease, .. } => Some(Promise::Latest),
            OperationKind::Get { mode: ReadName::Session, .. } => Some(Promise::Session),
            OperationKind::Get { mode: ReadName::Local, .. } => Some(Promise::Nothing),
            _ => None,
        }
    }
}
