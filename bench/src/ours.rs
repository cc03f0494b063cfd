//! The loop around raft-core, with its whole contract: writes handed out and acknowledged, entries applied, events drained.

use std::hint::black_box;

use raft_core::{Configuration, Message, Node, NodeId, NodeSetup, Options, Payload, Persisted, Ready, Ticks};

use crate::calls::Calls;
use crate::{ALLOCATOR, Cluster, Idle, PAYLOAD};

pub(crate) struct Ours {
    nodes: Vec<Node>,
    /// One inbox per node.
    inboxes: Vec<Vec<Message>>,
    ready: Ready,
    messages: u64,
    applied: u64,
}

impl Cluster for Ours {
    const NAME: &'static str = "raft-core";

    fn start(nodes: u64) -> Self {
        let mut cluster = Self {
            nodes: (1..=nodes).map(|id| node(id, nodes, Options::default())).collect(),
            inboxes: (0..nodes).map(|_| Vec::new()).collect(),
            ready: Ready::default(),
            messages: 0,
            applied: 0,
        };
        cluster.nodes[0].campaign();
        cluster.settle();
        assert!(cluster.nodes[0].role().is_leader(), "nobody is there to refuse");
        cluster
    }

    fn round(&mut self, batch: usize) {
        for _ in 0..batch {
            self.nodes[0].propose(Payload::from(PAYLOAD.as_slice())).expect("server 1 leads");
        }
        self.settle();
    }

    fn applied(&self) -> u64 {
        self.applied
    }

    fn messages(&self) -> u64 {
        self.messages
    }
}

impl Ours {
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
                    self.nodes[node].step(message);
                }
                self.inboxes[node] = inbox;
                self.drain(node);
            }
            if is_quiet {
                return;
            }
        }
    }

    /// Carries out what a node asks for, until it asks for nothing more.
    fn drain(&mut self, node: usize) {
        let Self { nodes, inboxes, ready, applied, .. } = self;
        loop {
            nodes[node].drain_into(ready);
            for message in ready.messages.drain(..) {
                inboxes[message.to.0 as usize - 1].push(message);
            }
            black_box(&ready.events);
            // Only an answer from the disk or from the state machine can bring up something new.
            let is_done = ready.write.is_none() && ready.committed.is_empty();
            if let Some(write) = ready.write.take() {
                nodes[node].on_persisted(black_box(write).number);
            }
            if let Some(last) = black_box(&ready.committed).last() {
                nodes[node].on_applied(last.index);
                if node == 0 {
                    *applied = last.index.0;
                }
            }
            if is_done {
                return;
            }
        }
    }
}

impl Ours {
    /// A cluster in which every node has applied this many entries.
    pub(crate) fn with_entries(entries: usize) -> Self {
        let mut cluster = <Self as Cluster>::start(5);
        cluster.round(entries);
        cluster
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }
}

impl Calls for Ours {
    type Fresh = Node;

    fn start() -> Self {
        <Self as Cluster>::start(5)
    }

    fn propose(&mut self) {
        self.nodes[0].propose(Payload::from(PAYLOAD.as_slice())).expect("server 1 leads");
    }

    fn propose_and_send(&mut self) {
        self.propose();
        self.drain(0);
    }

    fn step_follower(&mut self) -> usize {
        let inbox = &mut self.inboxes[1];
        let messages = inbox.len();
        inbox.drain(..).for_each(|message| self.nodes[1].step(message));
        messages
    }

    fn settle(&mut self) {
        (0..self.nodes.len()).for_each(|node| self.drain(node));
        Self::settle(self);
    }

    fn fresh() -> Node {
        node(1, 5, Options::default())
    }

    fn campaign(fresh: &mut Node) {
        fresh.campaign();
    }
}

pub(crate) struct IdleFollower(Node);

impl Idle for IdleFollower {
    fn start() -> Self {
        let options = Options {
            election_timeout_min: Options::MAX_TIMEOUT,
            election_timeout_max: Options::MAX_TIMEOUT,
            ..Options::default()
        };
        Self(node(1, 5, options))
    }

    fn tick(&mut self) {
        self.0.tick();
    }
}

/// Bytes of the struct, and bytes on the heap, of a follower that has just started in a cluster of five.
pub(crate) fn fresh_node_bytes() -> (usize, i64) {
    let mut fresh = None;
    let counted = ALLOCATOR.count(|| fresh = Some(node(1, 5, Options::default())));
    black_box(fresh);
    (size_of::<Node>(), counted.bytes_kept)
}

fn node(id: u64, nodes: u64, options: Options) -> Node {
    let setup = NodeSetup { options, ..NodeSetup::new(NodeId(id)) };
    let disk = Persisted::bootstrap(Configuration::of_voters((1..=nodes).map(NodeId)));
    let mut node = Node::new(setup, disk).expect("the setup is valid");
    node.advance(Ticks(0));
    node
}
