//! The judges of client histories: formats, verdicts, and what convinces of them.

#![allow(clippy::unwrap_used, reason = "what fails here is the point")]

mod agreement;
mod formats;
mod levels;
mod oracle;
mod program;
mod verdicts;
