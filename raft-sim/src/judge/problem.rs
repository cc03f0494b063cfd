//! A history as the search wants it: numbers in place of values, events in place of times.

use std::collections::BTreeMap;

use super::history::{Act, History, Operation, Status};
use super::states::{JUNK, State, States, normal};
use super::value::Value;

/// The search for one order of some operations of a history.
///
/// Operations stand in *lanes*. One operation precedes another if both are in one lane and the first returned before the other
/// was called. One lane for all: linearizability. A lane for each client: sequential consistency.
pub(super) struct Problem {
    /// The operations that took effect, then those that may have.
    pub(super) moves: Vec<Move>,
    /// How many of them took effect.
    pub(super) definite: usize,
    /// Calls and returns of those that took effect, lane by lane in order of time; the heads of the lanes stand before them.
    pub(super) events: Vec<Event>,
    pub(super) lanes: usize,
    pub(super) keys: Vec<Key>,
    pub(super) states: States,
    /// What may have taken effect, in classes of the same lane and the same effect.
    pub(super) maybes: Vec<Maybes>,
    /// The classes that can make a state.
    pub(super) makers: Vec<Vec<u32>>,
    /// How many classes [`Move::class`] tells apart.
    pub(super) classes: usize,
}

/// What an operation needs and does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) kind: Kind,
    pub(super) key: u32,
    /// What the key must hold.
    pub(super) needs: State,
    /// What it holds then, or the piece that is appended.
    pub(super) makes: State,
    /// The event of its return; [`NEVER`] if it need not take effect.
    pub(super) end: u32,
    /// Operations of one class do the same in the same lane. For what need not take effect: its place in `maybes`.
    pub(super) class: u32,
    /// What is tried first has the lowest rank.
    pub(super) rank: u32,
    /// Where it stands in the history.
    pub(super) source: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The key holds what is needed.
    Read,
    /// The key holds anything else.
    Refute,
    Write,
    Cas,
    Append,
}

/// A call or return in a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// The operation; [`NEVER`] at the head of a lane.
    pub(super) move_at: u32,
    pub(super) is_return: bool,
}

/// Operations that may have taken effect and do the same in the same lane: the one that was called first is used first.
pub(super) struct Maybes {
    pub(super) lane: u32,
    /// The event that follows each call, and the operation, in order.
    pub(super) members: Vec<(u32, u32)>,
}

/// What is known of a key.
pub(super) struct Key {
    pub(super) initial: State,
    /// Whether something is appended to it, so that what it holds depends on more than the last operation.
    pub(super) has_appends: bool,
    /// Whether nothing but appends changes it, so that each answer is a beginning of the next.
    pub(super) only_grows: bool,
    /// Whether an answer says that it did not hold something.
    pub(super) has_refutes: bool,
    /// The answers in order of length, if it only grows.
    pub(super) answers: Vec<u32>,
    /// The classes that may have changed it.
    pub(super) maybes: Vec<u32>,
}

/// No event and no operation.
pub(super) const NEVER: u32 = u32::MAX;

impl Problem {
    /// Prepares the search for an order of the operations at `sources`; `lane` says in which of how many lanes one stands.
    pub(super) fn new(history: &History, sources: &[u32], lanes: usize, lane: impl Fn(&Operation) -> usize) -> Self {
        let operation = |source: u32| &history.operations[source as usize];
        let mut sources: Vec<_> = sources.iter().copied().filter(|source| matters(operation(*source))).collect();
        sources.sort_by_key(|source| operation(*source).status == Status::Unknown);
        let definite = sources.partition_point(|source| operation(*source).status == Status::Ok);
        let (keys_of, count) = number_keys(sources.iter().map(|source| &*operation(*source).key));
        let mut appends = vec![false; count];
        for (source, key) in sources.iter().zip(&keys_of) {
            appends[*key] |= matches!(operation(*source).act, Act::Append(_));
        }
        let pairs = keys_of.iter().copied().zip(sources.iter().map(|source| operation(*source)));
        let mut states = States::new(history.model, &history.initial, &appends, pairs);
        let (events, ends) = events(history, &sources, definite, lanes, &lane);
        let mut keys = Vec::new();
        for (key, has_appends) in appends.iter().enumerate() {
            let initial = states.of(key, &history.initial, *has_appends);
            let (only_grows, has_refutes, answers, maybes) = (*has_appends, false, Vec::new(), Vec::new());
            let has_appends = *has_appends;
            keys.push(Key { initial, has_appends, only_grows, has_refutes, answers, maybes });
        }
        let mut moves = Vec::with_capacity(sources.len());
        for (at, (source, key)) in sources.iter().zip(&keys_of).enumerate() {
            let (operation, info) = (operation(*source), &mut keys[*key]);
            let mut state = |value: &Value| states.of(*key, value, info.has_appends);
            let (kind, needs, makes) = match &operation.act {
                Act::Read(value) => (Kind::Read, state(value), JUNK),
                Act::Cas { expected, swapped: false, .. } => (Kind::Refute, state(expected), JUNK),
                Act::Cas { expected, new, .. } => (Kind::Cas, state(expected), state(new)),
                Act::Write(value) => (Kind::Write, JUNK, state(value)),
                Act::Delete => (Kind::Write, JUNK, state(&Value::Null)),
                Act::Append(piece) => (Kind::Append, JUNK, states.piece(piece)),
            };
            info.only_grows &= matches!(kind, Kind::Read | Kind::Append);
            info.has_refutes |= kind == Kind::Refute;
            if kind == Kind::Read {
                info.answers.push(at as u32);
            }
            let end = ends.get(at).copied().unwrap_or(NEVER);
            moves.push(Move { kind, key: *key as u32, needs, makes, end, class: 0, rank: 0, source: *source });
        }
        for (key, info) in keys.iter_mut().enumerate() {
            info.answers.sort_by_key(|at| states.length(key, moves[*at as usize].needs));
        }
        let mut problem = Self {
            moves,
            definite,
            events,
            lanes,
            keys,
            makers: vec![Vec::new(); states.count()],
            states,
            maybes: Vec::new(),
            classes: 0,
        };
        problem.classify(history, &lane);
        problem.rank(history);
        problem
    }

    /// Puts what is interchangeable into classes.
    fn classify(&mut self, history: &History, lane: &impl Fn(&Operation) -> usize) {
        let mut order: Vec<_> = (0..self.moves.len()).collect();
        let lane_of = |one: &Move| lane(&history.operations[one.source as usize]);
        let identity = |at: usize| {
            let one = &self.moves[at];
            (
                at >= self.definite,
                one.key,
                one.kind,
                one.needs,
                one.makes,
                if self.lanes == 1 { 0 } else { lane_of(one) },
            )
        };
        order.sort_by_cached_key(|at| identity(*at));
        let mut classes = vec![0; self.moves.len()];
        let mut firsts = Vec::new();
        for (place, at) in order.iter().enumerate() {
            if place == 0 || identity(order[place - 1]) != identity(*at) {
                firsts.push(*at);
            }
            classes[*at] = firsts.len() as u32 - 1;
        }
        self.classes = firsts.len();
        let before = firsts.partition_point(|at| *at < self.definite) as u32;
        for (one, class) in self.moves.iter_mut().zip(classes) {
            one.class = class;
        }
        for at in self.definite..self.moves.len() {
            self.moves[at].class -= before;
        }
        self.collect_maybes(history, &firsts[before as usize..], lane);
    }

    /// Lists what may have taken effect, by class, and by what it makes.
    fn collect_maybes(&mut self, history: &History, firsts: &[usize], lane: &impl Fn(&Operation) -> usize) {
        for (class, first) in firsts.iter().enumerate() {
            let one = self.moves[*first];
            let lane = lane(&history.operations[one.source as usize]) as u32;
            self.maybes.push(Maybes { lane, members: Vec::new() });
            self.keys[one.key as usize].maybes.push(class as u32);
            if one.kind != Kind::Append
                && let Some(makers) = self.makers.get_mut(one.makes as usize)
            {
                makers.push(class as u32);
            }
        }
        for at in self.definite..self.moves.len() {
            let one = self.moves[at];
            let call = history.operations[one.source as usize].call;
            let lane = self.maybes[one.class as usize].lane;
            let after = self.event_after(history, lane, call);
            self.maybes[one.class as usize].members.push((after, at as u32));
        }
        for maybes in &mut self.maybes {
            maybes.members.sort_unstable();
        }
    }

    /// The first event of a lane at or after a time. At equal times calls come before returns.
    fn event_after(&self, history: &History, lane: u32, time: u64) -> u32 {
        let (start, end) = self.lane_events(lane);
        let events = &self.events[start..end];
        let is_before = |event: &Event| {
            let operation = &history.operations[self.moves[event.move_at as usize].source as usize];
            if event.is_return { operation.returned.is_some_and(|end| end < time) } else { operation.call < time }
        };
        (start + events.partition_point(is_before)) as u32
    }

    /// The events of a lane: the heads say where they begin.
    fn lane_events(&self, lane: u32) -> (usize, usize) {
        let start = self.events[lane as usize].move_at as usize;
        let next = self.events[..self.lanes].get(lane as usize + 1);
        (start, next.map_or(self.events.len(), |head| head.move_at as usize))
    }

    /// Orders what is tried: by the time until which it must be done, itself or the first answer that only it makes possible.
    fn rank(&mut self, history: &History) {
        let mut makers = vec![0_u32; self.states.count()];
        let mut wanted = vec![u64::MAX; self.states.count()];
        let returned = |one: &Move| history.operations[one.source as usize].returned.unwrap_or(u64::MAX);
        for one in &self.moves {
            if matches!(one.kind, Kind::Write | Kind::Cas)
                && let Some(count) = makers.get_mut(one.makes as usize)
            {
                *count += 1;
            }
            if matches!(one.kind, Kind::Read | Kind::Cas)
                && one.end != NEVER
                && let Some(time) = wanted.get_mut(one.needs as usize)
            {
                *time = returned(one).min(*time);
            }
        }
        let due = |one: &Move| {
            let own = returned(one);
            let is_only = matches!(one.kind, Kind::Write | Kind::Cas) && makers.get(one.makes as usize) == Some(&1);
            if is_only { own.min(wanted[one.makes as usize]) } else { own }
        };
        let mut order: Vec<_> = self.moves.iter().enumerate().map(|(at, one)| (due(one), at)).collect();
        order.sort_unstable();
        for (rank, (_, at)) in order.into_iter().enumerate() {
            self.moves[at].rank = rank as u32;
        }
    }
}

/// Whether an operation can have changed something, or learned something.
fn matters(operation: &Operation) -> bool {
    match operation.status {
        Status::Ok => true,
        Status::Fail => false,
        Status::Unknown => operation.act.is_mutation(),
    }
}

/// Numbers keys in the order in which they occur.
fn number_keys<'a>(keys: impl Iterator<Item = &'a str>) -> (Vec<usize>, usize) {
    let mut numbers = BTreeMap::new();
    let numbered = keys.map(|key| {
        let next = numbers.len();
        *numbers.entry(key).or_insert(next)
    });
    (numbered.collect(), numbers.len())
}

/// The events of each lane in order of time, calls before returns, and the event at which each operation ends. The head of a
/// lane names the first event of the lane.
fn events(
    history: &History,
    sources: &[u32],
    definite: usize,
    lanes: usize,
    lane: impl Fn(&Operation) -> usize,
) -> (Vec<Event>, Vec<u32>) {
    let mut moments = Vec::with_capacity(definite * 2);
    for (at, source) in sources[..definite].iter().enumerate() {
        let operation = &history.operations[*source as usize];
        let lane = if lanes == 1 { 0 } else { lane(operation) as u32 };
        moments.push((lane, operation.call, false, at as u32));
        moments.push((lane, operation.returned.unwrap_or(u64::MAX), true, at as u32));
    }
    moments.sort_unstable();
    let mut events = vec![Event { move_at: NEVER, is_return: false }; lanes];
    let mut ends = vec![NEVER; definite];
    for (lane, head) in events.iter_mut().enumerate() {
        head.move_at = (lanes + moments.partition_point(|moment| (moment.0 as usize) < lane)) as u32;
    }
    for (_, _, is_return, move_at) in moments {
        if is_return {
            ends[move_at as usize] = events.len() as u32;
        }
        events.push(Event { move_at, is_return });
    }
    (events, ends)
}

/// Whether the first answer of a key that only grows is a beginning of the second, and so on. If not: the two.
pub(super) fn forked_answers(history: &History, problem: &Problem) -> Option<(u32, u32)> {
    let text = |at: u32| {
        let source = problem.moves[at as usize].source;
        match &history.operations[source as usize].act {
            Act::Read(value) => (source, normal(history.model, value)),
            _ => (source, Value::Null),
        }
    };
    problem.keys.iter().filter(|key| key.only_grows).find_map(|key| {
        key.answers.windows(2).find_map(|pair| {
            let [(first, shorter), (second, longer)] = [text(pair[0]), text(pair[1])];
            let is_beginning = longer.text().unwrap_or_default().starts_with(shorter.text().unwrap_or_default());
            (!is_beginning).then_some((first, second))
        })
    })
}
