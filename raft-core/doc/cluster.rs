/// Servers by their numbers, and a network that loses nothing.
pub struct Cluster(pub std::collections::BTreeMap<u64, Server>);

impl Cluster {
    pub fn start(ids: &[u64]) -> Self {
        Self(ids.iter().map(|&id| (id, Server::start(id, ids))).collect())
    }

    pub fn node(&mut self, id: u64) -> &mut raft_core::Node {
        &mut self.0.get_mut(&id).expect("the server was started").node
    }

    /// Lets every server work, and messages travel, until nobody has anything left to do.
    pub fn settle(&mut self) {
        let mut network = Vec::new();
        while self.0.values_mut().fold(false, |busy, server| server.turn(&mut network) || busy) {
            for message in network.drain(..) {
                let Some(receiver) = self.0.get_mut(&message.to.0) else { continue };
                receiver.node.step(message);
            }
        }
    }
}
