//! Whatever comes in, a node goes on: no panic, no overflow, nothing taken back, nothing growing without bound.

mod driven;
mod inputs;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use raft_core::{Append, Configuration, HardState, LogIndex, Persisted, Rule, Snapshot, Term, Write, WriteNumber};

use driven::{Driven, survives};
use inputs::{entries, id, input, number};

/// What a disk may hold that was written by another program, by an older one, or only in part.
fn write() -> impl Strategy<Value = Write> {
    let hard_state = (number(), prop::option::of(id()))
        .prop_map(|(term, voted_for)| HardState { current_term: Term(term), voted_for });
    let snapshot = (number(), number(), prop::collection::vec(id(), 0..4)).prop_map(|(index, term, voters)| Snapshot {
        last_included_index: LogIndex(index),
        last_included_term: Term(term),
        configuration: Configuration::of_voters(voters).into(),
        data: [1, 2, 3].into(),
    });
    let append = (number(), entries()).prop_map(|(index, entries)| Append { first_index: LogIndex(index), entries });
    (prop::option::of(hard_state), prop::option::weighted(0.2, snapshot), prop::option::of(append))
        .prop_map(|(hard_state, snapshot, append)| Write { number: WriteNumber(1), hard_state, snapshot, append })
}

/// Always the same cases. The fuzz targets of this crate go on from here, for as long as one likes.
fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(2014), failure_persistence: None, ..ProptestConfig::with_cases(600) }
}

proptest! {
    #![proptest_config(config())]

    /// Goal: no sequence of messages, sensible or not, makes an unmodified node panic or take anything back.
    #[test]
    fn any_input_is_survived(inputs in prop::collection::vec(input(), 1..120)) {
        survives(Driven::new(&[]), inputs);
    }

    /// Goal: nor does it a node without some of its safeguards.
    #[test]
    fn any_input_is_survived_without_safeguards(
        off in prop::collection::vec(prop::sample::select(Rule::ALL), 1..5),
        inputs in prop::collection::vec(input(), 1..120),
    ) {
        survives(Driven::new(&off), inputs);
    }

    /// Goal: a node starts from whatever a disk holds, or says why not; if it starts, it goes on as any other.
    #[test]
    fn any_disk_is_survived(
        writes in prop::collection::vec(write(), 0..6),
        inputs in prop::collection::vec(input(), 1..60),
    ) {
        let mut disk = Persisted::bootstrap(Configuration::of_voters([]));
        for write in &writes {
            disk.apply(write);
        }
        if let Ok(driven) = Driven::from_disk(&[], disk) {
            survives(driven, inputs);
        }
    }
}
