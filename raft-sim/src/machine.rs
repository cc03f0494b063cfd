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

    /// All keys with their values, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.state.iter().map(|(key, value)| (&**key, value.as_str()))
    }
}
