//! The tests of MIT 6.5840, part 3A: leader election.

use super::tester::{ELECTION_TIMEOUT, SEEDS, Tester};

/// Goal (InitialElection): three servers elect one leader, agree on a term of at least 1, and keep it.
#[test]
fn initial_election() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.check_one_leader();
        tester.sleep(50);
        let term = tester.check_terms();
        assert!(term >= 1);
        tester.sleep(2 * ELECTION_TIMEOUT);
        assert_eq!(tester.check_terms(), term, "the term moved without any failure");
        tester.check_one_leader();
    }
}

/// Goal (ReElection): a cut-off leader is replaced; its return is harmless; without a quorum nobody leads; with one again,
/// somebody does.
#[test]
fn re_election() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        let first = tester.check_one_leader();
        tester.disconnect(first);
        let second = tester.check_one_leader();
        tester.connect(first);
        assert_eq!(tester.check_one_leader(), second, "the return of the old leader disturbed the new one");
        tester.disconnect(second);
        let other = second % 3 + 1;
        tester.disconnect(other);
        tester.sleep(2 * ELECTION_TIMEOUT);
        tester.check_no_leader();
        tester.connect(other);
        tester.check_one_leader();
        tester.connect(second);
        tester.check_one_leader();
    }
}

/// Goal (ManyElections): seven servers, nine rounds of cutting off three at random: always one leader.
#[test]
fn many_elections() {
    for seed in SEEDS {
        let mut tester = Tester::new(7, seed);
        tester.check_one_leader();
        for _ in 0..9 {
            let cut: Vec<_> = (0..3).map(|_| tester.below(7) + 1).collect();
            for &server in &cut {
                tester.disconnect(server);
            }
            tester.check_one_leader();
            for &server in &cut {
                tester.connect(server);
            }
        }
        tester.check_one_leader();
    }
}
