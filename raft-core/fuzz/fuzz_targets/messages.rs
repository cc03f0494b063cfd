//! Arbitrary messages and calls, on a node whose driver does everything right, with some safeguards off or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raft_core::Rule;

#[path = "../../tests/protocol/robustness/driven.rs"]
mod driven;

use driven::{Driven, Input, survives};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((off, inputs)) = postcard::from_bytes::<(Vec<Rule>, Vec<Input>)>(bytes) {
        survives(Driven::new(&off), inputs);
    }
});
