//! `shiviz`: a log with vector clocks, for <https://bestchai.bitbucket.io/shiviz/>.
//!
//! Two lines for each event: where and the vector clock, then when and what. A clock counts the events of each place that
//! happened before: on the same place, or through a chain of causes. What the network does to a message is seen by nobody, so
//! nothing follows from it; a second copy that arrives follows from the sending.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use super::cast::{Cast, Place, one_line};
use super::{ExportError, json};
use crate::event::{Event, EventId, EventKind};
use crate::timeline::Timeline;

/// What one enters as the log parsing regular expression. It is the one that ShiViz proposes.
pub const SHIVIZ_REGEX: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";

pub(super) fn write(timeline: &Timeline, out: &mut dyn Write) -> Result<(), ExportError> {
    let world = timeline.world();
    let cast = Cast::of(world)?;
    let mut clocks = Clocks::new(timeline);
    for (id, event) in timeline.events(EventId(0), usize::MAX) {
        let place = cast.place(world, &event);
        let mut clock = String::new();
        for (place, count) in clocks.tick(id, &event, place) {
            let separator = if clock.is_empty() { "" } else { "," };
            let _ = write!(clock, "{separator}{}:{count}", json(&host(*place, &cast)));
        }
        writeln!(out, "{} {{{clock}}}", host(place, &cast))?;
        writeln!(out, "{} {}", event.time, one_line(&event.sentence(world)))?;
    }
    Ok(())
}

/// A name without blanks. Clients with simple names keep them; no other can have the number of an odd one.
fn host(place: Place, cast: &Cast) -> String {
    match place {
        Place::Reader => "reader".into(),
        Place::Network => "network".into(),
        Place::Server(id) => format!("S{id}"),
        Place::Client(number) => {
            let name = &cast.clients()[number];
            let is_simple =
                name.len() <= 40 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
            if is_simple { format!("client-{name}") } else { format!("client#{number}") }
        }
    }
}

type Clock = BTreeMap<Place, u32>;

/// The vector clocks of a run.
pub(super) struct Clocks {
    /// The clock of the last event of each place.
    present: BTreeMap<Place, Clock>,
    /// The clocks of those events that another place's events follow from.
    kept: BTreeMap<EventId, Clock>,
    /// How many events still follow from each event, for those from which any does.
    followers: BTreeMap<EventId, u32>,
}

impl Clocks {
    pub(super) fn new(timeline: &Timeline) -> Self {
        let mut followers = BTreeMap::new();
        for (_, event) in timeline.events(EventId(0), usize::MAX) {
            if let Some(cause) = event.cause() {
                *followers.entry(cause).or_default() += 1;
            }
        }
        Self { present: BTreeMap::new(), kept: BTreeMap::new(), followers }
    }

    /// The clock of the next event.
    pub(super) fn tick(&mut self, id: EventId, event: &Event, place: Place) -> &Clock {
        let cause = event.cause().and_then(|cause| self.of_cause(cause));
        let mut clock = self.present.remove(&place).unwrap_or_default();
        for (&place, &count) in cause.iter().flatten() {
            let known = clock.entry(place).or_default();
            *known = count.max(*known);
        }
        *clock.entry(place).or_default() += 1;
        if self.followers.contains_key(&id) {
            let is_seen = !matches!(event.kind, EventKind::Duplicated(_));
            self.kept.insert(id, if is_seen { clock.clone() } else { cause.unwrap_or_default() });
        }
        self.present.entry(place).insert_entry(clock).into_mut()
    }

    fn of_cause(&mut self, cause: EventId) -> Option<Clock> {
        let followers = self.followers.get_mut(&cause)?;
        *followers -= 1;
        if *followers > 0 {
            return self.kept.get(&cause).cloned();
        }
        self.kept.remove(&cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;
    use crate::config::ClusterConfig;
    use crate::time::Time;

    /// Goal: one event's clock is below another's exactly if it happened before: earlier on the same place, or by a chain of
    /// such steps and causes. Method: the reachable events of a run with losses, copies and clients, by brute force.
    #[test]
    fn clocks_tell_what_happened_before() {
        let mut config = ClusterConfig::of(3, 5);
        config.network.loss_permille = 100;
        config.network.duplicate_permille = 200;
        let mut timeline = Timeline::of_cluster(config).expect("the cluster is sound");
        timeline.advance_to(Time::of_ticks(400), usize::MAX);
        let write = |client: &str| Action::ClientWrite {
            client: client.into(),
            key: "k".into(),
            value: "v".into(),
            server: None,
        };
        for client in ["a", "b", "a"] {
            timeline.act(&write(client)).expect("clients may always ask");
            timeline.advance_to(timeline.shown().after(Time::of_ticks(60)), usize::MAX);
        }
        let world = timeline.world();
        let cast = Cast::of(world).expect("they are few");
        let events: Vec<_> = timeline.events(EventId(0), usize::MAX).collect();
        let kinds = |name: &str| events.iter().filter(|(_, event)| event.name() == name).count();
        assert!(events.len() > 200 && kinds("lost") > 3 && kinds("duplicated") > 3 && kinds("called") == 3);

        let mut clocks = Clocks::new(&timeline);
        let (mut places, mut stamps) = (Vec::new(), Vec::new());
        for (id, event) in &events {
            let place = cast.place(world, event);
            stamps.push(clocks.tick(*id, event, place).clone());
            places.push(place);
        }
        assert!(clocks.kept.is_empty(), "no clock is kept longer than it is needed");

        let mut before: Vec<Vec<bool>> = Vec::new();
        for (at, (_, event)) in events.iter().enumerate() {
            let mut reached = vec![false; at];
            let mut reach = |from: usize| {
                reached[from] = true;
                before[from].iter().enumerate().filter(|(_, is)| **is).for_each(|(earlier, _)| reached[earlier] = true);
            };
            if let Some(last) = (0..at).rev().find(|&earlier| places[earlier] == places[at]) {
                reach(last);
            }
            let mut cause = event.cause();
            while let Some(id) = cause.filter(|id| matches!(events[id.0 as usize].1.kind, EventKind::Duplicated(_))) {
                cause = events[id.0 as usize].1.cause();
            }
            if let Some(id) = cause {
                reach(id.0 as usize);
            }
            before.push(reached);
        }
        for later in 0..events.len() {
            for earlier in 0..later {
                let own = places[earlier];
                let is_below = stamps[earlier][&own] <= stamps[later].get(&own).copied().unwrap_or_default();
                assert_eq!(is_below, before[later][earlier], "event {earlier} before event {later}");
            }
        }
    }
}
