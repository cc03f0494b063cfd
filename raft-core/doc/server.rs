use raft_core::{Committed, Configuration, EntryKind, Message, Node, NodeId, NodeSetup, Persisted, Read, Ready};

/// A server: a node, its disk (here in memory), and a state machine (here a text that grows).
pub struct Server {
    pub node: Node,
    pub disk: Persisted,
    pub state: Vec<u8>,
    pub reads: Vec<Read>,
    pub ready: Ready,
}

impl Server {
    pub fn start(id: u64, voters: &[u64]) -> Self {
        let voters = voters.iter().map(|&id| NodeId(id));
        let disk = Persisted::bootstrap(Configuration::of_voters(voters));
        let node = Node::new(NodeSetup::new(NodeId(id)), disk.clone()).expect("an empty disk is valid");
        Self { node, disk, state: vec![], reads: vec![], ready: Ready::default() }
    }
}
