//! Linearizability (Herlihy and Wing 1990): each operation takes effect at one moment between its call and its return.

use std::collections::BTreeMap;

use super::history::{Act, History, Operation, Status};
use super::problem::{Problem, forked_answers};
use super::search::{Found, longest, search};
use super::states::normal;
use super::value::Value;
use super::verdict::{Conflict, Order, Verdict, state_after};

/// Most operations that are named as those of which none can come next.
const MAX_STUCK: usize = 20;
/// Steps that are spent on showing how far things went well, once it is certain that they did not to the end.
const MAX_LONGEST: u64 = 20_000;

/// Judges each key by itself, which is the same as all together (Herlihy and Wing, theorem 1). At most `budget` steps.
pub(super) fn judge(history: &History, budget: u64) -> Verdict {
    let mut keys: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (at, operation) in history.operations.iter().enumerate() {
        keys.entry(&operation.key).or_default().push(at as u32);
    }
    let mut left = budget;
    let mut witness = Vec::new();
    let mut exhausted = None;
    for (key, sources) in keys {
        let contradiction = contradiction(history, &sources);
        let mut problem = Problem::new(history, &sources, 1, |_| 0);
        let contradiction = contradiction.or_else(|| fork(history, &problem));
        let found = match contradiction {
            None => search(&mut problem, &mut left),
            Some((operations, words)) => {
                let (key, (prefix, _)) = (Some(key.into()), longest(&mut problem, budget.min(MAX_LONGEST)));
                let prefix = ids(history, &prefix);
                return Verdict::Violated(Box::new(Conflict { key, operations, prefix, words }));
            }
        };
        match found {
            Found::Order(order) => witness.push(Order { key: Some(key.into()), operations: ids(history, &order) }),
            Found::GaveUp { .. } => exhausted = exhausted.or_else(|| Some(key.into())),
            Found::Nothing { prefix, stuck } => {
                let (further, then) = longest(&mut problem, budget.min(MAX_LONGEST));
                let (prefix, stuck) = if further.len() < prefix.len() { (prefix, stuck) } else { (further, then) };
                return Verdict::Violated(Box::new(dead_end(history, key, &prefix, &stuck)));
            }
        }
    }
    match exhausted {
        Some(key) => Verdict::Exhausted { steps: budget, key: Some(key) },
        None => Verdict::Holds { witness },
    }
}

/// The numbers of some operations.
pub(super) fn ids(history: &History, sources: &[u32]) -> Vec<u64> {
    sources.iter().map(|source| history.operations[*source as usize].id).collect()
}

/// After the longest legal order, nothing can come next.
fn dead_end(history: &History, key: &str, prefix: &[u32], stuck: &[u32]) -> Conflict {
    let operation = |source: &u32| &history.operations[*source as usize];
    let state = state_after(history, prefix.iter().map(operation)).unwrap_or_default();
    let mut shown = stuck.to_vec();
    shown.sort_by_key(|source| operation(source).returned);
    let named: Vec<_> = shown.iter().take(MAX_STUCK).map(|source| operation(source).words()).collect();
    let more = if shown.len() > MAX_STUCK { format!(" and {} more", shown.len() - MAX_STUCK) } else { String::new() };
    let words = format!(
        "after {} operations in a legal order, {key} holds {state}, and none of these can come next: {}{more}",
        prefix.len(),
        named.join("; ")
    );
    let (operations, prefix) = (ids(history, &shown), ids(history, prefix));
    Conflict { key: Some(key.into()), operations, prefix, words }
}

/// Two answers of a key that only grows of which none is a beginning of the other.
fn fork(history: &History, problem: &Problem) -> Option<(Vec<u64>, String)> {
    let (first, second) = forked_answers(history, problem)?;
    let words = |source: u32| history.operations[source as usize].words();
    let words = format!(
        "the key only grows, but of two answers neither is the beginning of the other: {}; {}",
        words(first),
        words(second)
    );
    Some((ids(history, &[first, second]), words))
}

/// An answer that is impossible whatever the order: nobody gave the key that value, or only later, or it was certainly
/// overwritten before the call. For keys that are not appended to. With the operations and a sentence.
fn contradiction(history: &History, sources: &[u32]) -> Option<(Vec<u64>, String)> {
    let model = history.model;
    let operations = || sources.iter().map(|source| &history.operations[*source as usize]);
    if operations().any(|operation| matches!(operation.act, Act::Append(_))) {
        return None;
    }
    let overwriters = Overwriters::new(operations());
    let mut makers: Vec<_> =
        operations().filter_map(|one| made(one).map(|value| (normal(model, value), one))).collect();
    makers.sort_by(|(a, one), (b, other)| a.cmp(b).then(one.call.cmp(&other.call)));
    let initial = normal(model, &history.initial);
    operations().find_map(|asked| {
        let value = normal(model, seen(asked)?);
        let end = asked.returned?;
        let start = makers.partition_point(|(made, _)| *made < value);
        let makers = &makers[start..];
        let makers = &makers[..makers.partition_point(|(made, _)| *made == value)];
        // A cas that swaps a value for itself cannot be where it found it.
        let others =
            |until: usize| makers[..until].iter().map(|(_, maker)| *maker).filter(|maker| maker.id != asked.id);
        let at_first =
            (value == initial).then(|| overwriters.since(None)).map(|over| over.filter(|over| over.1 < asked.call));
        if at_first == Some(None) {
            return None;
        }
        let at_first = at_first.flatten();
        let Some(first) = others(makers.len()).next() else {
            return Some(match at_first {
                None => (vec![asked.id], format!("nobody gave the key the value that was found: {}", asked.words())),
                Some((over, _)) => (
                    vec![asked.id, over.id],
                    format!(
                        "{} finds what was there at first, but {} had returned before",
                        asked.words(),
                        over.words()
                    ),
                ),
            });
        };
        // What was made last is the least likely to be overwritten: few are looked at unless there is a contradiction.
        let mut last = None;
        for maker in others(makers.partition_point(|(_, maker)| maker.call <= end)).rev() {
            let over = certain_end(maker).and_then(|end| overwriters.since(Some(end)));
            let (over, _) = over.filter(|(_, end)| *end < asked.call)?;
            last = last.or(Some((maker, over)));
        }
        Some(match last {
            None => {
                let words = format!("{} returned before {} was called", asked.words(), first.words());
                (vec![asked.id, first.id], words)
            }
            Some((maker, over)) => {
                let words = format!(
                    "{} finds what {} left, but {} came after that and had returned before",
                    asked.words(),
                    maker.words(),
                    over.words()
                );
                (vec![asked.id, maker.id, over.id], words)
            }
        })
    })
}

/// For any moment: which operation that was called after it, and overwrites, returned first.
struct Overwriters<'a> {
    /// In order of the calls: the call, and the operation from there on that returned first.
    firsts: Vec<(u64, &'a Operation, u64)>,
}

impl<'a> Overwriters<'a> {
    fn new(operations: impl Iterator<Item = &'a Operation>) -> Self {
        let certain = |one: &'a Operation| Some((one.call, one, certain_end(one)?)).filter(|_| made(one).is_some());
        let mut firsts: Vec<_> = operations.filter_map(certain).collect();
        firsts.sort_by_key(|(call, ..)| *call);
        for at in (1..firsts.len()).rev() {
            let (_, operation, end) = firsts[at];
            if end < firsts[at - 1].2 {
                (firsts[at - 1].1, firsts[at - 1].2) = (operation, end);
            }
        }
        Self { firsts }
    }

    /// The one that was called after a time, or at any time, and returned first.
    fn since(&self, time: Option<u64>) -> Option<(&'a Operation, u64)> {
        let at = time.map_or(0, |time| self.firsts.partition_point(|(call, ..)| *call <= time));
        self.firsts.get(at).map(|(_, operation, end)| (*operation, *end))
    }
}

/// What an operation found, if it is certain that it took effect.
fn seen(operation: &Operation) -> Option<&Value> {
    match &operation.act {
        _ if operation.status != Status::Ok => None,
        Act::Read(value) | Act::Cas { expected: value, swapped: true, .. } => Some(value),
        _ => None,
    }
}

/// What an operation leaves, if it can have taken effect.
fn made(operation: &Operation) -> Option<&Value> {
    match &operation.act {
        _ if operation.status == Status::Fail => None,
        Act::Write(value) | Act::Cas { new: value, swapped: true, .. } => Some(value),
        Act::Delete => Some(&Value::Null),
        _ => None,
    }
}

/// By when an operation certainly took effect.
fn certain_end(operation: &Operation) -> Option<u64> {
    operation.returned.filter(|_| operation.status == Status::Ok)
}
