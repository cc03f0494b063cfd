//! What takes many messages: winning an election, and letting everything settle.

use crate::cluster::Cluster;
use crate::server::{ELECTION_TICKS, HEARTBEAT_TICKS, Server, View};

/// Campaigns until the candidate leads, and stops right then, with its first messages on their way. A first attempt may
/// only bring the candidate to the term of the others. Returns whether it leads.
pub(crate) fn elect<S: Server>(
    cluster: &mut Cluster<S>,
    candidate: u64,
    reachable: &impl Fn(u64) -> bool,
) -> Result<bool, String> {
    const ATTEMPTS: usize = 4;
    const WAVES: usize = 8;
    forget_leaders(cluster, reachable)?;
    for _ in 0..ATTEMPTS {
        cluster.run(candidate, S::campaign)?;
        for _ in 0..WAVES {
            if cluster.leads(candidate) {
                return Ok(true);
            }
            cluster.wave(reachable)?;
        }
        cluster.drop_messages()?;
    }
    Ok(false)
}

/// Lets so much time pass in silence that every lease is over and no leader without a quorum is left.
pub(crate) fn forget_leaders<S: Server>(
    cluster: &mut Cluster<S>,
    reachable: &impl Fn(u64) -> bool,
) -> Result<(), String> {
    tick(cluster, 2 * ELECTION_TICKS, reachable)?;
    cluster.drop_messages()?;
    Ok(())
}

/// Delivers everything between these servers, heartbeats included, until a leader with a quorum has told them all it knows,
/// and a leader without one has stepped down. So has, before anything else, a leader whose term some of them have left:
/// how much it could still replicate depends on who is heard first.
pub(crate) fn settle<S: Server>(cluster: &mut Cluster<S>, reachable: &impl Fn(u64) -> bool) -> Result<(), String> {
    // Something is lost, refused, sent again, acknowledged, and its commitment told.
    const HEARTBEATS: usize = 5;
    let views: Vec<View> =
        cluster.ids().filter(|&id| reachable(id) && cluster.is_up(id)).map(|id| cluster.view(id)).collect();
    let term = views.iter().map(|view| view.term).max();
    if views.iter().any(|view| view.leads && Some(view.term) < term) {
        forget_leaders(cluster, reachable)?;
    }
    for _ in 0..HEARTBEATS {
        cluster.deliver_all(reachable)?;
        tick(cluster, HEARTBEAT_TICKS, reachable)?;
    }
    cluster.deliver_all(reachable)?;
    if !is_quorum(cluster, reachable) {
        forget_leaders(cluster, reachable)?;
    }
    Ok(())
}

/// Whether those of these servers that are up form a majority.
pub(crate) fn is_quorum<S: Server>(cluster: &Cluster<S>, reachable: &impl Fn(u64) -> bool) -> bool {
    let present = cluster.ids().filter(|&id| reachable(id) && cluster.is_up(id)).count();
    2 * present > cluster.ids().count()
}

fn tick<S: Server>(cluster: &mut Cluster<S>, ticks: u64, reachable: &impl Fn(u64) -> bool) -> Result<(), String> {
    for id in cluster.ids().filter(|&id| reachable(id)) {
        for _ in 0..ticks {
            cluster.run(id, S::tick)?;
        }
    }
    Ok(())
}
