//! Raft treats all servers alike: a cluster whose servers have other names does the same under those names. Programs that
//! search through all states of a cluster look at one of such states for all.

use raft_core::{Configuration, LogIndex, MembershipChange, Message, Node, NodeId, Persisted, ReadMode, Rename, Rule};

use crate::harness::{Cluster, Server, ids};

/// Which server stands for which in the other cluster.
const NAMES: [u64; 4] = [3, 1, 4, 2];

fn name(id: NodeId) -> NodeId {
    NodeId(NAMES[id.0 as usize - 1])
}

/// A cluster, and one in which every server has another name.
struct Twins {
    one: Cluster,
    other: Cluster,
}

impl Twins {
    /// Three voters and a learner; nobody draws a timeout, because names take part in that.
    fn new() -> Self {
        let configuration = Configuration::new(ids([1, 2, 3]), ids([4]));
        let cluster = |configuration: &Configuration| {
            let servers = (1..=4).map(|id| Server::from_disk(id, Persisted::bootstrap(configuration.clone())));
            Cluster::of(servers).without(Rule::RandomisedTimeout).options(|options| options.max_append_entries = 2)
        };
        Self { one: cluster(&configuration), other: cluster(&configuration.renamed(&name)) }
    }

    /// The same to a server and to the one that stands for it.
    fn both(&mut self, id: u64, action: impl Fn(&mut Server, &dyn Fn(NodeId) -> NodeId) -> Vec<Message>) {
        self.one.act(id, |server| action(server, &|id| id));
        self.other.act(name(NodeId(id)).0, |server| action(server, &name));
        self.compare();
    }

    /// Delivers, or loses, the oldest message of the same link in both.
    fn link(&mut self, at: usize, is_lost: bool) {
        let Some(message) = self.one.network.get(at) else { return };
        let (from, to) = (message.from, message.to);
        for (cluster, from, to) in [(&mut self.one, from, to), (&mut self.other, name(from), name(to))] {
            let is_on_link = |message: &Message| message.from == from && message.to == to;
            if is_lost {
                let position = cluster.network.iter().position(is_on_link).expect("the twin sent the same");
                cluster.network.remove(position);
            } else {
                assert!(cluster.deliver(is_on_link), "the twin sent the same");
            }
        }
        self.compare();
    }

    fn compare(&self) {
        for id in 1..=4 {
            let (one, other) = (self.one.server(id), self.other.server(NAMES[id as usize - 1]));
            assert_eq!(one.disk.renamed(&name), other.disk, "what is on the disk of S{id}");
            assert!(one.unsynced.iter().map(|write| write.renamed(&name)).eq(other.unsynced.iter().cloned()));
            assert!(plain(one.node()).renamed(&name) == plain(other.node()), "S{id} is not its twin");
        }
        let lines = |messages: Vec<Message>| {
            let mut lines: Vec<_> = messages.iter().map(|message| format!("{message:?}")).collect();
            lines.sort_unstable();
            lines
        };
        let renamed = self.one.network.iter().map(|message| message.renamed(&name)).collect();
        assert_eq!(lines(renamed), lines(self.other.network.iter().cloned().collect()), "what is on its way");
    }
}

/// A node without the traces that its own name has left in it.
fn plain(node: &Node) -> Node {
    let mut node = node.clone();
    node.forget_history();
    node
}

/// Goal: whatever happens to a cluster, elections, changes of the membership, snapshots, reads, hand-overs and slow disks
/// included, happens under other names to the cluster with other names; disks, nodes and messages stay the same.
#[test]
fn a_renamed_cluster_does_the_same() {
    let mut seen = [0; 4];
    for seed in 1..=60_u64 {
        let mut random = seed;
        let mut draw = |count: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % count
        };
        let mut twins = Twins::new();
        twins.both(1, |server, _| server.campaign());
        for _ in 0..160 {
            let id = 1 + draw(4);
            let target = NodeId(1 + draw(4));
            let waiting = twins.one.network.len() as u64;
            match draw(24) {
                0 => twins.both(id, |server, _| server.campaign()),
                1 | 2 => twins.both(id, |server, _| server.tick(60)),
                3..=5 => twins.both(id, |server, _| server.propose("x").1),
                6 => {
                    let kind = draw(4);
                    twins.both(id, |server, name| {
                        let target = name(target);
                        let change = match kind {
                            0 => MembershipChange::AddLearner(target),
                            1 => MembershipChange::Demote(target),
                            2 => MembershipChange::AddVoter(target),
                            _ => {
                                let voters = [1, 2, 3, 4].map(NodeId).into_iter().map(name);
                                MembershipChange::Replace {
                                    voters: voters.filter(|id| *id != target).collect(),
                                    learners: vec![target],
                                }
                            }
                        };
                        server.change(&change).1
                    });
                }
                7 => twins.both(id, |server, name| {
                    // Only leaders hand over; others refuse, and that is compared too.
                    server.run(|node| {
                        let _ = node.transfer_leadership(name(target));
                    })
                }),
                // A follower numbers its questions from a place that its name has a part in.
                8 if twins.one.node(id).role().is_leader() => {
                    twins.both(id, |server, _| server.read(1, ReadMode::ReadIndex).1);
                }
                9 => {
                    let commit = twins.one.node(id).commit_index().0;
                    if commit > twins.one.node(id).log().last_included_index().0 {
                        twins.both(id, |server, _| server.compact(commit).1);
                    }
                }
                10 => twins.both(id, |server, _| {
                    server.slow_disk = !server.slow_disk;
                    if server.slow_disk { Vec::new() } else { server.sync_all() }
                }),
                11 => twins.link(draw(waiting.max(1)) as usize, true),
                _ => twins.link(draw(waiting.max(1)) as usize, false),
            }
            let node = twins.one.node(id);
            let facts = [
                node.commit_index() > LogIndex(3),
                node.log().last_included_index() > LogIndex(0),
                node.configuration().is_joint(),
                !node.progress().is_empty() && node.votes().is_empty(),
            ];
            for (count, fact) in seen.iter_mut().zip(facts) {
                *count += u32::from(fact);
            }
        }
    }
    assert!(seen.iter().all(|&count| count > 100), "too little happens to be compared: {seen:?}");
}
