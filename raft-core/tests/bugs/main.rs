//! Bugs that real Raft systems had, each as a test named after its number.
//!
//! Not every row has the code under test wrong: most ask whether this crate would fall for the same mistake.

#[allow(dead_code, unused_imports, reason = "the harness is shared with the tests of the protocol")]
#[path = "../protocol/harness/mod.rs"]
mod harness;

mod commitment;
mod durability;
mod elections;
mod replication;
