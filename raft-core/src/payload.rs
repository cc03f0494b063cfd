//! The bytes of a command, cheap to copy.

use alloc::sync::Arc;
use core::fmt;

/// Longest payload that is stored without an allocation. Chosen so that an entry is 32 bytes on 64-bit machines.
const INLINE: usize = 22;

/// An opaque command. Up to 22 bytes live inside the value, longer ones are shared by reference.
///
/// ```
/// # use raft_core::Payload;
/// let command = Payload::from("x=1");
/// assert_eq!(command.as_bytes(), b"x=1");
/// assert_eq!(command, Payload::from([b'x', b'=', b'1'].as_slice()));
/// assert_eq!(command.len(), 3);
/// assert!(Payload::from("").is_empty());
/// assert_eq!(format!("{:?}", Payload::from("a\n")), r#""a\n""#);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload(Repr);

// Equality and hashing are derived, so both must be canonical: unused inline bytes are zero, and a payload that fits
// inline is never shared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Inline { len: u8, bytes: [u8; INLINE] },
    Shared(Arc<[u8]>),
}

impl Payload {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Repr::Shared(bytes) => bytes,
        }
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&[u8]> for Payload {
    fn from(source: &[u8]) -> Self {
        if source.len() > INLINE {
            return Self(Repr::Shared(source.into()));
        }
        let mut bytes = [0; INLINE];
        bytes[..source.len()].copy_from_slice(source);
        Self(Repr::Inline { len: source.len() as u8, bytes })
    }
}

impl From<&str> for Payload {
    fn from(source: &str) -> Self {
        source.as_bytes().into()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Payload {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.as_bytes())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Payload {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

#[cfg(feature = "serde")]
struct BytesVisitor;

#[cfg(feature = "serde")]
impl<'de> serde::de::Visitor<'de> for BytesVisitor {
    type Value = Payload;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a command")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Payload, E> {
        Ok(bytes.into())
    }

    /// For formats without bytes of their own, such as JSON.
    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut source: A) -> Result<Payload, A::Error> {
        let mut bytes = alloc::vec::Vec::new();
        while let Some(byte) = source.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes.as_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a payload gives back its bytes on both sides of the inline limit, and equality means equal bytes.
    #[test]
    fn bytes_survive_inline_and_shared() {
        let long = [7_u8; 2 * INLINE];
        for len in 0..long.len() {
            let payload = Payload::from(&long[..len]);
            assert_eq!(payload.as_bytes(), &long[..len]);
            assert_eq!(payload, Payload::from(&long[..len]));
            assert_ne!(payload, Payload::from(&long[..=len]));
            assert_eq!(matches!(payload.0, Repr::Inline { .. }), len <= INLINE, "{len} bytes need no allocation");
        }
    }

    /// Goal: an entry stays at 32 bytes (24 of them the payload), the size that the inline limit is chosen for.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_entry_is_32_bytes() {
        assert_eq!(size_of::<Payload>(), 24);
        assert_eq!(size_of::<crate::Entry>(), 32);
    }
}
