//! Other designs keep what they promise, and break what they do not.

#![allow(clippy::unwrap_used, reason = "what fails here is the point")]

mod documents;
mod experiments;
mod promises;
mod register;
mod trouble;
