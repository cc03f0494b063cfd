//! A node starts from an arbitrary disk, or says why not, and then lives through arbitrary messages and calls.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raft_core::{Configuration, Persisted, Write};

#[path = "../../tests/protocol/robustness/driven.rs"]
mod driven;

use driven::{Driven, Input, survives};

fuzz_target!(|bytes: &[u8]| {
    let Ok((writes, inputs)) = postcard::from_bytes::<(Vec<Write>, Vec<Input>)>(bytes) else {
        return;
    };
    let mut disk = Persisted::bootstrap(Configuration::of_voters([]));
    writes.iter().for_each(|write| disk.apply(write));
    if let Ok(driven) = Driven::from_disk(&[], disk) {
        survives(driven, inputs);
    }
});
