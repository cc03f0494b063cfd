//! What the reader or the script did.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::action::Action;

/// Something that the reader or the script did. Packed it is the JSON of the action, which can be read again anyway.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed(Box<Action>);

impl Deed {
    pub(crate) fn of(action: &Action) -> Self {
        Self(Box::new(action.clone()))
    }

    /// What was done.
    pub const fn action(&self) -> &Action {
        &self.0
    }
}

impl Eq for Deed {}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The words say everything: traces have the hashes that they had when there were only words.
impl Hash for Deed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_string().hash(state);
    }
}

impl Serialize for Deed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::to_string(&self.0).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Deed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&str>::deserialize(deserializer)?;
        // An action that no document may hold, which only a Rust program can make, is remembered as a note of what it was.
        let action = Action::parse(json).unwrap_or_else(|_| Action::Note { text: json.into() });
        Ok(Self(Box::new(action)))
    }
}
