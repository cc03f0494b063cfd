//! Changes of the configuration that let two majorities decide.

use raft_core::Rule;
use raft_sim::{Action, Membership};

use super::stage::{LEASE, Stage};

fn change(stage: &mut Stage, server: u64, change: Membership) {
    stage.act(&Action::ChangeMembership { server: Some(server), change });
}

/// raft-dev 2015, copycat#23, AxonServer PR#120: a leader changed the configuration before it had committed an entry of its
/// term, while an older change was still undecided.
///
/// Goal: two leaders that each remove the other do not both decide. Without the rule the second commits with S3, and the
/// first is elected by S4 without what was committed (I4).
#[test]
fn b2_a_change_before_the_first_commit_makes_disjoint_majorities() {
    for rules_off in [&[][..], &[Rule::NoOpBeforeConfig]] {
        let mut stage = Stage::by_hand(4, rules_off);
        stage.elect(1, &[2, 3, 4]);
        stage.settle_among(&[1, 2, 3, 4]);
        // Nobody hears that S1 removes S2.
        change(&mut stage, 1, Membership::Remove { remove: 2 });
        stage.lose_everything();
        stage.wait(LEASE);
        stage.elect(2, &[3, 4]);
        change(&mut stage, 2, Membership::Remove { remove: 1 });
        if rules_off.is_empty() {
            assert_eq!(stage.node(2).configuration().voters().len(), 4, "it has to wait");
            stage.settle_among(&[2, 3, 4]);
            change(&mut stage, 2, Membership::Remove { remove: 1 });
        }
        stage.settle_among(&[2, 3]);
        assert_eq!(stage.node(2).configuration().voters().len(), 3);
        assert_eq!(stage.node(2).commit_index(), stage.node(2).log().last_index());
        // S4 has not heard of that either.
        stage.wait(LEASE);
        assert_eq!(stage.campaign_among(1, &[4]), !rules_off.is_empty());
        stage.assert_broken(rules_off, &["I4"]);
    }
}

/// camunda#60086, and every direct way from one set of voters to another: two majorities that need not meet.
///
/// Goal: while voters 1 to 3 become 3 to 5, S1 and S2 cannot decide without S3 to S5, nor the other way round. Without joint
/// consensus both elect a leader in term 2 (I1), and one of them lacks what the other holds to be committed (I4).
#[test]
fn b19_without_a_joint_configuration_two_majorities_decide() {
    for rules_off in [&[][..], &[Rule::JointConsensus]] {
        let mut stage = Stage::by_hand_with_spares(3, 2, rules_off);
        stage.elect(3, &[1, 2]);
        stage.settle_among(&[1, 2, 3]);
        for add_learner in [4, 5] {
            change(&mut stage, 3, Membership::AddLearner { add_learner });
            stage.settle_among(&[1, 2, 3, 4, 5]);
        }
        for _ in 0..3 {
            stage.act(&Action::Heartbeat { server: 3 });
            stage.settle_among(&[1, 2, 3, 4, 5]);
        }
        let voters = vec![3, 4, 5];
        change(&mut stage, 3, Membership::Replace { voters, learners: Vec::new() });
        let index = stage.node(3).log().configuration_index();
        stage.settle_among(&[3, 4, 5]);
        assert_eq!(stage.node(3).commit_index() >= index, !rules_off.is_empty());
        // S3 falls silent. What is left of C_new campaigns, and what is left of C_old.
        stage.wait(LEASE);
        assert_eq!(stage.campaign_among(4, &[5]), !rules_off.is_empty());
        assert!(stage.campaign_among(1, &[2]));
        stage.assert_broken(rules_off, &["I1", "I4"]);
    }
}
