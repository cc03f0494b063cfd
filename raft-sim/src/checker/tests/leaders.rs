//! What leaders know about others.

use raft_core::{LogIndex, Rule};

use super::{Fake, Server, disk, follower, seen};
use crate::checker::Invariant;

/// The leader of term 2 that counts S2 as holding its first entry, which is of term 1.
fn leader() -> Fake {
    Fake::new(1, disk(1, &[1], "a")).lead().acknowledged(2, 1)
}

/// Goal (I16): a leader that counts a follower whose disk lacks the entry, or holds another one, is reported, when it
/// begins to and when the follower restarts; a follower in a later term is free.
#[test]
fn i16_a_follower_is_counted_that_lacks_the_log() {
    assert_eq!(seen(&[leader().server(), follower(2, &[1], 0)]), []);
    for lacking in [follower(2, &[], 0), Fake::new(2, disk(2, &[2], "a")).server()] {
        let all = [leader().server(), lacking];
        let mut checker = super::checker();
        checker.look(&all[0], Some(LogIndex(1)), &all);
        assert!(checker.found().contains(&Invariant::MatchSound));
        let mut checker = super::checker();
        checker.meets(&all[0], &[]);
        checker.restarted(&all[1], [].iter(), &all);
        assert_eq!(checker.found(), [Invariant::MatchSound]);
    }
    assert_eq!(seen(&[leader().server(), Fake::new(2, disk(3, &[], "a")).server()]), []);
}

/// Goal (I17): a leader that forgets what a follower has acknowledged is reported.
#[test]
fn i17_a_match_index_that_shrinks() {
    let mut checker = super::checker();
    checker.meets(&leader().server(), &[]);
    assert_eq!(checker.found(), []);
    checker.look(&Fake::new(1, disk(1, &[1], "a")).lead().server(), None, &[]);
    assert_eq!(checker.found(), [Invariant::MatchMonotone]);
}

/// Goal (I18): a leader that has more messages on their way than the window allows is reported.
#[test]
fn i18_a_window_that_is_too_large() {
    let flood = |is_limited: bool| -> Server {
        let mut leader = leader();
        if !is_limited {
            leader.node.set_rules(leader.node.rules().without(Rule::FlowControl));
        }
        for _ in 0..=leader.node.options().max_inflight_messages {
            leader.node.propose([b'x'].as_slice().into()).unwrap();
            leader.drain();
        }
        leader.server()
    };
    assert_eq!(seen(&[flood(true)]), []);
    assert_eq!(seen(&[flood(false)]), [Invariant::ProgressRelations]);
}
