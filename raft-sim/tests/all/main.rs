//! All tests of the simulator from outside are one program: it is linked once, and its tests share the processors.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what fails here is the point, and some tables are printed"
)]

mod bugs;
mod campaign;
mod chaos;
mod clients;
mod cluster;
mod contrast;
mod documents;
mod experiments;
mod explorer;
mod export;
mod faults;
mod judges;
mod metrics;
mod mit;
mod parallel;
mod premises;
mod requests;
mod rules;
mod scenarios;
mod shrink;
mod simulated;
mod sweep;
mod timeline;
mod workshop;
