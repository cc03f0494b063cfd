//! Where the two behave differently by choice: the rows of "Compared with tikv raft" in `raft-core/DIVERGENCE.md`, each
//! shown by one scenario that is run in both.

use crate::cluster::{Cluster, End, Fate};
use crate::drive::{elect, forget_leaders, settle};
use crate::ours::Ours;
use crate::server::{ELECTION_TICKS, HEARTBEAT_TICKS, Server, Setup};
use crate::theirs::Theirs;

type Result<T = ()> = std::result::Result<T, String>;

const EVERYBODY: fn(u64) -> bool = |_| true;

/// A cluster that server 1 leads; everybody has applied its first, blank entry.
fn led_by_1<S: Server>(servers: u64) -> Result<Cluster<S>> {
    let setup = Setup { servers, one_entry_per_message: false, inflight: 64, snapshot_piece: 1 << 16, without: None };
    let mut cluster = Cluster::new(setup);
    elect(&mut cluster, 1, &EVERYBODY)?;
    settle(&mut cluster, &EVERYBODY)?;
    Ok(cluster)
}

impl<S: Server> Cluster<S> {
    /// Proposes a command and lets its messages make so many trips; then all are lost.
    fn propose(&mut self, leader: u64, waves: usize, reachable: fn(u64) -> bool) -> Result {
        assert_eq!(self.run(leader, |server| server.propose(7))?, Some(true));
        (0..waves).try_for_each(|_| self.wave(reachable).map(drop))?;
        self.drop_messages()?;
        Ok(())
    }

    fn tick(&mut self, server: u64, ticks: u64) -> Result {
        (0..ticks).try_for_each(|_| self.run(server, S::tick).map(drop))
    }
}

/// Goal: tikv raft tells at once what is committed, raft-core with the next entries or heartbeat.
#[test]
fn followers_learn_of_a_commit_at_once_or_with_the_next_message() -> Result {
    fn known<S: Server>(heartbeats: u64) -> Result<u64> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.propose(1, 9, EVERYBODY)?;
        cluster.tick(1, heartbeats * HEARTBEAT_TICKS)?;
        cluster.deliver_all(EVERYBODY)?;
        Ok(cluster.view(2).commit_index)
    }
    assert_eq!((known::<Ours>(0)?, known::<Theirs>(0)?), (1, 2));
    assert_eq!((known::<Ours>(1)?, known::<Theirs>(1)?), (2, 2));
    Ok(())
}

/// Goal: a follower of tikv raft forwards a proposal to the leader, one of raft-core refuses it.
#[test]
fn a_follower_forwards_or_refuses_a_proposal() -> Result {
    let mut theirs = led_by_1::<Theirs>(3)?;
    theirs.run(2, |server| server.propose_or_forward(7))?;
    theirs.deliver_all(EVERYBODY)?;
    assert_eq!(theirs.applied_commands(1), [7]);

    let mut ours = led_by_1::<Ours>(3)?;
    assert_eq!(ours.run(2, |server| server.propose(7))?, Some(false));
    Ok(())
}

/// Goal: who hears a leader answers a pre-vote in raft-core and is silent in tikv raft; no answer is a yes.
#[test]
fn a_pre_vote_against_a_living_leader_is_refused_or_ignored() -> Result {
    fn answers<S: Server>() -> Result<usize> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.run(2, S::campaign)?;
        cluster.wave(EVERYBODY)?;
        let answers = cluster.on_their_way((1, 2)) + cluster.on_their_way((3, 2));
        cluster.deliver_all(EVERYBODY)?;
        assert!(cluster.leads(1) && !cluster.leads(2));
        Ok(answers)
    }
    assert_eq!((answers::<Ours>()?, answers::<Theirs>()?), (2, 0));
    Ok(())
}

/// Goal: a voter that has reached the term for which a pre-vote asks, and has not voted in it, grants it in tikv raft; in
/// raft-core it refuses, so that the candidate asks again for the term after.
#[test]
fn a_pre_vote_for_the_voters_own_term_is_granted_or_refused() -> Result {
    fn wins_at_once<S: Server>() -> Result<bool> {
        let mut cluster = led_by_1::<S>(5)?;
        // Only 1 and 4 have the last entry. Then 2 asks for votes, and the request reaches only 1, which refuses.
        cluster.propose(1, 1, |id| id == 1 || id == 4)?;
        forget_leaders(&mut cluster, &EVERYBODY)?;
        cluster.run(2, S::campaign)?;
        cluster.wave(EVERYBODY)?;
        cluster.wave(EVERYBODY)?;
        cluster.wave(|id| id < 3)?;
        cluster.drop_messages()?;
        assert_eq!(cluster.view(1).term, cluster.view(4).term + 1);

        let others = |id| id != 2;
        cluster.run(4, S::campaign)?;
        cluster.deliver_all(others)?;
        let wins_at_once = cluster.leads(4);
        assert!(elect(&mut cluster, 4, &others)?);
        Ok(wins_at_once)
    }
    assert_eq!((wins_at_once::<Ours>()?, wins_at_once::<Theirs>()?), (false, true));
    Ok(())
}

/// Goal: a server that heard a leader protects it for the whole time in raft-core; in tikv raft only until it campaigns
/// itself.
#[test]
fn a_server_that_campaigned_protects_the_leader_or_not() -> Result {
    fn is_deposed<S: Server>() -> Result<bool> {
        let mut cluster = led_by_1::<S>(3)?;
        for candidate in [2, 3] {
            cluster.run(candidate, S::campaign)?;
            cluster.deliver_all(|id| id != 1)?;
        }
        Ok(cluster.leads(3))
    }
    assert_eq!((is_deposed::<Ours>()?, is_deposed::<Theirs>()?), (false, true));
    Ok(())
}

/// Goal: a leader that no longer hears a quorum steps down after one election timeout in raft-core, and in tikv raft, which
/// looks once in each election timeout, after one to two.
#[test]
fn a_leader_without_a_quorum_steps_down_after_one_timeout_or_up_to_two() -> Result {
    fn ticks<S: Server>(heartbeats: u64) -> Result<u64> {
        let mut cluster = led_by_1::<S>(3)?;
        for _ in 0..heartbeats {
            cluster.tick(1, HEARTBEAT_TICKS)?;
            cluster.deliver_all(EVERYBODY)?;
        }
        let mut ticks = 0;
        while cluster.leads(1) {
            cluster.tick(1, 1)?;
            ticks += 1;
        }
        Ok(ticks)
    }
    let range = |of: fn(u64) -> Result<u64>| -> Result<(u64, u64)> {
        let ticks = (0..ELECTION_TICKS).map(of).collect::<Result<Vec<u64>>>()?;
        Ok((*ticks.iter().min().ok_or("none")?, *ticks.iter().max().ok_or("none")?))
    };
    assert_eq!(range(ticks::<Ours>)?, (ELECTION_TICKS, ELECTION_TICKS));
    assert_eq!(range(ticks::<Theirs>)?, (ELECTION_TICKS + 1, 2 * ELECTION_TICKS));
    Ok(())
}

/// Goal: a log that is shorter than the probe and holds other entries costs raft-core one probe more.
#[test]
fn a_short_log_that_differs_takes_two_refusals_or_one() -> Result {
    fn waves<S: Server>() -> Result<usize> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.propose(1, 0, EVERYBODY)?;
        cluster.propose(1, 0, EVERYBODY)?;
        let others = |id| id != 1;
        assert!(elect(&mut cluster, 2, &others)?);
        for _ in 0..4 {
            cluster.propose(2, 0, others)?;
        }
        settle(&mut cluster, &others)?;
        assert!(elect(&mut cluster, 3, &EVERYBODY)?);
        let mut waves = 0;
        while cluster.view(1).log != cluster.view(3).log {
            cluster.wave(EVERYBODY)?;
            waves += 1;
        }
        Ok(waves)
    }
    assert_eq!((waves::<Ours>()?, waves::<Theirs>()?), (5, 3));
    Ok(())
}

/// Goal: entries that were lost are sent again after the first heartbeat in tikv raft, and with the second in raft-core.
#[test]
fn lost_entries_are_sent_again_with_the_first_or_the_second_heartbeat() -> Result {
    fn heartbeats<S: Server>() -> Result<u64> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.propose(1, 0, EVERYBODY)?;
        let mut heartbeats = 0;
        while cluster.view(2).log != cluster.view(1).log {
            cluster.tick(1, HEARTBEAT_TICKS)?;
            cluster.deliver_all(EVERYBODY)?;
            heartbeats += 1;
        }
        Ok(heartbeats)
    }
    assert_eq!((heartbeats::<Ours>()?, heartbeats::<Theirs>()?), (2, 1));
    Ok(())
}

/// Goal: tikv raft stores the commit index and applies it on restart; raft-core waits until a leader tells it.
#[test]
fn a_restarted_server_applies_at_once_or_when_a_leader_is_heard() -> Result {
    fn applied<S: Server>() -> Result<(Vec<u64>, Vec<u64>)> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.propose(1, 9, EVERYBODY)?;
        settle(&mut cluster, &EVERYBODY)?;
        cluster.crash(2);
        cluster.restart(2)?;
        let before = cluster.applied_commands(2);
        settle(&mut cluster, &EVERYBODY)?;
        Ok((before, cluster.applied_commands(2)))
    }
    assert_eq!(applied::<Ours>()?, (vec![], vec![7]));
    assert_eq!(applied::<Theirs>()?, (vec![7], vec![7]));
    Ok(())
}

/// Goal: votes carry the commit index in tikv raft, so that a candidate that loses may still learn it.
#[test]
fn a_refused_candidate_learns_the_commit_index_or_not() -> Result {
    fn known<S: Server>() -> Result<u64> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.propose(1, 2, EVERYBODY)?;
        cluster.propose(1, 0, EVERYBODY)?;
        forget_leaders(&mut cluster, &EVERYBODY)?;
        cluster.run(2, S::campaign)?;
        cluster.deliver_all(|id| id < 3)?;
        assert!(!cluster.leads(2));
        Ok(cluster.view(2).commit_index)
    }
    assert_eq!((known::<Ours>()?, known::<Theirs>()?), (1, 2));
    Ok(())
}

/// Goal: a follower whose disk is busy still answers heartbeats in raft-core; in tikv raft every message waits for all
/// earlier writes.
#[test]
fn a_busy_disk_does_not_silence_a_follower_or_does() -> Result {
    fn answers<S: Server>() -> Result<usize> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.run(2, S::slow_disk)?;
        cluster.propose(1, 9, EVERYBODY)?;
        cluster.tick(1, HEARTBEAT_TICKS)?;
        cluster.message((1, 2), End::Oldest, Fate::Deliver)?;
        Ok(cluster.on_their_way((2, 1)))
    }
    assert_eq!((answers::<Ours>()?, answers::<Theirs>()?), (1, 0));
    Ok(())
}

/// Goal: heartbeats of raft-core carry what was lost, so a leader whose term others have left may still replicate it.
#[test]
fn a_leader_about_to_be_deposed_replicates_or_not() -> Result {
    fn is_replicated<S: Server>() -> Result<bool> {
        let mut cluster = led_by_1::<S>(5)?;
        let (heard, deserters) = (|id| id < 4, |id| id != 1 && id != 2);
        // Server 2 misses an entry, and the heartbeat that would bring it. Then 3 gets a higher term to 4 and 5.
        cluster.propose(1, 2, |id| id != 2)?;
        cluster.tick(1, HEARTBEAT_TICKS)?;
        cluster.drop_messages()?;
        forget_leaders(&mut cluster, &deserters)?;
        cluster.run(3, S::campaign)?;
        (0..3).try_for_each(|_| cluster.wave(deserters).map(drop))?;
        cluster.drop_messages()?;
        assert_eq!(cluster.view(3).term, cluster.view(1).term + 1);

        cluster.tick(1, HEARTBEAT_TICKS)?;
        cluster.message((1, 3), End::Oldest, Fate::Deliver)?;
        cluster.message((1, 2), End::Oldest, Fate::Deliver)?;
        cluster.message((3, 1), End::Oldest, Fate::Deliver)?;
        cluster.deliver_all(heard)?;
        assert!(!cluster.leads(1));
        Ok(cluster.view(2).log == cluster.view(1).log)
    }
    assert_eq!((is_replicated::<Ours>()?, is_replicated::<Theirs>()?), (true, false));
    Ok(())
}

/// Goal: raft-core repeats a snapshot that was lost; tikv raft waits until the driver reports what became of it.
#[test]
fn a_lost_snapshot_is_repeated_or_waits_for_a_report() -> Result {
    fn catches_up<S: Server>(waves: usize) -> Result<bool> {
        let mut cluster = led_by_1::<S>(3)?;
        cluster.crash(3);
        cluster.propose(1, 9, EVERYBODY)?;
        cluster.run(1, S::compact)?;
        cluster.restart(3)?;
        cluster.tick(1, HEARTBEAT_TICKS)?;
        (0..waves).try_for_each(|_| cluster.wave(EVERYBODY).map(drop))?;
        cluster.drop_messages_unseen();
        settle(&mut cluster, &EVERYBODY)?;
        settle(&mut cluster, &EVERYBODY)?;
        Ok(cluster.applied_commands(3) == [7])
    }
    // In one of these waves the snapshot is on its way.
    let each = |of: fn(usize) -> Result<bool>| (0..6).map(of).collect::<Result<Vec<bool>>>();
    assert!(each(catches_up::<Ours>)?.into_iter().all(|it| it));
    assert!(!each(catches_up::<Theirs>)?.into_iter().all(|it| it));
    Ok(())
}
