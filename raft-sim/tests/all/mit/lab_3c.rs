//! The tests of MIT 6.5840, part 3C: persistence and unreliable networks.

use super::tester::{ELECTION_TIMEOUT, SEEDS, Tester, command_at};
use raft_sim::{Action, Status, Time};

fn bounce(tester: &mut Tester, server: u64) {
    tester.crash(server);
    tester.start(server);
    tester.connect(server);
}

/// Goal (Persist1): agreement goes on after all servers, the leader, or a follower restarted.
#[test]
fn basic_persistence() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.one("11", 3, true);
        (1..=3).for_each(|server| tester.crash(server));
        (1..=3).for_each(|server| tester.start(server));
        (1..=3).for_each(|server| tester.connect(server));
        tester.one("12", 3, true);
        let leader = tester.check_one_leader();
        bounce(&mut tester, leader);
        tester.one("13", 3, true);
        let leader = tester.check_one_leader();
        tester.crash(leader);
        tester.one("14", 2, true);
        tester.start(leader);
        tester.connect(leader);
        tester.one("15", 3, true);
        let follower = tester.check_one_leader() % 3 + 1;
        tester.crash(follower);
        tester.one("16", 2, true);
        tester.start(follower);
        tester.connect(follower);
        tester.one("17", 3, true);
    }
}

/// Goal (Persist2): five rounds of staggered crashes and restarts of five servers.
#[test]
fn more_persistence() {
    for seed in SEEDS {
        let mut tester = Tester::new(5, seed);
        let mut number = 10;
        for _ in 0..5 {
            number += 1;
            tester.one(&number.to_string(), 5, true);
            let leader = tester.check_one_leader();
            let at = |by: u64| (leader - 1 + by) % 5 + 1;
            tester.crash(at(1));
            tester.crash(at(2));
            number += 1;
            tester.one(&number.to_string(), 3, true);
            for by in [0, 3, 4] {
                tester.crash(at(by));
            }
            for by in [1, 2] {
                tester.start(at(by));
                tester.connect(at(by));
            }
            tester.sleep(ELECTION_TIMEOUT);
            tester.start(at(3));
            tester.connect(at(3));
            number += 1;
            tester.one(&number.to_string(), 3, true);
            for by in [4, 0] {
                tester.start(at(by));
                tester.connect(at(by));
            }
        }
        tester.one("1000", 5, true);
    }
}

/// Goal (Persist3): a leader that was partitioned away and a follower that crashed come back in turn.
#[test]
fn a_partitioned_leader_and_a_crashed_follower() {
    for seed in SEEDS {
        let mut tester = Tester::new(3, seed);
        tester.one("101", 3, true);
        let leader = tester.check_one_leader();
        let (second, third) = (leader % 3 + 1, (leader + 1) % 3 + 1);
        tester.disconnect(third);
        tester.one("102", 2, true);
        tester.crash(leader);
        tester.crash(second);
        tester.connect(third);
        tester.start(leader);
        tester.connect(leader);
        tester.one("103", 2, true);
        tester.start(second);
        tester.connect(second);
        tester.one("104", 3, true);
    }
}

/// Goal (Figure8): 1,000 iterations of leaders that crash soon after they appended; at least three of five live; in the
/// end there is agreement.
#[test]
fn figure_8() {
    for seed in SEEDS {
        let mut tester = Tester::new(5, seed);
        let command = tester.command();
        tester.one(&command, 1, true);
        let mut up = 5;
        for _ in 0..1_000 {
            let mut leader = None;
            for server in 1..=5 {
                let command = tester.command();
                if tester.status(server) == Status::Up && tester.propose(server, &command).is_some() {
                    leader = Some(server);
                }
            }
            let is_slow = tester.below(1_000) < 100;
            let wait = if is_slow { tester.below(ELECTION_TIMEOUT / 2) } else { tester.below(13) };
            tester.sleep(wait);
            if let Some(leader) = leader {
                tester.crash(leader);
                up -= 1;
            }
            if up < 3 {
                let server = tester.below(5) + 1;
                if tester.status(server) == Status::Crashed {
                    tester.start(server);
                    tester.connect(server);
                    up += 1;
                }
            }
        }
        for server in (1..=5).filter(|&server| tester.status(server) == Status::Crashed).collect::<Vec<_>>() {
            tester.start(server);
            tester.connect(server);
        }
        let command = tester.command();
        tester.one(&command, 5, true);
    }
}

/// Goal (UnreliableAgree): 49 rounds of five commands at a time are agreed on over a lossy network.
#[test]
fn agreement_over_a_lossy_network() {
    for seed in SEEDS {
        let mut tester = Tester::unreliable(5, seed);
        for round in 1..50 {
            for number in 0..4 {
                let servers = 1..=5;
                let command = format!("{}", 100 * round + number);
                servers.into_iter().find_map(|server| tester.propose(server, &command));
            }
            let command = round.to_string();
            tester.one(&command, 1, true);
        }
        tester.one("100", 5, true);
    }
}

/// Goal (Figure8Unreliable): 1,000 iterations over a lossy network that from the 200th on holds two thirds of the replies
/// back for 200 to 2,200 ms, with random servers cut off; in the end there is agreement.
#[test]
fn figure_8_over_an_unreliable_network() {
    for seed in SEEDS {
        let mut tester = Tester::unreliable(5, seed);
        let command = tester.command();
        tester.one(&command, 1, true);
        let mut up = 5;
        for iteration in 0..1_000 {
            let mut leader = None;
            for server in 1..=5 {
                let command = tester.command();
                if tester.propose(server, &command).is_some() && tester.is_connected(server) {
                    leader = Some(server);
                }
            }
            let is_slow = tester.below(1_000) < 100;
            let wait = if is_slow { tester.below(ELECTION_TIMEOUT / 2) } else { tester.below(13) };
            tester.sleep(wait);
            if iteration >= 200 {
                hold_back_replies(&mut tester);
            }
            let is_cut = tester.below(1_000) < 500;
            if let Some(leader) = leader.filter(|_| is_cut) {
                tester.disconnect(leader);
                up -= 1;
            }
            if up < 3 {
                let server = tester.below(5) + 1;
                if !tester.is_connected(server) {
                    tester.connect(server);
                    up += 1;
                }
            }
        }
        (1..=5).for_each(|server| tester.connect(server));
        let command = tester.command();
        tester.one(&command, 5, true);
    }
}

/// Two thirds of the replies in flight that are not held back yet become 200 to 2,200 ms late.
fn hold_back_replies(tester: &mut Tester) {
    let world = tester.timeline().world();
    let soon = world.now().after(Time::of_ticks(30));
    let replies: Vec<_> = world
        .messages()
        .into_iter()
        .filter(|message| message.message.kind().name().ends_with("Reply"))
        .filter(|message| message.arrives_at.is_some_and(|time| time < soon))
        .map(|message| u64::from(message.id.0))
        .collect();
    for id in replies {
        if tester.below(3) < 2 {
            let late = tester.below(2_000);
            let ms = Time::of_ticks(200 + late);
            tester.act(&Action::Delay { message: raft_sim::MessageSelector::Id(id), ms });
        }
    }
}

fn churn(mut tester: Tester) {
    let mut promised = Vec::new();
    for _ in 0..20 {
        if tester.below(1_000) < 200 {
            let server = tester.below(5) + 1;
            tester.disconnect(server);
        }
        if tester.below(1_000) < 500 {
            let server = tester.below(5) + 1;
            if tester.status(server) == Status::Crashed {
                tester.start(server);
            }
            tester.connect(server);
        }
        if tester.below(1_000) < 200 {
            let server = tester.below(5) + 1;
            tester.crash(server);
        }
        // Three clients take turns for seven tenths of an election timeout.
        for _ in 0..7 {
            for _client in 0..3 {
                let command = tester.command();
                let taken: Vec<_> = (1..=5).filter_map(|server| tester.propose(server, &command)).collect();
                if let Some(&(index, _)) = taken.last() {
                    promised.push((index, command));
                }
            }
            tester.sleep(ELECTION_TIMEOUT / 10);
            promised.retain(|(index, command)| {
                let is_decided = tester.n_committed(*index).0 > 0;
                !is_decided || tester.n_committed(*index).1.as_ref() == Some(command)
            });
        }
    }
    let promised: Vec<_> = promised.into_iter().filter(|(index, _)| tester.n_committed(*index).0 > 0).collect();
    assert!(!promised.is_empty(), "no client got anything done");
    for server in 1..=5 {
        if tester.status(server) == Status::Crashed {
            tester.start(server);
        }
        tester.connect(server);
    }
    tester.sleep(ELECTION_TIMEOUT);
    let command = tester.command();
    tester.one(&command, 5, true);
    for node in tester.timeline().world().nodes() {
        for (index, command) in &promised {
            assert_eq!(command_at(node, *index).as_ref(), Some(command), "S{} at {index}", node.id());
        }
    }
}

/// Goal (ReliableChurn): whatever a client was told is there in the end, after twenty rounds of crashes and cuts.
#[test]
fn churn_on_a_reliable_network() {
    for seed in SEEDS {
        churn(Tester::new(5, seed));
    }
}

/// Goal (UnreliableChurn): the same over a lossy network.
#[test]
fn churn_on_an_unreliable_network() {
    for seed in SEEDS {
        churn(Tester::unreliable(5, seed));
    }
}
