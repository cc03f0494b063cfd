//! The famous stories as text. A change of behaviour shows as a diff of a `.snap` file; accept it with `cargo insta accept`,
//! or by running the tests with `INSTA_UPDATE=always`, and let it be reviewed like code.

use insta::assert_snapshot;
use raft_core::{Event, MessageKind, Rule};

use crate::harness::{Cluster, is, on_link};

/// Goal: how a cluster that has never run finds its first leader.
#[test]
fn transcript_first_election() {
    let mut cluster = Cluster::new(3);
    cluster.say("S1 is the first to run out of patience");
    let patience = cluster.node(1).ticks_until_deadline().0;
    cluster.tick(1, patience);
    cluster.settle();
    assert_eq!(cluster.leaders(), [1]);
    assert_snapshot!(cluster.transcript);
}

/// Goal: two commands on their way to all state machines, and the heartbeat that tells the followers of the commitment.
#[test]
fn transcript_normal_operation() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.transcript.clear();
    cluster.say("a command arrives at S1");
    cluster.propose(1, "x");
    cluster.settle();
    cluster.say("two more at once, and S3 hears nothing of them");
    cluster.act(1, |server| {
        server.run(|node| {
            node.propose("y".into()).unwrap();
            node.propose("z".into()).unwrap();
        })
    });
    cluster.deliver(is(MessageKind::AppendEntries, 1, 2));
    cluster.drop_all(on_link(1, 3));
    cluster.settle();
    cluster.say("two heartbeat intervals later");
    cluster.heartbeat(1);
    cluster.settle();
    cluster.heartbeat(1);
    cluster.settle();
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), ["x", "y", "z"]);
    }
    assert_snapshot!(cluster.transcript);
}

/// Goal: a follower with entries of three dead terms meets a leader with three others; one probe per term.
#[test]
fn transcript_fast_backup() {
    let mut cluster = Cluster::with_logs(7, &[&[1, 3, 3, 5, 5, 7, 7], &[1, 2, 2, 4, 4, 6, 6], &[1, 3, 3, 5, 5, 7, 7]]);
    cluster.elect(1);
    assert_eq!(cluster.terms(2), [1, 3, 3, 5, 5, 7, 7, 8]);
    assert_snapshot!(cluster.transcript);
}

/// Goal: the same logs with the rule off; one probe per entry.
#[test]
fn transcript_fast_backup_off() {
    let mut cluster = Cluster::with_logs(7, &[&[1, 3, 3, 5, 5, 7, 7], &[1, 2, 2, 4, 4, 6, 6], &[1, 3, 3, 5, 5, 7, 7]])
        .without(Rule::FastBackup);
    cluster.elect(1);
    assert_eq!(cluster.terms(2), [1, 3, 3, 5, 5, 7, 7, 8]);
    assert_snapshot!(cluster.transcript);
}

/// Goal: two candidates share the votes of a term, and the next draw decides.
#[test]
fn transcript_split_vote() {
    let mut cluster = Cluster::new(4).without(Rule::PreVote);
    cluster.say("S1 and S2 campaign at the same moment");
    cluster.campaign(1);
    cluster.campaign(2);
    cluster.deliver_one(MessageKind::RequestVote, 1, 3);
    cluster.deliver_one(MessageKind::RequestVote, 2, 4);
    cluster.settle();
    assert!(cluster.leaders().is_empty());
    cluster.say("nobody has won; the next draws differ");
    while cluster.leaders().is_empty() {
        cluster.run(1);
    }
    assert_snapshot!(cluster.transcript);
}

/// Figure 8 of the paper up to (c), told from the beginning and without setting any state by hand.
fn figure_8(rule_off: Option<Rule>) -> Cluster {
    // Blank entries would hide the point of the figure, which was drawn without them.
    let mut cluster = Cluster::new(5).without(Rule::NoOp).without(Rule::PreVote);
    if let Some(rule) = rule_off {
        cluster = cluster.without(rule);
    }
    cluster.say("(before) S1 leads term 1 and everybody has its first entry");
    cluster.elect(1);
    cluster.propose(1, "1");
    cluster.settle();
    cluster.transcript.clear();

    cluster.say("(a) S1 leads term 2 and brings its entry to S2 only");
    cluster.crash(1);
    cluster.restart(1);
    cluster.elect(1);
    cluster.propose(1, "2");
    cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
    cluster.network.clear();

    cluster.say("(b) S1 crashes; S5 wins term 3 with S3 and S4, and takes another entry for itself");
    cluster.crash(1);
    cluster.isolate(&[2]);
    cluster.elect(5);
    cluster.propose(5, "3");
    cluster.network.clear();

    cluster.say("(c) S5 crashes; S1 returns, wins term 4 and goes on to bring its old entry to S3");
    cluster.crash(5);
    cluster.restart(1);
    cluster.heal();
    cluster.campaign(1);
    cluster.settle();
    cluster.elect(1);
    cluster.heartbeat(1);
    cluster.settle();
    cluster
}

/// Goal: Figure 8 with all rules of commitment: the old entry may be lost, for it was never committed.
#[test]
fn transcript_figure_8() {
    let mut cluster = figure_8(None);
    assert!(cluster.commit(1) < 2);
    cluster.say("(d) S1 crashes; S5 returns, wins with S2, S3 and S4, and overwrites the entry");
    figure_8_d(&mut cluster);
    for id in [2, 3, 4] {
        assert!(!cluster.server(id).told(|event| matches!(event, Event::EntriesTruncated { committed: true, .. })));
    }
    assert_snapshot!(cluster.transcript);
}

/// Goal: Figure 8 when replicas of an older term are counted: a committed entry is lost.
#[test]
fn transcript_figure_8_without_the_rule() {
    let mut cluster = figure_8(Some(Rule::CommitCurrentTermOnly));
    assert_eq!(cluster.commit(1), 2);
    cluster.say("(d) S1 crashes; S5 returns, wins with S2, S3 and S4, and overwrites the COMMITTED entry");
    figure_8_d(&mut cluster);
    assert_snapshot!(cluster.transcript);
}

fn figure_8_d(cluster: &mut Cluster) {
    cluster.crash(1);
    cluster.restart(5);
    cluster.outwait_leader(5);
    cluster.campaign(5);
    cluster.settle();
    cluster.elect(5);
    cluster.settle();
    for id in [2, 3, 4] {
        assert_eq!(cluster.terms(id), [1, 3], "at {id}");
    }
}
