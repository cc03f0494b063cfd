impl Server {
    /// Does what the node asks for; returns whether that was anything.
    pub fn turn(&mut self, network: &mut Vec<Message>) -> bool {
        self.node.drain_into(&mut self.ready); // 2. drain
        let is_busy = !self.ready.is_empty();
        network.append(&mut self.ready.messages); // 3. send
        if let Some(write) = &self.ready.write {
            self.disk.apply(write); // 4. write and sync
            self.node.on_persisted(write.number);
        }
        if let Some(snapshot) = &self.ready.restore {
            self.state = snapshot.data.to_vec(); // 5. apply: another state
            self.node.on_applied(snapshot.last_included_index);
        }
        for Committed { index, entry } in &self.ready.committed {
            if let EntryKind::Command(command) = &entry.kind {
                self.state.extend(command.as_bytes()); // 5. apply: commands
            }
            self.node.on_applied(*index);
        }
        self.reads.append(&mut self.ready.reads); // 6. answer
        is_busy
    }
}
