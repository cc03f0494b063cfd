//! The judges of client histories: formats, verdicts, and what convinces of them.

mod agreement;
mod formats;
mod levels;
mod oracle;
mod program;
mod verdicts;
