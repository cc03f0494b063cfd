//! Bugs that real Raft systems had, re-created in whole clusters: with all rules on nothing happens; with one rule off, the
//! checker names the property that the bug broke, or the cluster stands still.
//!
//! The table of all of them is in `raft-core/tests/bugs/main.rs`.

mod liveness;
mod membership;
mod safety;
mod stage;
