//! The deterministic world around the nodes of a Raft cluster: network, disks, clocks, clients, and a judge.
//!
//! A run is a function of a configuration, a seed and the actions done to it. [`World`] is one moment of a run and knows how
//! the next one follows; [`Timeline`] visits any moment of a run and keeps every branch; [`Scenario`] is a run as data.
//!
//! ```
//! use raft_sim::{Action, ClusterConfig, Condition, Timeline};
//!
//! let mut timeline = Timeline::of_cluster(ClusterConfig::of(3, 42))?;
//! let is_led = Condition::Leader { server: None, term: None };
//! assert!(timeline.run_until(&is_led, 10_000));
//! let leader = timeline.world().leader().expect("the condition holds").id();
//! timeline.act(&Action::Crash { server: leader.0, lose_unsynced: true })?;
//! timeline.run_until(&is_led, 10_000);
//! timeline.seek(0)?;                                        // any moment can be visited again
//! assert!(timeline.world().leader().is_none());
//! # Ok::<(), raft_sim::SimError>(())
//! ```
#![forbid(unsafe_code)]

mod action;
mod breaks;
pub mod chaos;
mod checker;
mod client;
mod clock;
mod command;
mod condition;
pub mod conduct;
mod config;
pub mod contrast;
mod course;
mod disk;
mod document;
mod error;
mod event;
mod explorer;
pub mod export;
mod hash;
pub mod judge;
mod lab;
pub mod limits;
mod machine;
mod metrics;
mod network;
mod random;
mod rules;
mod scenario;
#[cfg(test)]
mod schema;
mod script;
pub mod shrink;
pub mod sweep;
mod time;
mod timeline;
pub mod told;
mod verdict;
mod words;
mod world;

pub use action::{Action, KindName, Membership, MessagePattern, MessageSelector, Pick, ReadName};
pub use breaks::Breaks;
pub use checker::{Fact, Invariant, Violation};
pub use client::{ClientTally, ClientsConfig, LoadConfig, Operation, OperationKind, OperationMix};
pub use command::command_text;
pub use condition::{Condition, OutcomeName, RoleName, StatusName};
pub use config::{ClusterConfig, DiskConfig, NetworkConfig, OptionsConfig};
pub use contrast::{ContrastWorld, Design};
pub use course::{Course, Landmark, Packed};
pub use error::{ErrorCode, SimError};
pub use event::{Deed, Envelope, Event, EventId, EventKind, Level, Loss, MessageId, OperationId, Outcome, Refusal};
pub use explorer::{Bounds, Counterexample, Explorer, ExplorerConfig, ExplorerProgress, Opening, Verdict};
pub use hash::PortableHasher;
pub use lab::Lab;
pub use metrics::{Amount, MetricName, Metrics, MetricsReport, Series, Total};
pub use network::{Flap, InFlight, Link};
pub use rules::{RuleName, RuleSet, WorldRule};
pub use scenario::{Run, Scenario, Variant};
pub use script::{Cursor, Expected, ScriptStep, Text};
pub use time::Time;
pub use timeline::{Branch, BranchId, Recording, Timeline};
pub use world::{ActOutcome, FoundViolation, Server, Status, World};
