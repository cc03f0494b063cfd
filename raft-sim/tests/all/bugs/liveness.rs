//! Clusters that stood still although a majority was connected (L1).

use raft_core::Rule;
use raft_sim::{Action, ClusterConfig};

use super::stage::Stage;

/// Seeds that each story is told with.
const SEEDS: std::ops::Range<u64> = 0..20;

/// A cluster with a leader that everybody knows.
fn with_leader(servers: usize, seed: u64, rules_off: &[Rule]) -> (Stage, u64) {
    let mut stage = Stage::new(ClusterConfig::of(servers, seed), rules_off);
    let leader = stage.leader_within(5_000).expect("nothing is in the way of a first leader");
    stage.wait(200);
    assert_eq!(stage.leaders(), [leader]);
    (stage, leader)
}

/// Cloudflare 2020; etcd#8499, #9241, #8129; Howard and Abraham 2020: the leader and one follower lose sight of each other
/// now and then, a third server sees both, and leadership goes to and fro for hours.
///
/// Goal: the leader stays in office while the link is cut and when it is mended, and commits. Without vote-stickiness the
/// third server helps the lonely one to depose it; without pre-vote the lonely one comes back with a higher term.
#[test]
fn b31_a_cut_between_leader_and_follower_does_not_depose_the_leader() {
    const ROUNDS: usize = 10;
    for seed in SEEDS {
        for rules_off in [&[][..], &[Rule::PreVote], &[Rule::VoteStickiness]] {
            let (mut stage, _) = with_leader(3, seed, rules_off);
            let mut elections = 0;
            for _ in 0..ROUNDS {
                let leader = stage.leader_within(5_000).expect("all three are up");
                stage.act(&Action::Cut { a: leader, b: leader % 3 + 1, one_way: false });
                elections += stage.elections_within(500);
                stage.act(&Action::Heal);
                elections += stage.elections_within(500);
            }
            if rules_off.is_empty() {
                assert_eq!(elections, 0, "seed {seed}");
                assert!(stage.progresses_within(1_000), "seed {seed}");
            } else {
                assert!(elections >= ROUNDS / 2, "seed {seed}, without {rules_off:?}: {elections} elections");
            }
        }
    }
}

/// The same outages: the leader reaches one server only, which is the only one that reaches all others. It hears the leader
/// and keeps quiet; the others cannot win.
///
/// Goal: the server in the middle leads within three seconds, and commits. Without check-quorum the old leader stays and
/// nothing is ever committed.
#[test]
fn b31_a_server_in_the_middle_takes_over() {
    for seed in SEEDS {
        for rules_off in [&[][..], &[Rule::CheckQuorum]] {
            let (mut stage, leader) = with_leader(5, seed, rules_off);
            let hub = leader % 5 + 1;
            for a in stage.ids() {
                for b in (a + 1..=5).filter(|&b| a != hub && b != hub) {
                    stage.act(&Action::Cut { a, b, one_way: false });
                }
            }
            // What was on its way arrives.
            stage.wait(200);
            if rules_off.is_empty() {
                assert!(stage.progresses_within(3_000), "seed {seed}");
                stage.wait(1_000);
                assert_eq!(stage.leaders(), [hub], "seed {seed}");
                assert_eq!(stage.elections_within(5_000), 0, "seed {seed}");
            } else {
                assert!(!stage.progresses_within(30_000), "seed {seed}");
                assert_eq!(stage.leaders(), [leader], "seed {seed}");
            }
        }
    }
}

/// etcd PR#8334 and raft-rs#84: with pre-vote and check-quorum, the survivors of a leader's crash took it for alive for ever.
///
/// Goal: a crashed leader is replaced within two seconds, in clusters of three and five, by every seed.
#[test]
fn b32_a_crashed_leader_is_replaced() {
    for seed in 0..100 {
        for servers in [3, 5] {
            let (mut stage, leader) = with_leader(servers, seed, &[]);
            stage.crash(leader);
            assert!(stage.leader_within(2_000).is_some(), "{servers} servers, seed {seed}");
            assert!(stage.progresses_within(1_000), "{servers} servers, seed {seed}");
        }
    }
}

/// etcd#8501: pre-vote is switched on in a cluster in which one server has a high term and a short log, another a low term
/// and a long log, and the third is down.
///
/// Goal: the one with the long log leads within three seconds.
#[test]
fn b34_a_higher_term_and_a_longer_log_do_not_deadlock() {
    for seed in SEEDS {
        let (mut stage, leader) = with_leader(3, seed, &[Rule::PreVote]);
        let (follower, lonely) = (leader % 3 + 1, (leader + 1) % 3 + 1);
        // One server is cut off and campaigns, the two others go on.
        stage.act(&Action::Partition { groups: vec![vec![leader, follower]] });
        assert!(stage.progresses_within(2_000));
        stage.wait(200);
        stage.set_rule(Rule::PreVote, true);
        stage.crash(leader);
        stage.act(&Action::Heal);
        let (mine, theirs) = (stage.node(lonely), stage.node(follower));
        assert!(mine.current_term() > theirs.current_term() && mine.log().last_index() < theirs.log().last_index());
        assert_eq!(stage.leader_within(3_000), Some(follower), "seed {seed}");
        assert!(stage.progresses_within(1_000), "seed {seed}");
    }
}

/// openraft#1796 (PR#1800), redpanda PR#2071, etcd-raft#159: a group with long logs and low terms and one with short logs and
/// high terms, each short of a quorum, never agreed on a leader.
///
/// Goal: one with a long log leads within five seconds. Method: seven servers; while the leader and three others go on, the
/// other three raise their terms; then the leader crashes, and six are left, of which four must agree.
#[test]
fn b35_long_logs_with_low_terms_meet_short_logs_with_high_terms() {
    for seed in SEEDS {
        let (mut stage, leader) = with_leader(7, seed, &[Rule::PreVote]);
        let others: Vec<u64> = stage.ids().into_iter().filter(|&id| id != leader).collect();
        let (long, short) = others.split_at(3);
        stage.act(&Action::Partition { groups: vec![[&[leader], long].concat(), short.to_vec()] });
        assert!(stage.progresses_within(2_000));
        stage.wait(1_000);
        stage.set_rule(Rule::PreVote, true);
        stage.crash(leader);
        stage.act(&Action::Heal);
        let low = long.iter().map(|&id| stage.node(id).current_term()).max();
        assert!(short.iter().all(|&id| Some(stage.node(id).current_term()) > low));
        let next = stage.leader_within(5_000).unwrap_or_else(|| panic!("seed {seed}: nobody leads"));
        assert!(long.contains(&next), "seed {seed}: {next} lacks entries");
        assert!(stage.progresses_within(1_000), "seed {seed}");
    }
}

/// cockroach#107060 and #133764: links that work one way only kept a leader in office that could not hear its followers.
///
/// Goal: with any of the sixty-four combinations of one-way links between three servers, two of which hear each other, the
/// cluster commits within five seconds, whoever led before.
#[test]
fn b56_any_one_way_links_that_leave_a_majority_connected() {
    const LINKS: [(u64, u64); 6] = [(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)];
    for seed in 0..3 {
        for cut in 0..1_u32 << LINKS.len() {
            let is_cut = |link: usize| cut & 1 << link != 0;
            if (0..3).all(|pair| is_cut(2 * pair) || is_cut(2 * pair + 1)) {
                continue;
            }
            let (mut stage, _) = with_leader(3, seed, &[]);
            for (link, (a, b)) in LINKS.into_iter().enumerate() {
                if is_cut(link) {
                    stage.cut_one_way(a, b);
                }
            }
            stage.wait(200);
            assert!(stage.progresses_within(5_000), "seed {seed}, cut {cut:06b}");
            assert!(stage.broken().is_empty());
        }
    }
}

/// The same bugs, at their worst: the leader hears nobody and everybody hears the leader.
///
/// Goal: it steps down and another leads within three seconds; one that nobody hears is replaced as well. Without
/// check-quorum the deaf leader stays and nothing is ever committed.
#[test]
fn b56_a_deaf_leader_steps_down_and_a_mute_one_is_replaced() {
    for seed in SEEDS {
        for (is_deaf, rules_off) in [(true, &[][..]), (false, &[]), (true, &[Rule::CheckQuorum])] {
            let (mut stage, leader) = with_leader(5, seed, rules_off);
            for other in (1..=5).filter(|&other| other != leader) {
                let (a, b) = if is_deaf { (other, leader) } else { (leader, other) };
                stage.cut_one_way(a, b);
            }
            stage.wait(200);
            if rules_off.is_empty() {
                assert!(stage.progresses_within(3_000), "seed {seed}, deaf: {is_deaf}");
                stage.wait(1_000);
                assert!(stage.leaders().iter().any(|&other| other != leader), "seed {seed}");
            } else {
                assert!(!stage.progresses_within(30_000), "seed {seed}");
                assert_eq!(stage.leaders(), [leader], "seed {seed}");
            }
        }
    }
}
