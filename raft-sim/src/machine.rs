//! The replicated state machine: keys and values.

use std::collections::BTreeMap;
use std::sync::Arc;

use raft_core::{Entry, EntryKind};

/// A small key-value store. Copies share their content until one of them changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Machine {
    state: Arc<BTreeMap<Box<str>, String>>,
}

impl Machine {
    /// Applies one entry. `key=value` sets a key; every other command changes nothing.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        let EntryKind::Command(command) = &entry.kind else { return };
        let Some((key, value)) = core::str::from_utf8(command.as_bytes()).ok().and_then(|text| text.split_once('='))
        else {
            return;
        };
        let state = Arc::make_mut(&mut self.state);
        if let Some(known) = state.get_mut(key) {
            // Its memory is used again.
            value.clone_into(known);
        } else {
            state.insert(key.into(), value.into());
        }
    }

    /// The whole state in bytes: for every key its length, itself, the length of its value, the value.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (key, value) in self.iter() {
            for text in [key, value] {
                bytes.extend((text.len() as u32).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
        }
        bytes
    }

    /// The state that [`Machine::to_bytes`] made bytes of.
    pub(crate) fn from_bytes(mut bytes: &[u8]) -> Self {
        let mut next = || {
            let (length, rest) = bytes.split_first_chunk()?;
            let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            bytes = rest;
            core::str::from_utf8(text).ok()
        };
        let mut state = BTreeMap::new();
        while let (Some(key), Some(value)) = (next(), next()) {
            state.insert(key.into(), value.into());
        }
        Self { state: Arc::new(state) }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.state.get(key).map(String::as_str)
    }

    /// All keys with their values, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.state.iter().map(|(key, value)| (&**key, value.as_str()))
    }
}
