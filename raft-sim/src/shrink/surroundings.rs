//! Simpler clusters in simpler worlds.

use super::Actions;
use crate::action::{Action, Membership};
use crate::chaos::{Case, Failure};
use crate::config::{ClusterConfig, DiskConfig, OptionsConfig};
use crate::time::Time;

/// Makes one thing of a case simpler; `false`: it is simple already.
type Simplify = fn(&mut Case, &mut Actions, &Failure) -> bool;

/// In the order in which they are tried.
const ALL: &[Simplify] = &[
    |case, _, _| std::mem::take(&mut case.recovers),
    // Later than it went wrong nothing matters.
    |case, actions, failure| {
        let last = if case.recovers { actions.last().map_or(Time(0), |(time, _)| *time) } else { failure.time };
        let end = last.after(Time(1));
        std::mem::replace(&mut case.end, end) > end
    },
    |case, actions, _| fewer_servers(&mut case.cluster, actions),
    |case, actions, _| fewer_servers(&mut case.cluster, actions) && fewer_servers(&mut case.cluster, actions),
    |case, _, _| std::mem::take(&mut case.cluster.network.duplicate_permille) > 0,
    |case, _, _| std::mem::take(&mut case.cluster.network.loss_permille) > 0,
    drops_by_hand,
    |case, _, _| std::mem::take(&mut case.cluster.disk) != DiskConfig::default(),
    |case, _, _| std::mem::take(&mut case.cluster.options) != OptionsConfig::default(),
    |case, _, _| case.cluster.options.max_append_entries.take().is_some(),
    |case, _, _| case.cluster.options.max_inflight_messages.take().is_some(),
    |case, _, _| case.cluster.options.max_uncommitted_bytes.take().is_some(),
    |case, _, _| case.cluster.options.max_snapshot_chunk_bytes.take().is_some(),
    |case, _, _| case.cluster.options.lease_drift_permille.take().is_some(),
    |case, _, _| case.cluster.options.compact_every.take().is_some(),
    |case, _, _| std::mem::take(&mut case.cluster.options.snapshot_ms) > Time(0),
    |case, _, _| case.cluster.options.election_timeout_ms.take().is_some(),
    |case, _, _| case.cluster.options.heartbeat_ms.take().is_some(),
    |case, _, _| rule_on(&mut case.cluster, 0),
    |case, _, _| rule_on(&mut case.cluster, 1),
    |case, _, _| rule_on(&mut case.cluster, 2),
    |case, _, _| latency(&mut case.cluster, (Time(10_000), Time(10_000))),
    |case, _, _| {
        let (shortest, longest) = case.cluster.network.latency_ms;
        shortest < longest && latency(&mut case.cluster, (Time(10_000), Time(20_000)))
    },
    |case, _, _| {
        let (shortest, longest) = case.cluster.network.latency_ms;
        shortest < longest && latency(&mut case.cluster, (shortest, shortest))
    },
    |_, actions, _| {
        one_name(actions, |action| match action {
            Action::ClientWrite { client, .. }
            | Action::ClientAppend { client, .. }
            | Action::ClientCas { client, .. }
            | Action::ClientDelete { client, .. }
            | Action::ClientRead { client, .. }
            | Action::ClientRetry { client, .. } => Some(client),
            _ => None,
        })
    },
    |_, actions, _| {
        one_name(actions, |action| match action {
            Action::ClientWrite { key, .. }
            | Action::ClientAppend { key, .. }
            | Action::ClientCas { key, .. }
            | Action::ClientDelete { key, .. }
            | Action::ClientRead { key, .. } => Some(key),
            _ => None,
        })
    },
];

/// The simplification with a number; `None`: there are no more. `Some(None)`: it changes nothing.
#[allow(clippy::option_option, reason = "two different kinds of nothing")]
pub(super) fn simpler(failure: &Failure, number: usize) -> Option<Option<(Case, Actions)>> {
    let simplify = ALL.get(number)?;
    let (mut case, mut actions) = (failure.case.clone(), failure.actions.clone());
    Some(simplify(&mut case, &mut actions, failure).then_some((case, actions)))
}

fn latency(cluster: &mut ClusterConfig, simple: (Time, Time)) -> bool {
    std::mem::replace(&mut cluster.network.latency_ms, simple) != simple
}

/// Switches on again what was drawn to be off.
fn rule_on(cluster: &mut ClusterConfig, number: usize) -> bool {
    let off = cluster.rules.iter().filter(|(_, on)| !**on).map(|(rule, _)| *rule).nth(number);
    off.is_some_and(|rule| cluster.rules.remove(&rule).is_some())
}

/// Leaves out the last server: a spare, or else a voter.
fn fewer_servers(cluster: &mut ClusterConfig, actions: &mut Actions) -> bool {
    let gone = cluster.total() as u64;
    if cluster.spares > 0 {
        cluster.spares -= 1;
    } else if cluster.servers > 1 {
        cluster.servers -= 1;
    } else {
        return false;
    }
    actions.retain_mut(|(_, action)| match action {
        Action::Partition { groups } => {
            for group in groups {
                group.retain(|&id| id != gone);
            }
            true
        }
        Action::ChangeMembership { change: Membership::Replace { voters, learners }, server } => {
            voters.retain(|&id| id != gone);
            learners.retain(|&id| id != gone);
            *server != Some(gone)
        }
        Action::Cut { a, b, .. }
        | Action::Mend { a, b, .. }
        | Action::HoldLink { a, b, .. }
        | Action::ReleaseLink { a, b, .. }
        | Action::Flap { a, b, .. } => *a != gone && *b != gone,
        Action::SetLatency { a, b, .. } | Action::SetLoss { a, b, .. } | Action::SetDuplication { a, b, .. } => {
            *a != Some(gone) && *b != Some(gone)
        }
        action => !action.named_servers().iter().any(|(_, id)| *id == gone),
    });
    true
}

/// What chance lost is lost by hand, and chance loses nothing more.
fn drops_by_hand(case: &mut Case, actions: &mut Actions, failure: &Failure) -> bool {
    if case.cluster.network.loss_permille == 0 && !actions.iter().any(|(_, action)| loses(action)) {
        return false;
    }
    case.cluster.network.loss_permille = 0;
    actions.retain(|(_, action)| !loses(action));
    let by_hand = failure.lost_by_chance.iter().filter(|(time, _)| *time <= case.end);
    actions.extend(by_hand.map(|(time, message)| (*time, Action::Drop { message: message.clone() })));
    // Stable: what was done at the same moment came before.
    actions.sort_by_key(|(time, _)| *time);
    true
}

const fn loses(action: &Action) -> bool {
    matches!(action, Action::SetLoss { permille: 1.., .. })
}

/// All names become the first one.
fn one_name(actions: &mut Actions, name_of: impl Fn(&mut Action) -> Option<&mut String>) -> bool {
    let mut first: Option<String> = None;
    let mut has_changed = false;
    for name in actions.iter_mut().filter_map(|(_, action)| name_of(action)) {
        match &first {
            None => first = Some(name.clone()),
            Some(first) if first == name => {}
            Some(first) => {
                name.clone_from(first);
                has_changed = true;
            }
        }
    }
    has_changed
}
