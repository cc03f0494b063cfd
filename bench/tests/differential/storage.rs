//! What tikv's `raft` reads its log from: the crate's own `MemStorage` holds no snapshot with data.

use raft::eraftpb::{ConfState, Entry, HardState, Snapshot};
use raft::{GetEntriesContext, RaftState, Result, Storage, StorageError};

#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) hard_state: HardState,
    configuration: ConfState,
    /// What replaces the beginning of the log.
    pub(crate) snapshot: Snapshot,
    /// After the snapshot.
    entries: Vec<Entry>,
}

impl Store {
    pub(crate) fn new(configuration: ConfState) -> Self {
        Self { configuration, ..Self::default() }
    }

    /// Of the snapshot.
    pub(crate) fn last_included_index(&self) -> u64 {
        self.snapshot.get_metadata().index
    }

    /// The entries after the snapshot.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Lets these entries replace everything from the first of them on.
    pub(crate) fn append(&mut self, entries: &[Entry]) {
        if let Some(first) = entries.first() {
            self.entries.truncate(self.position(first.index).expect("what the snapshot covers is not written again"));
            self.entries.extend_from_slice(entries);
        }
    }

    /// Lets a snapshot that came from the leader replace the whole log.
    pub(crate) fn install(&mut self, snapshot: &Snapshot) {
        self.snapshot = snapshot.clone();
        self.entries.clear();
    }

    /// Lets the state after this entry replace the log up to it.
    pub(crate) fn compact(&mut self, index: u64, data: Vec<u8>) {
        let Some(position) = self.position(index) else { return };
        let metadata = self.snapshot.mut_metadata();
        metadata.index = index;
        metadata.term = self.entries[position].term;
        metadata.set_conf_state(self.configuration.clone());
        self.snapshot.data = data.into();
        self.entries.drain(..=position);
    }

    fn position(&self, index: u64) -> Option<usize> {
        (index as usize).checked_sub(self.last_included_index() as usize + 1)
    }
}

impl Storage for Store {
    fn initial_state(&self) -> Result<RaftState> {
        Ok(RaftState::new(self.hard_state.clone(), self.configuration.clone()))
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        max_size: impl Into<Option<u64>>,
        _context: GetEntriesContext,
    ) -> Result<Vec<Entry>> {
        let (Some(low), Some(high)) = (self.position(low), self.position(high)) else {
            return Err(StorageError::Compacted.into());
        };
        let mut entries = self.entries[low..high].to_vec();
        raft::util::limit_size(&mut entries, max_size.into());
        Ok(entries)
    }

    fn term(&self, index: u64) -> Result<u64> {
        if index == self.last_included_index() {
            return Ok(self.snapshot.get_metadata().term);
        }
        let position = self.position(index).ok_or(StorageError::Compacted)?;
        Ok(self.entries.get(position).ok_or(StorageError::Unavailable)?.term)
    }

    fn first_index(&self) -> Result<u64> {
        Ok(self.last_included_index() + 1)
    }

    fn last_index(&self) -> Result<u64> {
        Ok(self.last_included_index() + self.entries.len() as u64)
    }

    fn snapshot(&self, _request_index: u64, _to: u64) -> Result<Snapshot> {
        Ok(self.snapshot.clone())
    }
}
