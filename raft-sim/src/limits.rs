//! Every limit of a simulation, in one place, with the error it gives.

/// Most servers in a cluster: code `tooManyServers`.
pub const MAX_SERVERS: usize = 25;
/// Most messages in flight; what is sent beyond it is dropped, with an event that says so.
pub const MAX_MESSAGES: usize = 20_000;
/// Most steps in one script: code `invalidScenario`.
pub const MAX_SCRIPT_STEPS: usize = 10_000;
/// Most variants of a scenario: code `invalidScenario`.
pub const MAX_VARIANTS: usize = 100;
/// Longest scenario or recording in bytes: code `tooLarge`.
pub const MAX_SCENARIO_BYTES: usize = 4 << 20;
/// Longest command, key, value, note or name in bytes: code `tooLarge`. An append that would make a value longer fails.
pub const MAX_TEXT_BYTES: usize = 8_192;
/// Longest time that can be named, in milliseconds (about 11 days): code `outOfRange`.
pub const MAX_TIME_MS: f64 = 1e9;
/// Most branches of a timeline: code `tooManyBranches`.
pub const MAX_BRANCHES: usize = 1_000;
/// Deepest nesting of a condition: code `invalidScenario`.
pub const MAX_CONDITION_DEPTH: usize = 16;
/// Largest seed: the largest integer that JavaScript holds exactly. Code `outOfRange`.
pub const MAX_SEED: u64 = (1 << 53) - 1;
/// Most trials of one sweep; more are for several shards: code `outOfRange`.
pub const MAX_SWEEP_TRIALS: u64 = 100_000_000;
/// Most violations that are kept; the first ones are what matters.
pub const MAX_VIOLATIONS: usize = 200;
/// Most requests per second of the built-in load: code `outOfRange`.
pub const MAX_LOAD_PER_SECOND: f64 = 100_000.0;
/// Most clients of the built-in load: code `outOfRange`. An open loop that needs more leaves operations out.
pub const MAX_LOAD_CLIENTS: u32 = 1_000;
/// Most keys of the built-in load: code `outOfRange`.
pub const MAX_LOAD_KEYS: u32 = 1_000;
/// Largest weight of an operation of the built-in load: code `outOfRange`.
pub const MAX_LOAD_WEIGHT: u32 = 1_000_000;
/// Most times that a client sends an operation again by itself: code `outOfRange`.
pub const MAX_CLIENT_RETRIES: u32 = 1_000;
/// Slowest and fastest clock, in thousandths of real time: code `outOfRange`.
pub const CLOCK_RATE_PERMILLE: core::ops::RangeInclusive<u32> = 1..=100_000;
/// Longest history of clients in bytes: code `tooLarge`.
pub const MAX_HISTORY_BYTES: usize = 64 << 20;
/// Most operations in a history: code `tooLarge`.
pub const MAX_HISTORY_OPERATIONS: usize = 1_000_000;
/// Longest value in a history in bytes: code `tooLarge`.
pub const MAX_HISTORY_VALUE_BYTES: usize = 1 << 20;
/// Deepest nesting of a history in EDN: code `invalidHistory`.
pub const MAX_HISTORY_DEPTH: usize = 16;
/// Furthest that a clock can be set forward or back at once, in milliseconds: code `outOfRange`.
pub const MAX_CLOCK_JUMP_MS: i64 = 60_000;
/// Shortest time for which a flapping link works or is cut: code `outOfRange`.
pub const MIN_FLAP: crate::time::Time = crate::time::Time(1_000);
/// Most servers whose states are explored, spares included: code `tooManyServers`.
pub const MAX_EXPLORED_SERVERS: usize = 5;
/// Most often that one kind of thing may happen in an exploration: code `outOfRange`.
pub const MAX_EXPLORED_BUDGET: u32 = 15;
/// Most lines, and most deliveries, before an exploration begins: code `tooLarge`.
pub const MAX_EXPLORED_START: usize = 1_000;
/// Most states that an exploration keeps: code `outOfRange`.
pub const MAX_EXPLORED_STATES: u32 = 50_000_000;
/// Longest trace that is read, in bytes: code `tooLarge`.
pub const MAX_TRACE_BYTES: usize = 256 << 20;
/// Most steps of a trace that is run again: code `outOfRange`.
pub const MAX_TRACE_STEPS: u32 = 10_000_000;
/// Longest Mermaid diagram in bytes; Mermaid itself refuses more than 50,000 characters. What follows is left out, with a note
/// that says so.
pub const MAX_MERMAID_BYTES: usize = 48_000;
/// Longest label in a diagram, in characters; the rest is cut.
pub const MAX_LABEL_CHARS: usize = 120;
/// Most clients in a ShiViz log or a Mermaid diagram, whose size grows with each: code `outOfRange`.
pub const MAX_DRAWN_CLIENTS: usize = 200;
/// Most points of a measured series; beyond that, windows become twice as long.
pub const MAX_METRIC_POINTS: usize = 1_000;
/// Largest amount that a condition can name, in the unit of its metric: code `invalidScenario`.
pub const MAX_AMOUNT: f64 = 1e12;
/// Most steps of a search that a condition on the history of clients spends; beyond it the condition is not true.
pub const MAX_CONDITION_STEPS: u64 = 1_000_000;
