//! The reductions change numbers, but nothing that is said.

use super::*;

/// Goal: on every row of the table, with each reduction and without, the same is broken after the same number of steps; and
/// with the rule nothing is, in all states where they are few, else up to that depth and one step further.
#[test]
fn reductions_change_no_verdict() {
    const FEW: &[Rule] = &[
        Rule::Majority,
        Rule::StepDownOnHigherTerm,
        Rule::ElectionRestriction,
        Rule::JointConsensus,
        Rule::HonestNodes,
    ];
    for Case { rule, steps, config, .. } in cases() {
        let name = rule.name();
        let mut whole = parse(&config);
        if !FEW.contains(&rule) {
            whole.bounds.depth = Some(steps as u32 + 1);
        }
        let said = |symmetry: bool, drop_stale: bool| {
            let off = ExplorerConfig { symmetry, drop_stale, ..parse(&config).without(rule) };
            let on = ExplorerConfig { symmetry, drop_stale, ..whole.clone() };
            let (found, on) = (explore(off, 2).1.unwrap_or_else(|| panic!("{name}")), explore(on, 2).0);
            (found.invariants[0], found.steps, on.verdict, on.states)
        };
        let reduced = said(true, true);
        assert!(reduced.1 == steps && reduced.2 != Some(Verdict::Violated), "{name}: {reduced:?}");
        for (symmetry, drop_stale) in [(true, false), (false, true), (false, false)] {
            let plain = said(symmetry, drop_stale);
            assert_eq!(
                (plain.0, plain.1, plain.2),
                (reduced.0, reduced.1, reduced.2),
                "{name} {symmetry} {drop_stale}"
            );
            assert!(plain.3 >= reduced.3, "{name}: fewer states");
        }
    }
}

/// Goal: the same where everything that can happen to messages happens.
#[test]
fn reductions_change_no_verdict_on_lossy_networks() {
    let safe = json!({ "servers": 3, "bounds": { "timeouts": 1, "proposals": 1, "drops": 1, "duplicates": 1 } });
    for (symmetry, drop_stale) in [(true, true), (true, false), (false, true), (false, false)] {
        let config = ExplorerConfig { symmetry, drop_stale, ..parse(&safe) };
        assert_eq!(explore(config, 2).0.verdict, Some(Verdict::Exhausted));
    }
}
