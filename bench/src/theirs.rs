//! The same loop around tikv's `raft`, as its examples drive it, in its best modes.

use std::hint::black_box;

use raft::eraftpb::{ConfState, Entry, Message, MessageType};
use raft::storage::MemStorage;
use raft::{Config, RawNode, StateRole};

use crate::calls::Calls;
use crate::{ALLOCATOR, Cluster, Idle, PAYLOAD};

/// As it is by default: what is committed is told at once, in a message of its own.
pub(crate) struct Tikv(Loop);

/// With `skip_bcast_commit`: what is committed is told with the next entries, as raft-core does.
pub(crate) struct TikvLazyCommit(Loop);

struct Loop {
    nodes: Vec<RawNode<MemStorage>>,
    /// One inbox per node.
    inboxes: Vec<Vec<Message>>,
    messages: u64,
    applied: u64,
}

macro_rules! cluster {
    ($cluster:ident, $name:literal, $lazy_commit:literal) => {
        impl Cluster for $cluster {
            const NAME: &'static str = $name;

            fn start(nodes: u64) -> Self {
                let mut cluster = Loop::start(nodes);
                for node in &mut cluster.nodes {
                    node.skip_bcast_commit($lazy_commit);
                }
                Self(cluster)
            }

            fn round(&mut self, batch: usize) {
                self.0.round(batch);
            }

            fn applied(&self) -> u64 {
                self.0.applied
            }

            fn messages(&self) -> u64 {
                self.0.messages
            }
        }
    };
}

cluster!(Tikv, "tikv raft", false);
cluster!(TikvLazyCommit, "tikv raft, skip_bcast_commit", true);

impl Loop {
    fn start(nodes: u64) -> Self {
        let mut cluster = Self {
            nodes: (1..=nodes).map(|id| node(id, nodes, 150)).collect(),
            inboxes: (0..nodes).map(|_| Vec::new()).collect(),
            messages: 0,
            applied: 0,
        };
        cluster.nodes[0].campaign().expect("a follower may campaign");
        cluster.settle();
        assert_eq!(cluster.nodes[0].raft.state, StateRole::Leader, "nobody is there to refuse");
        cluster
    }

    fn round(&mut self, batch: usize) {
        let entry = || {
            let mut entry = Entry::new();
            entry.data = PAYLOAD.to_vec().into();
            entry
        };
        // One message with all entries is four times as fast as so many proposals.
        let mut message = Message::new();
        message.set_msg_type(MessageType::MsgPropose);
        message.from = 1;
        message.set_entries((0..batch).map(|_| entry()).collect::<Vec<_>>().into());
        self.nodes[0].step(message).expect("server 1 leads");
        self.settle();
    }

    fn settle(&mut self) {
        self.drain(0);
        loop {
            let mut is_quiet = true;
            for node in 0..self.nodes.len() {
                if self.inboxes[node].is_empty() {
                    continue;
                }
                is_quiet = false;
                let mut inbox = std::mem::take(&mut self.inboxes[node]);
                self.messages += inbox.len() as u64;
                for message in inbox.drain(..) {
                    self.nodes[node].step(message).expect("the message is for this node");
                }
                self.inboxes[node] = inbox;
                self.drain(node);
            }
            if is_quiet {
                return;
            }
        }
    }

    fn drain(&mut self, at: usize) {
        while self.nodes[at].has_ready() {
            let node = &mut self.nodes[at];
            let mut ready = node.ready();
            let messages = ready.take_messages();
            let committed = ready.take_committed_entries();
            if !ready.entries().is_empty() {
                node.mut_store().wl().append(ready.entries()).expect("entries are contiguous");
            }
            if let Some(hard_state) = ready.hs() {
                node.mut_store().wl().set_hardstate(hard_state.clone());
            }
            let persisted_messages = ready.take_persisted_messages();
            let mut light = node.advance(ready);
            if let Some(commit) = light.commit_index() {
                node.mut_store().wl().mut_hard_state().set_commit(commit);
            }
            let light_messages = light.take_messages();
            let light_committed = light.take_committed_entries();
            node.advance_apply();
            for entry in black_box(committed).iter().chain(&black_box(light_committed)) {
                if at == 0 {
                    self.applied = entry.index;
                }
            }
            for message in messages.into_iter().chain(persisted_messages).chain(light_messages) {
                self.inboxes[message.to as usize - 1].push(message);
            }
        }
    }
}

impl Calls for TikvLazyCommit {
    type Fresh = RawNode<MemStorage>;

    fn start() -> Self {
        <Self as Cluster>::start(5)
    }

    fn propose(&mut self) {
        self.0.nodes[0].propose(Vec::new(), PAYLOAD.to_vec()).expect("server 1 leads");
    }

    fn propose_and_send(&mut self) {
        self.propose();
        self.0.drain(0);
    }

    fn step_follower(&mut self) -> usize {
        let (inbox, node) = (&mut self.0.inboxes[1], &mut self.0.nodes[1]);
        let messages = inbox.len();
        inbox.drain(..).for_each(|message| node.step(message).expect("the message is for this node"));
        messages
    }

    fn settle(&mut self) {
        (0..self.0.nodes.len()).for_each(|node| self.0.drain(node));
        self.0.settle();
    }

    fn fresh() -> Self::Fresh {
        node(1, 5, 150)
    }

    fn campaign(fresh: &mut Self::Fresh) {
        fresh.campaign().expect("a follower may campaign");
    }
}

pub(crate) struct IdleFollower(RawNode<MemStorage>);

impl Idle for IdleFollower {
    fn start() -> Self {
        Self(node(1, 5, 1 << 30))
    }

    fn tick(&mut self) {
        self.0.tick();
    }
}

/// Bytes of the struct, and bytes on the heap, of a follower that has just started in a cluster of five.
pub(crate) fn fresh_node_bytes() -> (usize, i64) {
    let mut fresh = None;
    let counted = ALLOCATOR.count(|| fresh = Some(node(1, 5, 150)));
    black_box(fresh);
    (size_of::<RawNode<MemStorage>>(), counted.bytes_kept)
}

fn node(id: u64, nodes: u64, election_tick: usize) -> RawNode<MemStorage> {
    let voters: Vec<u64> = (1..=nodes).collect();
    let storage = MemStorage::new_with_conf_state(ConfState::from((voters, vec![])));
    let config = Config {
        id,
        election_tick,
        heartbeat_tick: 50,
        max_size_per_msg: 1 << 20,
        max_inflight_msgs: 64,
        check_quorum: true,
        pre_vote: true,
        ..Config::default()
    };
    let logger = slog::Logger::root(slog::Discard, slog::o!());
    RawNode::new(&config, storage, &logger).expect("the configuration is valid")
}
