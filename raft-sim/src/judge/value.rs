//! Values that clients write and read.

use std::fmt;
use std::sync::Arc;

/// Largest whole number that JavaScript holds exactly.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// A value of a register or of a key. There are no fractions: two of them that look alike need not be equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing is there: `null` in JSON, `nil` in EDN.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number of at most 53 bits.
    Integer(i64),
    /// A text.
    Text(Arc<str>),
}

impl Value {
    /// The text, if it is one; nothing counts as the empty text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Null => Some(""),
            Self::Text(text) => Some(text),
            Self::Bool(_) | Self::Integer(_) => None,
        }
    }

    /// A whole number that every reader of JSON holds exactly.
    pub(super) fn integer(number: i64) -> Option<Self> {
        (-MAX_INTEGER..=MAX_INTEGER).contains(&number).then_some(Self::Integer(number))
    }

    /// The value as JSON, which is the same as EDN but for nothing at all.
    pub(super) fn to_json(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => quoted(text),
        }
    }

    /// The value as EDN.
    pub(super) fn to_edn(&self) -> String {
        if *self == Self::Null { "nil".into() } else { self.to_json() }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// As in a sentence: long texts are cut.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 60;
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Text(text) if text.chars().count() > MOST => {
                let end: String = text.chars().skip(text.chars().count() - MOST).collect();
                write!(f, "\"…{end}\"")
            }
            other => f.write_str(&other.to_json()),
        }
    }
}

/// A text between quotes. The escapes of JSON are escapes of EDN too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
