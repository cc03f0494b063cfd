//! A trace that was read: what it says happened is compared with what happens.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::rerun::Rerun;
use super::trace::{self, FORMAT, VERSION};
use super::traced::TracedEvent;
use crate::document::{self, FromJson, invalid};
use crate::error::{ErrorCode, SimError};
use crate::event::{Event, EventId};
use crate::limits::{MAX_SCENARIO_BYTES, MAX_TRACE_BYTES};
use crate::scenario::check_version;
use crate::timeline::Recording;
use crate::world::World;

/// A run that was exported as `trace-json`. Its events stay as they stand in the text until they are compared.
///
/// ```
/// use raft_sim::export::{Format, Trace};
/// use raft_sim::{ClusterConfig, Time, Timeline};
///
/// let mut timeline = Timeline::of_cluster(ClusterConfig::of(3, 42))?;
/// timeline.advance_to(Time::of_ticks(500), usize::MAX);
/// let text = timeline.export_text(Format::TraceJson)?;
/// let report = Trace::parse(&text)?.replay()?;
/// assert_eq!(report.divergence, None);
/// assert_eq!(report.events, timeline.world().events());
/// # Ok::<(), raft_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct Trace<'a> {
    recording: Recording,
    events: Vec<&'a RawValue>,
    operations: Vec<&'a RawValue>,
    violations: Vec<&'a RawValue>,
    end: Value,
}

/// What came of running a trace again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayReport {
    /// Number of steps that were run.
    pub steps: u32,
    /// Number of events that were compared and agree.
    pub events: u32,
    /// Where the trace and the run first differ, if they do.
    pub divergence: Option<Divergence>,
}

/// Where a trace and the run of it first differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The number of the event; the number of all events if it is not one of them that differs, but what is said of the end.
    pub event: u32,
    /// What the trace says.
    pub expected: String,
    /// What happens.
    pub got: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event, expected, got } = self;
        write!(f, "event {event}: the trace says “{expected}”, what happens is “{got}”")
    }
}

impl<'a> Trace<'a> {
    /// Reads a trace. Errors name the line or the JSON path; events are looked at when they are compared.
    pub fn parse(json: &'a str) -> Result<Self, SimError> {
        if json.len() > MAX_TRACE_BYTES {
            let message = format!("the trace has {} bytes, at most {MAX_TRACE_BYTES} are allowed", json.len());
            return Err(SimError::new(ErrorCode::TooLarge, message));
        }
        let Fields(mut fields) = serde_json::from_str(json)
            .map_err(|error| invalid(format!("this is not a whole trace in JSON: {error}")))?;
        let mut take = |name: &'static str| {
            let at = fields.iter().position(|(known, _)| known == name);
            at.map(|at| fields.swap_remove(at).1).ok_or_else(|| invalid("this field is missing").at(name))
        };
        let format: String = read("format", take("format")?)?;
        if format != FORMAT {
            return Err(invalid(format!("{FORMAT:?} is needed here")).at("format"));
        }
        check_version(read("version", take("version")?)?, VERSION, "traces")?;
        let run = take("run")?;
        let trace = Self {
            recording: document::parse(run.get(), MAX_SCENARIO_BYTES).map_err(|error| error.at("run"))?,
            events: items("events", take("events")?)?,
            operations: items("operations", take("operations")?)?,
            violations: items("violations", take("violations")?)?,
            end: value("end", take("end")?)?,
        };
        for note in ["seed", "generator"] {
            // For people; what counts stands in `run`.
            let _ = take(note);
        }
        match fields.first() {
            None => Ok(trace),
            Some((name, _)) => Err(invalid("unknown field").at(name.chars().take(40).collect::<String>())),
        }
    }

    /// The run that the trace is of.
    pub const fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Number of events in the trace.
    pub const fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing happens in it.
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Runs it again, from its start, and compares every event, operation and violation, and the hashes at the end. Stops at
    /// the first difference. It is an error if the trace makes no sense, whatever happens in the run.
    pub fn replay(&self) -> Result<ReplayReport, SimError> {
        let in_run = |error: SimError| error.at("run");
        let route = self.recording.route().map_err(in_run)?;
        let mut rerun = Rerun::new(route).map_err(in_run)?;
        let mut agreed = 0;
        let report = |rerun: &Rerun<'_>, events, divergence| {
            Ok(ReplayReport { steps: rerun.world().steps(), events, divergence })
        };
        loop {
            match rerun.step() {
                Ok(false) => break,
                Ok(true) => {}
                // It is the run that does not go on as the trace says, not the trace that makes no sense.
                Err(error) => {
                    let expected = self.said(agreed)?;
                    return report(
                        &rerun,
                        agreed,
                        Some(Divergence { event: agreed, expected, got: error.to_string() }),
                    );
                }
            }
            for (id, event) in rerun.events() {
                if let Some(divergence) = self.compare(id, event, rerun.world())? {
                    return report(&rerun, agreed, Some(divergence));
                }
                agreed += 1;
            }
        }
        if (agreed as usize) < self.events.len() {
            let (expected, got) = (self.said(agreed)?, "the run is over".into());
            return report(&rerun, agreed, Some(Divergence { event: agreed, expected, got }));
        }
        report(&rerun, agreed, self.compare_end(rerun.world())?)
    }

    fn compare(&self, id: EventId, event: &Event, world: &World) -> Result<Option<Divergence>, SimError> {
        let Some(raw) = self.events.get(id.0 as usize) else {
            let expected = "nothing more happens".into();
            return Ok(Some(Divergence { event: id.0, expected, got: event.sentence(world) }));
        };
        let got = serde_json::to_value(TracedEvent::new(id, event)).map_err(|error| invalid(error.to_string()))?;
        let expected = value(&format!("events[{}]", id.0), raw)?;
        if is_same(&expected, &got) {
            return Ok(None);
        }
        let (mut expected, mut got) = (self.said(id.0)?, format!("{} ({})", event.sentence(world), event.time));
        if expected == got {
            // The words agree, so it is something that they leave out.
            expected = raw.get().chars().take(LONGEST).collect();
            got = super::json(&TracedEvent::new(id, event));
        }
        Ok(Some(Divergence { event: id.0, expected, got }))
    }

    /// What the trace says about an event, for people.
    fn said(&self, event: u32) -> Result<String, SimError> {
        let Some(raw) = self.events.get(event as usize) else { return Ok("nothing more happens".into()) };
        let event = value(&format!("events[{event}]"), raw)?;
        let field = |name: &str| event.get(name);
        let words = field("text").and_then(Value::as_str).map(str::to_owned);
        let words = words.unwrap_or_else(|| {
            let name = field("name").and_then(Value::as_str).unwrap_or("an event without a name");
            let server = field("server").and_then(Value::as_u64).map(|id| format!(" at S{id}")).unwrap_or_default();
            let data = field("data").map(|data| format!(" {data}")).unwrap_or_default();
            name.to_owned() + &server + &data
        });
        let time = field("timeMs").and_then(Value::as_f64).and_then(crate::time::Time::from_ms);
        let time = time.map_or_else(|| "no time".into(), |time| time.to_string());
        Ok(words.chars().take(LONGEST).chain(format!(" ({time})").chars()).collect())
    }

    fn compare_end(&self, world: &World) -> Result<Option<Divergence>, SimError> {
        let differs = |what: &str, expected: &Value, got: &Value| Divergence {
            event: world.events(),
            expected: format!("{what} {expected}").chars().take(LONGEST).collect(),
            got: format!("{what} {got}").chars().take(LONGEST).collect(),
        };
        for (name, raw, got) in [
            ("operations", &self.operations, trace::operations(world).collect::<Vec<_>>()),
            ("violations", &self.violations, trace::violations(world).collect()),
        ] {
            for (at, raw) in raw.iter().enumerate() {
                let expected = value(&format!("{name}[{at}]"), raw)?;
                let got = got.get(at).unwrap_or(&Value::Null);
                if !is_same(&expected, got) {
                    return Ok(Some(differs(&format!("{name}[{at}]"), &expected, got)));
                }
            }
            if raw.len() < got.len() {
                return Ok(Some(differs(name, &raw.len().into(), &got.len().into())));
            }
        }
        let got = trace::end(world);
        Ok((!is_same(&self.end, &got)).then(|| differs("the end", &self.end, &got)))
    }
}

/// Longest quotation of a trace in a message, in characters.
const LONGEST: usize = 400;

/// Whether two values are the same but for `text`, which is for people. 12 and 12.0 are one number in JSON.
fn is_same(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            let count = |fields: &serde_json::Map<String, Value>| fields.keys().filter(|name| *name != "text").count();
            let mut known = got.iter().filter(|(name, _)| *name != "text");
            count(expected) == count(got)
                && known.all(|(name, got)| expected.get(name).is_some_and(|expected| is_same(expected, got)))
        }
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(expected, got)| is_same(expected, got))
        }
        (Value::Number(expected), Value::Number(got)) => expected == got || expected.as_f64() == got.as_f64(),
        _ => expected == got,
    }
}

fn value(path: &str, raw: &RawValue) -> Result<Value, SimError> {
    serde_json::from_str(raw.get()).map_err(|error| invalid(error.to_string()).at(path))
}

fn read<T: FromJson>(path: &str, raw: &RawValue) -> Result<T, SimError> {
    T::from_json(&value(path, raw)?).map_err(|error| error.at(path))
}

fn items<'a>(path: &str, raw: &'a RawValue) -> Result<Vec<&'a RawValue>, SimError> {
    serde_json::from_str(raw.get()).map_err(|_| invalid("a list is needed here").at(path))
}

/// The fields of an object in their order, each once.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields: Vec<(String, &'de RawValue)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
            // A trace has few fields; more are hostile.
            if fields.len() > 20 || fields.iter().any(|(known, _)| *known == name) {
                return Err(serde::de::Error::custom("a field stands twice, or there are too many"));
            }
            fields.push((name, value));
        }
        Ok(Fields(fields))
    }
}
