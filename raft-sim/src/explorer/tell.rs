//! A run through explored states as a scenario.

use super::config::ExplorerConfig;
use super::walk::{Slot, Walk};
use crate::action::Action;
use crate::breaks::Breaks;
use crate::checker::Invariant;
use crate::condition::Condition;
use crate::rules::{RuleName, RuleSet};
use crate::scenario::Scenario;
use crate::script::{ScriptStep, Text};
use crate::time::Time;

/// Time from one step to the next.
const STEP: Time = Time(10_000);
/// The latency of a disk that is not to finish.
const NEVER: Time = Time(1_000_000_000);

/// The run as a scenario that ends with what is broken.
pub(super) fn scenario(config: &ExplorerConfig, walk: &Walk, broken: &[Invariant]) -> Scenario {
    let mut cluster = config.cluster();
    if config.slow_disks {
        cluster.disk.latency_ms = NEVER;
    }
    let mut script = Vec::new();
    let mut latencies = vec![NEVER; cluster.total()];
    for (at, slot) in walk.slots.iter().enumerate() {
        let at_ms = Some(time(at));
        if let Some(server) = slot.began {
            let latency = latency(&walk.slots, at, server);
            if std::mem::replace(&mut latencies[server], latency) != latency {
                let action = Some(Action::SetDiskLatency { server: server as u64 + 1, ms: latency, max_ms: None });
                script.push(ScriptStep { at_ms, action, ..ScriptStep::default() });
            }
        }
        if slot.action.is_some() {
            script.push(ScriptStep { at_ms, action: slot.action.clone(), ..ScriptStep::default() });
        }
    }
    let found = broken.first().map(|invariant| Condition::Violation { invariant: Some(invariant.id().into()) });
    let plain = ExplorerConfig::of(config.servers).rule_set();
    let rule = only_rule_off(plain, config.rule_set());
    let (expect, expect_off) = if rule.is_some() { (None, found) } else { (found, None) };
    script.push(ScriptStep { at_ms: Some(time(walk.slots.len())), expect, expect_off, ..ScriptStep::default() });
    let title = broken.first().map_or("Explored", |invariant| invariant.name());
    Scenario {
        id: rule.map_or_else(|| "explored".into(), |rule| format!("without-{}", rule.name())),
        title: Text { en: format!("{title}: the shortest way to break it"), zh: None },
        rule,
        breaks: rule.and(broken.first()).copied().map(Breaks::Invariant),
        script,
        ..Scenario::of_cluster(cluster)
    }
}

/// When a slot is.
const fn time(at: usize) -> Time {
    Time((at as u64 + 1) * STEP.0)
}

/// How long the sync takes that begins at a server in a slot.
fn latency(slots: &[Slot], at: usize, server: usize) -> Time {
    let end = slots.iter().enumerate().skip(at + 1).find(|(_, slot)| {
        let is_crash = matches!(slot.action, Some(Action::Crash { server: id, .. }) if id == server as u64 + 1);
        slot.ended == Some(server) || is_crash
    });
    match end {
        Some((end, slot)) if slot.ended.is_some() => Time((end - at) as u64 * STEP.0),
        _ => NEVER,
    }
}

/// The rule that is off, if it is only one besides those that are off in every exploration.
fn only_rule_off(plain: RuleSet, rules: RuleSet) -> Option<RuleName> {
    let mut off = rules.off().filter(|&rule| plain.has(rule));
    off.next().filter(|_| off.next().is_none())
}
