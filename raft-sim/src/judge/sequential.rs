//! Sequential consistency (Lamport 1979): one order of everything that keeps the order of each client.

use std::collections::BTreeMap;

use super::history::{History, Operation};
use super::linearizable::ids;
use super::problem::Problem;
use super::search::{Found, search};
use super::verdict::{Conflict, Order, Verdict};

/// Most operations that are named as those of which none can come next.
const MAX_STUCK: usize = 20;

/// Judges all keys together, for keys that are in order each need not be in order together. At most `budget` steps.
///
/// One operation of a client comes before another if it returned before the other was called; one whose outcome is unknown
/// comes after what had returned before its call, at any distance, or never.
pub(super) fn judge(history: &History, budget: u64) -> Verdict {
    let sources: Vec<_> = (0..history.operations.len() as u32).collect();
    let mut left = budget;
    match search_among(history, &sources, &mut left) {
        Found::Order(order) => Verdict::Holds { witness: vec![Order { key: None, operations: ids(history, &order) }] },
        Found::GaveUp { .. } => Verdict::Exhausted { steps: budget, key: None },
        Found::Nothing { prefix, stuck } => {
            let named = stuck.iter().take(MAX_STUCK).map(|source| history.operations[*source as usize].words());
            let words = format!(
                "after {} operations in a legal order, none of these, the next of each client, can come next: {}",
                prefix.len(),
                named.collect::<Vec<_>>().join("; ")
            );
            let (operations, prefix) = (ids(history, &stuck), ids(history, &prefix));
            Verdict::Violated(Box::new(Conflict { key: None, operations, prefix, words }))
        }
    }
}

/// Whether there is an innocent explanation.
pub(super) enum Explained {
    Yes,
    No,
    GaveUp,
}

/// Whether one key is sequentially consistent by itself.
pub(super) fn is_explained(history: &History, key: &str, budget: &mut u64) -> Explained {
    let of_key = |(_, operation): &(u32, &Operation)| &*operation.key == key;
    let sources: Vec<_> = (0..).zip(&history.operations).filter(of_key).map(|(at, _)| at).collect();
    match search_among(history, &sources, budget) {
        Found::Order(_) => Explained::Yes,
        Found::Nothing { .. } => Explained::No,
        Found::GaveUp { .. } => Explained::GaveUp,
    }
}

fn search_among(history: &History, sources: &[u32], budget: &mut u64) -> Found {
    let mut clients = BTreeMap::new();
    for source in sources {
        let next = clients.len();
        clients.entry(history.operations[*source as usize].client).or_insert(next);
    }
    let lane = |operation: &Operation| clients.get(&operation.client).copied().unwrap_or_default();
    search(&mut Problem::new(history, sources, clients.len().max(1), lane), budget)
}
