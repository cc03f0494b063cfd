//! Promises that were broken, each with the number of the invariant.

use raft_core::{LogIndex, Role, Rule};
use raft_sim::KindName::{AppendEntries, AppendEntriesReply, InstallSnapshot, PreVote, RequestVote};
use raft_sim::{Action, ReadName};

use super::stage::{LEASE, Stage};

/// logcabin#44, canonical/raft#220, async-raft#106 and #108: a new leader counted the replicas of an entry of an older term
/// and committed it.
///
/// Goal: the story of Figure 8 ends well with the rule. Without it, I7 is broken at the commitment, and I4 when the next
/// leader lacks the entry.
#[test]
fn b1_old_term_entry_on_a_majority_is_not_committed_by_counting() {
    for rules_off in [&[][..], &[Rule::CommitCurrentTermOnly]] {
        let mut stage = Stage::by_hand(5, rules_off);
        // (a) S1 leads term 1; its second entry reaches only S2.
        stage.elect(1, &[2, 3, 4, 5]);
        stage.settle_among(&[1, 2, 3, 4, 5]);
        stage.propose(1);
        stage.settle_among(&[1, 2]);
        // (b) S5 leads term 2 and has another second entry.
        stage.crash(1);
        stage.wait(LEASE);
        stage.elect(5, &[3, 4]);
        stage.crash(5);
        stage.lose_everything();
        // (c) S1 leads term 3. The old entry is on a majority, the blank one of term 3 is not.
        stage.restart(1);
        stage.wait(LEASE);
        stage.elect(1, &[2, 3, 4]);
        stage.call(AppendEntries, 1, 2);
        stage.call(AppendEntries, 1, 3);
        stage.call(AppendEntries, 1, 3);
        assert_eq!([1, 2, 3].map(|id| stage.terms(id)), [vec![1, 1, 3], vec![1, 1, 3], vec![1, 1]]);
        let is_committed = stage.node(1).commit_index() >= LogIndex(2);
        assert_eq!(is_committed, !rules_off.is_empty());
        // (d) S5 leads term 4 and overwrites it.
        stage.crash(1);
        stage.restart(5);
        stage.wait(LEASE);
        stage.elect(5, &[3, 4]);
        stage.settle_among(&[3, 4, 5]);
        assert_eq!(stage.terms(3), [1, 2, 4]);
        stage.assert_broken(rules_off, &["I7", "I4"]);
    }
}

/// openraft#1802 (`VecProgress`), d60f1e85, beb0302b; hashicorp/raft 163a55f; little_raft: the quorum of an even number of
/// servers was computed wrongly.
///
/// Goal: in a cluster of four, two servers do not decide. Where half is enough, both halves elect a leader in the same term
/// (I1) and commit what no majority holds (I6).
#[test]
fn b8_half_of_four_is_no_quorum() {
    for rules_off in [&[][..], &[Rule::Majority]] {
        let mut stage = Stage::by_hand(4, rules_off);
        let leads_first_half = stage.campaign_among(1, &[2]);
        if leads_first_half {
            stage.settle_among(&[1, 2]);
            assert!(stage.broken().contains("I6"), "{:?}", stage.broken());
        }
        let leads_second_half = stage.campaign_among(3, &[4]);
        assert_eq!([leads_first_half, leads_second_half], [!rules_off.is_empty(); 2]);
        stage.assert_broken(rules_off, &["I1"]);
    }
}

/// hashicorp/raft#661, tikv#9579, camunda#1068 and #5356, nebula PR#3415, ClickHouse#111454: a restarted server did not know
/// its vote, or its term, and voted twice.
///
/// Goal: a voter that crashes after its vote refuses the second candidate. Without either rule it votes again (I10), and the
/// term has two leaders (I1).
#[test]
fn b14_a_crash_does_not_free_a_vote_that_was_given() {
    for rules_off in [&[][..], &[Rule::PersistVote], &[Rule::PersistTerm]] {
        let mut stage = Stage::by_hand(3, rules_off);
        for candidate in [1, 3] {
            stage.campaign(candidate);
            stage.call(PreVote, candidate, 2);
        }
        stage.call(RequestVote, 1, 2);
        stage.crash(2);
        stage.restart(2);
        stage.call(RequestVote, 3, 2);
        assert_votes(&stage, rules_off);
    }
}

/// openraft's io_ordering.md: a crash kept the log and lost the vote that was written before it.
///
/// Goal: a voter that took an older entry from the leader it voted for, and crashes, still knows its vote. Without the rule
/// it has the entry and votes again (I10), and the term has two leaders (I1).
#[test]
fn b22_the_log_does_not_outlive_the_vote() {
    for rules_off in [&[][..], &[Rule::PersistTerm]] {
        let mut stage = Stage::by_hand(3, rules_off);
        stage.elect(1, &[2, 3]);
        stage.settle_among(&[1, 2, 3]);
        stage.propose(1);
        stage.settle_among(&[1, 3]);
        assert_eq!((stage.terms(2), stage.terms(3)), (vec![1], vec![1, 1]));
        stage.wait(LEASE);
        stage.lose_everything();
        // S1 and S3 campaign in term 2. S2 votes for S1 and gets the entry of term 1 from it.
        for candidate in [1, 3] {
            stage.campaign(candidate);
            stage.call(PreVote, candidate, 2);
        }
        stage.call(RequestVote, 1, 2);
        stage.call(AppendEntries, 1, 2);
        stage.call(AppendEntries, 1, 2);
        stage.crash(2);
        stage.restart(2);
        assert_eq!(stage.terms(2), [1, 1]);
        stage.call(RequestVote, 3, 2);
        assert_votes(&stage, rules_off);
    }
}

/// With all rules S1 alone leads; without one S3 does, too, by the vote that was given before.
fn assert_votes(stage: &Stage, rules_off: &[Rule]) {
    let leaders: &[u64] = if rules_off.is_empty() { &[1] } else { &[1, 3] };
    assert_eq!(stage.leaders(), leaders, "without {rules_off:?}");
    stage.assert_broken(rules_off, &["I10", "I1"]);
}

/// CCF's scenario pre_vote_double_leader and canonical/raft#196: a pre-candidate that fell back to follower in the same term
/// voted a second time, so that the term had two leaders.
///
/// Goal: voters of term 1 that have asked for pre-votes in vain refuse the second candidate. Without the rule that a vote is
/// kept they vote again (I10), and the term has two leaders (I1). Method: leaders append no blank entry, which would give the
/// second candidate's log away.
#[test]
fn b4_a_pre_candidate_that_falls_back_keeps_its_vote() {
    for rules_off in [&[][..], &[Rule::HonestNodes]] {
        let mut stage = Stage::by_hand(5, &[&[Rule::NoOp], rules_off].concat());
        for candidate in [1, 5] {
            stage.campaign(candidate);
            for voter in [2, 3] {
                stage.call(PreVote, candidate, voter);
            }
        }
        stage.call(RequestVote, 1, 2);
        stage.call(RequestVote, 1, 3);
        assert_eq!(stage.leaders(), [1]);
        for voter in [2, 3] {
            stage.campaign(voter);
            assert_eq!(stage.node(voter).role(), Role::PreCandidate);
            stage.call(AppendEntries, 1, voter);
            assert_eq!(stage.node(voter).role(), Role::Follower);
            stage.call(RequestVote, 5, voter);
        }
        let leaders: &[u64] = if rules_off.is_empty() { &[1] } else { &[1, 5] };
        assert_eq!(stage.leaders(), leaders);
        stage.assert_broken(rules_off, &["I10", "I1"]);
    }
}

/// camunda#6092, etcd 80615be, RedisLabs/raft#49: a snapshot that came late cut off newer entries that matched.
///
/// Goal: an acknowledged entry after a late snapshot stays. Without the rule the only follower that held it forgets it, and
/// the third server is elected without what was committed (I4).
#[test]
fn b13_a_late_snapshot_does_not_cut_off_acknowledged_entries() {
    for rules_off in [&[][..], &[Rule::RetainSuffix]] {
        let mut stage = Stage::by_hand(3, rules_off);
        stage.elect(1, &[2, 3]);
        stage.settle_among(&[1, 2, 3]);
        // Entry 2 is committed with S3; entries 2 and 3 are on their way to S2, entry 3 to S3 is lost.
        stage.propose(1);
        stage.propose(1);
        stage.deliver_oldest(AppendEntries, 1, 3);
        stage.deliver_oldest(AppendEntriesReply, 3, 1);
        assert_eq!(stage.node(1).commit_index(), LogIndex(2));
        // S1 compacts, takes the entries for lost, and sends its snapshot. Then they arrive after all.
        stage.act(&Action::Snapshot { server: 1 });
        stage.act(&Action::Heartbeat { server: 1 });
        stage.act(&Action::Heartbeat { server: 1 });
        for _ in 0..2 {
            stage.deliver_oldest(AppendEntries, 1, 2);
            stage.deliver_oldest(AppendEntriesReply, 2, 1);
        }
        assert_eq!((stage.node(1).commit_index(), stage.node(2).commit_index()), (LogIndex(3), LogIndex(1)));
        stage.crash(1);
        stage.deliver_oldest(InstallSnapshot, 1, 2);
        assert_eq!(stage.terms(2).len(), usize::from(rules_off.is_empty()));
        stage.wait(LEASE);
        assert_eq!(stage.campaign_among(3, &[2]), !rules_off.is_empty());
        stage.assert_broken(rules_off, &["I4"]);
    }
}

/// etcd#7331, redisraft#22, d-engine#381, etcd-raft PR#105: a leader that was deposed without knowing it answered a read from
/// its own state.
///
/// Goal: a read at a leader that slept through an election is not answered. Without the rule it misses an acknowledged write
/// (I29).
#[test]
fn b16_a_deposed_leader_answers_no_read() {
    for rules_off in [&[][..], &[Rule::ReadIndex]] {
        let mut stage = Stage::by_hand(3, rules_off);
        stage.elect(1, &[2, 3]);
        stage.settle_among(&[1, 2, 3]);
        stage.act(&Action::Pause { server: 1 });
        stage.wait(LEASE);
        stage.elect(2, &[3]);
        stage.settle_among(&[2, 3]);
        let (client, key) = ("a".to_owned(), "k".to_owned());
        let value = "new".to_owned();
        stage.act(&Action::ClientWrite { client, key: key.clone(), value, server: Some(2) });
        stage.settle_among(&[2, 3]);
        stage.act(&Action::Resume { server: 1 });
        assert_eq!(stage.leaders(), [1, 2]);
        let mode = ReadName::ReadIndex;
        stage.act(&Action::ClientRead { client: "b".into(), key, server: Some(1), mode });
        stage.settle_among(&[2, 3]);
        stage.wait(LEASE);
        stage.assert_broken(rules_off, &["I29"]);
    }
}
