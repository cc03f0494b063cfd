//! Actions that do less, and come sooner.

use super::Actions;
use crate::action::Action;
use crate::chaos::{Case, Failure};
use crate::time::Time;

/// How many simpler forms an action may have.
const FORMS: usize = 3;
/// How many ways there are to shorten a gap: to nothing, to a tenth, by half, to whole milliseconds.
const WAYS: usize = 4;

/// The simplification with a number; `None`: there are no more. `Some(None)`: it changes nothing.
#[allow(clippy::option_option, reason = "two different kinds of nothing")]
pub(super) fn simpler(actions: &[(Time, Action)], number: usize) -> Option<Option<Actions>> {
    let (at, form) = (number / FORMS, number % FORMS);
    let (_, action) = actions.get(at)?;
    Some(form_of(action, form).map(|simpler| {
        let mut actions = actions.to_vec();
        actions[at].1 = simpler;
        actions
    }))
}

fn form_of(action: &Action, form: usize) -> Option<Action> {
    let simpler = match (action, form) {
        // What a crash does by default is to lose what was not written.
        (Action::Crash { server, .. } | Action::Tear { server, .. }, 0) => {
            Action::Crash { server: *server, lose_unsynced: true }
        }
        (Action::Cut { a, b, one_way: true }, 0) => Action::Cut { a: *a, b: *b, one_way: false },
        (Action::Partition { groups }, 0) => {
            // Servers in no group stand alone.
            Action::Partition { groups: groups.iter().filter(|group| group.len() > 1).cloned().collect() }
        }
        (Action::Delay { message, ms }, 0) => Action::Delay { message: message.clone(), ms: halved(*ms)? },
        (Action::Delay { message, ms }, 1) => Action::Delay { message: message.clone(), ms: rounded(*ms) },
        (Action::SetClockRate { server, .. }, 0) => Action::SetClockRate { server: *server, permille: 1_000 },
        (Action::SetDiskLatency { server, ms, .. }, 0) => {
            Action::SetDiskLatency { server: *server, ms: halved(*ms)?, max_ms: None }
        }
        (Action::JumpClock { server, ms }, 0) => Action::JumpClock { server: *server, ms: ms / 2 },
        (Action::SetApplyLatency { server, ms }, 0) => Action::SetApplyLatency { server: *server, ms: halved(*ms)? },
        (Action::Flap { a, b, one_way, .. }, 0) => Action::Cut { a: *a, b: *b, one_way: *one_way },
        (Action::SetLatency { a, b, min_ms, .. }, 0) => {
            Action::SetLatency { a: *a, b: *b, min_ms: *min_ms, max_ms: *min_ms, one_way: false }
        }
        (Action::ClientWrite { client, key, value, server: Some(_) }, 0) => {
            Action::ClientWrite { client: client.clone(), key: key.clone(), value: value.clone(), server: None }
        }
        (
            Action::ClientAppend { client, key, value, server } | Action::ClientCas { client, key, value, server, .. },
            0,
        ) => Action::ClientWrite { client: client.clone(), key: key.clone(), value: value.clone(), server: *server },
        (Action::TransferLeadership { server: Some(_), target }, 0) => {
            Action::TransferLeadership { server: None, target: *target }
        }
        (Action::ChangeMembership { server: Some(_), change }, 0) => {
            Action::ChangeMembership { server: None, change: change.clone() }
        }
        _ => return None,
    };
    (simpler != *action).then_some(simpler)
}

fn halved(time: Time) -> Option<Time> {
    (time.0 >= 2 * Time::TICK_US).then(|| rounded(Time(time.0 / 2)))
}

fn rounded(time: Time) -> Time {
    Time(time.0 / Time::TICK_US * Time::TICK_US)
}

/// The shortening with a number: an action, and with it all later ones, comes sooner.
#[allow(clippy::option_option, reason = "two different kinds of nothing")]
pub(super) fn quicker(failure: &Failure, number: usize) -> Option<Option<(Case, Actions)>> {
    let (at, way) = (number / WAYS, number % WAYS);
    let time = failure.actions.get(at)?.0;
    let before = at.checked_sub(1).map_or(Time(0), |before| failure.actions[before].0);
    let gap = time.since(before);
    let sooner = match way {
        0 => before,
        1 => before.after(rounded(Time(gap.0 / 10))),
        2 => before.after(rounded(Time(gap.0 / 2))),
        _ => rounded(time),
    };
    Some((before <= sooner && sooner < time).then(|| {
        let shift = time.since(sooner);
        let mut actions = failure.actions.clone();
        actions[at..].iter_mut().for_each(|(time, _)| *time = time.since(shift));
        (Case { end: failure.case.end.since(shift), ..failure.case.clone() }, actions)
    }))
}
