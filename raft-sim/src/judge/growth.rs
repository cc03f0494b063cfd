//! The guarantees of a session for a key that only grows: an answer tells everything that was appended before it.

use std::collections::BTreeMap;

use super::history::{Act, History, Operation, Status};
use super::level::Level;

/// Two or three operations that contradict a guarantee, and a sentence. No assumption is needed.
pub(super) fn conflict(history: &History, operations: &[&Operation], level: Level) -> Option<(Vec<u64>, String)> {
    let mut clients: BTreeMap<u64, Vec<&Operation>> = BTreeMap::new();
    for operation in operations {
        clients.entry(operation.client).or_default().push(operation);
    }
    if level == Level::MonotonicReads {
        return clients.values().find_map(|own| reads_go_back(own));
    }
    let answers = Answers::new(history, operations)?;
    clients.values().find_map(|own| answers.conflict(own, level))
}

/// The text of an answer.
fn answer(operation: &Operation) -> Option<&str> {
    match &operation.act {
        Act::Read(value) if operation.status == Status::Ok => value.text(),
        _ => None,
    }
}

/// Two answers to a client of which the later one lacks something. Only the longest earlier answer must be looked at.
fn reads_go_back(own: &[&Operation]) -> Option<(Vec<u64>, String)> {
    let mut reads: Vec<_> = own.iter().filter_map(|one| Some((*one, answer(one)?, one.returned?))).collect();
    let mut ended = reads.clone();
    reads.sort_by_key(|(one, ..)| one.call);
    ended.sort_by_key(|(.., end)| *end);
    let mut ended = ended.into_iter().peekable();
    let mut longest: Option<(&Operation, &str)> = None;
    for (one, text, _) in reads {
        while let Some((earlier, seen, _)) = ended.next_if(|(.., end)| *end < one.call) {
            if longest.is_none_or(|(_, known)| known.len() < seen.len()) {
                longest = Some((earlier, seen));
            }
        }
        if let Some((earlier, _)) = longest.filter(|(_, seen)| !text.starts_with(seen)) {
            let words =
                format!("{} does not begin with what the client had read before: {}", one.words(), earlier.words());
            return Some((vec![earlier.id, one.id], words));
        }
    }
    None
}

/// What stands where in the longest answer, and what the pieces are.
struct Answers<'a> {
    /// The text and the number of each append, in order.
    pieces: Vec<(&'a str, u64)>,
    /// Where the answers begin to consist of pieces.
    start: usize,
    longest: &'a str,
    reader: Option<&'a Operation>,
    /// Where the piece of an operation begins and ends in the longest answer.
    places: BTreeMap<u64, (usize, usize)>,
}

impl<'a> Answers<'a> {
    /// `None` if the pieces cannot be told apart, or the longest answer consists of something else.
    fn new(history: &'a History, operations: &[&'a Operation]) -> Option<Self> {
        let piece = |one: &&'a Operation| match &one.act {
            Act::Append(piece) => Some((&**piece, one.id)),
            _ => None,
        };
        let mut pieces: Vec<_> = operations.iter().filter_map(piece).collect();
        pieces.sort_unstable();
        // No piece begins another one, so a text can be read in one way only.
        let is_clear = pieces.first().is_some_and(|(piece, _)| !piece.is_empty())
            && pieces.windows(2).all(|pair| !pair[1].0.starts_with(pair[0].0));
        let reader = operations.iter().copied().max_by_key(|one| answer(one).map(str::len));
        let longest = reader.and_then(answer).filter(|_| is_clear)?;
        let start = history.initial.text().map_or(0, str::len);
        let mut answers = Self { pieces, start, longest, reader, places: BTreeMap::new() };
        answers.places = answers.read(longest)?;
        Some(answers)
    }

    /// Where the pieces of a text begin and end, by the number of their appends.
    fn read(&self, text: &str) -> Option<BTreeMap<u64, (usize, usize)>> {
        let mut places = BTreeMap::new();
        let mut at = self.start;
        while at < text.len() {
            let rest = text.get(at..)?;
            let found = self.pieces.partition_point(|(piece, _)| *piece <= rest).checked_sub(1)?;
            let (piece, id) = self.pieces[found];
            if piece.is_empty() || !rest.starts_with(piece) {
                return None;
            }
            places.insert(id, (at, at + piece.len()));
            at += piece.len();
        }
        Some(places)
    }

    /// Whether an answer contains what an operation appended. `None`: nobody knows.
    fn contains(&self, text: &str, id: u64) -> Option<bool> {
        if self.longest.starts_with(text) {
            return Some(self.places.get(&id).is_some_and(|(_, end)| *end <= text.len()));
        }
        self.read(text).map(|places| places.contains_key(&id))
    }

    /// Whether everything in an answer stands before a place of the longest answer. `None`: nobody knows.
    fn stands_before(&self, text: &str, place: usize) -> Option<bool> {
        if self.longest.starts_with(text) {
            return Some(text.len() <= place);
        }
        let is_before = |id: &u64| self.places.get(id).is_some_and(|(_, end)| *end <= place);
        self.read(text).map(|places| places.keys().all(is_before))
    }

    fn conflict(&self, own: &[&Operation], level: Level) -> Option<(Vec<u64>, String)> {
        own.iter().find_map(|first| {
            let end = first.returned.filter(|_| first.status == Status::Ok)?;
            let is_append = matches!(first.act, Act::Append(_));
            own.iter().filter(|second| end < second.call).find_map(|second| {
                let is_kept = match level {
                    Level::ReadYourWrites => self.contains(answer(second).filter(|_| is_append)?, first.id)?,
                    Level::MonotonicWrites => {
                        let (start, _) = *self.places.get(&second.id).filter(|_| is_append)?;
                        self.places.get(&first.id).is_some_and(|(_, end)| *end <= start)
                    }
                    _ => self.stands_before(answer(first)?, self.places.get(&second.id)?.0)?,
                };
                (!is_kept).then(|| self.explain(first, second, level))
            })
        })
    }

    fn explain(&self, first: &Operation, second: &Operation, level: Level) -> (Vec<u64>, String) {
        let reader = self.reader.filter(|reader| reader.id != second.id);
        let what = match level {
            Level::ReadYourWrites => "an answer does not contain what the client had appended before",
            Level::MonotonicWrites => "what a client appended later stands before what it appended first",
            _ => "what a client appended stands before what it had read",
        };
        let involved: Vec<_> = [Some(first), Some(second), reader].into_iter().flatten().collect();
        let named: Vec<_> = involved.iter().map(|operation| operation.words()).collect();
        (involved.iter().map(|operation| operation.id).collect(), format!("{what}: {}", named.join("; ")))
    }
}
