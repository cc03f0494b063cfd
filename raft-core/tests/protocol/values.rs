//! Values in themselves: they compare and hash by what they say, and print what a person can read.

use std::hash::{DefaultHasher, Hash, Hasher};

use raft_core::{
    Configuration, Entries, Entry, EntryKind, LogIndex, MembershipChange, MembershipError, Node, NodeId, NodeSetup,
    Options, OptionsError, Payload, Persisted, Term, Ticks, VoteDenial,
};

use crate::harness::ids;

fn entry(text: &str) -> Entry {
    Entry { term: Term(1), kind: EntryKind::Command(text.into()) }
}

fn hash_of(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Goal: two runs of entries are equal, and hash alike, when the entries are, however many there are.
#[test]
fn entries_compare_and_hash_by_content() {
    let runs = [&[][..], &["a"], &["b"], &["a", "b"], &["a", "c"], &["a", "b", "c"]];
    let run = |texts: &[&str]| texts.iter().map(|text| entry(text)).collect::<Entries>();
    for (i, a) in runs.iter().enumerate() {
        for (j, b) in runs.iter().enumerate() {
            assert_eq!(run(a) == run(b), i == j, "{a:?} {b:?}");
            assert_eq!(hash_of(&run(a)) == hash_of(&run(b)), i == j, "{a:?} {b:?}");
        }
        assert_eq!(hash_of(&run(a)), hash_of(run(a).as_slice()), "as a slice of the same entries");
    }
}

/// Goal: a refusal by a shorter log says what differs: the term if that does, else the length.
#[test]
fn a_refused_vote_says_what_differs() {
    let behind = |mine: (u64, u64), theirs: (u64, u64)| {
        let last = |(term, index)| (Term(term), LogIndex(index));
        VoteDenial::LogBehind { mine: last(mine), theirs: last(theirs) }.to_string()
    };
    assert_eq!(behind((3, 1), (2, 9)), "my last log term 3 > 2");
    assert_eq!(behind((3, 9), (3, 1)), "same last log term 3, but my log is longer: 9 > 1");
}

/// Goal: what is printed for debugging names the content.
#[test]
fn debugging_shows_the_content() {
    assert_eq!(format!("{:?}", Payload::from("a\n\u{e9}")), r#""a\n\xc3\xa9""#);
    let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(7)]));
    let node = Node::new(NodeSetup::new(NodeId(7)), disk).unwrap();
    let text = format!("{node:?}");
    assert!(text.starts_with("Node { id: "), "{text}");
    assert!(text.contains("current_term") && text.contains("log"), "{text}");
}

/// Goal: the longest election timeout is allowed, and not a tick more.
#[test]
fn an_election_timeout_has_a_longest() {
    let with_max = |max| Options { election_timeout_max: max, ..Options::default() }.validate();
    assert_eq!(with_max(Options::MAX_TIMEOUT), Ok(()));
    let (min, max) = (Options::default().election_timeout_min, Ticks(Options::MAX_TIMEOUT.0 + 1));
    assert_eq!(with_max(max), Err(OptionsError::ElectionTimeoutRange { min, max }));
}

/// Goal: clocks may be said to drift as much as the limit, and not a thousandth more.
#[test]
fn drift_has_a_limit() {
    let with_drift = |permille| Options { lease_drift_permille: Some(permille), ..Options::default() }.validate();
    assert_eq!(with_drift(Options::MAX_DRIFT_PERMILLE), Ok(()));
    let permille = Options::MAX_DRIFT_PERMILLE + 1;
    assert_eq!(with_drift(permille), Err(OptionsError::DriftTooLarge { permille }));
}

/// Goal: a cluster may have as many members as the limit says, and not one more.
#[test]
fn a_configuration_has_a_largest() {
    let most = Configuration::MAX_MEMBERS as u64;
    let one = Configuration::of_voters([NodeId(1)]);
    let grow = |members| {
        let (voters, learners) = (ids(1..=5).collect(), ids(6..=members).collect());
        one.changed(&MembershipChange::Replace { voters, learners })
    };
    assert_eq!(grow(most).unwrap().members().len(), Configuration::MAX_MEMBERS);
    assert_eq!(grow(most + 1), Err(MembershipError::TooManyMembers { members: Configuration::MAX_MEMBERS + 1 }));
}
