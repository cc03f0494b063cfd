//! The tests of MIT 6.5840, part 3B: the log.

use super::tester::{ELECTION_TIMEOUT, SEEDS, Tester};

fn next(server: u64, by: u64, servers: u64) -> u64 {
    (server - 1 + by) % servers + 1
}

/// Goal (BasicAgree): three commands get the indices 1, 2, 3, and nothing is committed before it is proposed.
#[test]
fn basic_agreement() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        for index in 1..=3 {
            assert_eq!(tester.n_committed(index).0, 0, "committed before it was proposed");
            let command = (index * 100).to_string();
            assert_eq!(tester.one(&command, 3, false), index);
        }
    }
}

/// Goal (RPCBytes): each command travels to each follower once: ten of 5,000 bytes cost at most three times that, and
/// 50,000 bytes.
#[test]
fn bytes_of_messages() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.one("99", 3, false);
        tester.traffic();
        let (commands, size) = (10, 5_000);
        let mut payload = 0;
        for number in 0..commands {
            let command = format!("{number}{}", "x".repeat(size));
            tester.one(&command, 3, false);
            payload += command.len() as u64;
        }
        let bytes = tester.traffic().bytes;
        assert!(bytes <= 3 * payload + 50_000, "{bytes} bytes for {payload} of commands");
    }
}

/// Goal (FollowerFailure): agreement goes on without one of two followers, and ends without both.
#[test]
fn progressive_failure_of_followers() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.one("101", 3, false);
        let leader = tester.check_one_leader();
        tester.disconnect(next(leader, 1, 3));
        tester.one("102", 2, false);
        tester.sleep(ELECTION_TIMEOUT);
        tester.one("103", 2, false);
        let leader = tester.check_one_leader();
        tester.disconnect(next(leader, 1, 3));
        tester.disconnect(next(leader, 2, 3));
        let (index, _) = tester.propose(leader, "104").expect("it still leads");
        assert_eq!(index, 4);
        tester.sleep(2 * ELECTION_TIMEOUT);
        assert_eq!(tester.n_committed(index).0, 0, "committed without a quorum");
    }
}

/// Goal (LeaderFailure): agreement survives the loss of one leader, and ends with the second.
#[test]
fn failure_of_leaders() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.one("101", 3, false);
        let first = tester.check_one_leader();
        tester.disconnect(first);
        tester.one("102", 2, false);
        tester.sleep(ELECTION_TIMEOUT);
        tester.one("103", 2, false);
        let second = tester.check_one_leader();
        tester.disconnect(second);
        for server in 1..=3 {
            tester.propose(server, "104");
        }
        tester.sleep(2 * ELECTION_TIMEOUT);
        assert_eq!(tester.n_committed(4).0, 0, "committed without a quorum");
    }
}

/// Goal (FailAgree): a follower that was away catches up when it returns.
#[test]
fn agreement_after_a_follower_reconnects() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.one("101", 3, false);
        let leader = tester.check_one_leader();
        let follower = next(leader, 1, 3);
        tester.disconnect(follower);
        tester.one("102", 2, false);
        tester.one("103", 2, false);
        tester.sleep(ELECTION_TIMEOUT);
        tester.one("104", 2, false);
        tester.one("105", 2, false);
        tester.connect(follower);
        tester.one("106", 3, true);
        tester.sleep(ELECTION_TIMEOUT);
        tester.one("107", 3, true);
    }
}

/// Goal (FailNoAgree): with three of five away nothing is committed; afterwards the next index is 2 or 3.
#[test]
fn no_agreement_without_a_quorum() {
    for seed in SEEDS {
        let mut tester = Tester::new(5, seed);
        tester.one("10", 5, false);
        let leader = tester.check_one_leader();
        (1..=3).for_each(|by| tester.disconnect(next(leader, by, 5)));
        let (index, _) = tester.propose(leader, "20").expect("it still leads");
        assert_eq!(index, 2);
        tester.sleep(2 * ELECTION_TIMEOUT);
        assert_eq!(tester.n_committed(index).0, 0, "committed without a quorum");
        (1..=3).for_each(|by| tester.connect(next(leader, by, 5)));
        let leader = tester.check_one_leader();
        let (index, _) = tester.propose(leader, "30").expect("it leads");
        assert!((2..=3).contains(&index), "index {index}");
        tester.one("1000", 5, true);
    }
}

/// Goal (ConcurrentStarts): five commands proposed at once in one term are all committed, in at most five tries.
#[test]
fn concurrent_starts() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        let is_done = (0..5).any(|_| {
            let leader = tester.check_one_leader();
            let Some((_, term)) = tester.propose(leader, "1") else { return false };
            let taken: Vec<_> =
                (0..5).filter_map(|i| Some((i, tester.propose(leader, &(100 + i).to_string())?))).collect();
            if taken.len() < 5 || taken.iter().any(|(_, (_, of))| *of != term) {
                return false;
            }
            taken.iter().all(|(i, (index, _))| tester.wait(*index, 3, term) == Some((100 + i).to_string()))
        });
        assert!(is_done, "the term moved too often");
    }
}

/// Goal (Rejoin): entries of an isolated leader give way, whichever of two old leaders comes back first.
#[test]
fn an_isolated_leader_rejoins() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.one("101", 3, true);
        let first = tester.check_one_leader();
        tester.disconnect(first);
        for command in ["102", "103", "104"] {
            tester.propose(first, command);
        }
        tester.one("103", 2, true);
        let second = tester.check_one_leader();
        tester.disconnect(second);
        tester.connect(first);
        tester.one("104", 2, true);
        tester.connect(second);
        tester.one("105", 3, true);
    }
}

/// Goal (Backup): logs with fifty entries that give way, three times over, are repaired in time.
#[test]
fn a_leader_backs_up_quickly_over_wrong_entries() {
    for seed in SEEDS {
        let mut tester = Tester::new(5, seed);
        let fifty = |tester: &mut Tester, server: u64| {
            for _ in 0..50 {
                let command = tester.command();
                tester.propose(server, &command);
            }
        };
        let command = tester.command();
        tester.one(&command, 5, true);
        let first = tester.check_one_leader();
        (2..=4).for_each(|by| tester.disconnect(next(first, by, 5)));
        fifty(&mut tester, first);
        tester.sleep(ELECTION_TIMEOUT / 2);
        (0..=1).for_each(|by| tester.disconnect(next(first, by, 5)));
        (2..=4).for_each(|by| tester.connect(next(first, by, 5)));
        for _ in 0..50 {
            let command = tester.command();
            tester.one(&command, 3, true);
        }
        let second = tester.check_one_leader();
        let other = (2..=4).map(|by| next(first, by, 5)).find(|&id| id != second).expect("three of them");
        tester.disconnect(other);
        fifty(&mut tester, second);
        tester.sleep(ELECTION_TIMEOUT / 2);
        (1..=5).for_each(|server| tester.disconnect(server));
        for server in [first, next(first, 1, 5), other] {
            tester.connect(server);
        }
        for _ in 0..50 {
            let command = tester.command();
            tester.one(&command, 3, true);
        }
        (1..=5).for_each(|server| tester.connect(server));
        let command = tester.command();
        tester.one(&command, 5, true);
    }
}

/// Goal (Count): 1 to 30 calls elect a leader, ten commands cost at most 42, an idle second at most 60.
#[test]
fn numbers_of_calls() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        let leader = tester.check_one_leader();
        let election = tester.traffic().calls;
        assert!((1..=30).contains(&election), "{election} calls to elect a leader");
        let mut last = (0, 0);
        for number in 0..12 {
            last = tester.propose(leader, &number.to_string()).expect("it leads");
        }
        assert!(tester.wait(last.0, 3, last.1).is_some(), "the term moved without any failure");
        let agreement = tester.traffic().calls;
        assert!(agreement <= (10 + 1 + 3) * 3, "{agreement} calls for twelve commands");
        tester.sleep(ELECTION_TIMEOUT);
        let idle = tester.traffic().calls;
        assert!(idle <= 3 * 20, "{idle} calls in an idle second");
    }
}
