//! What a timeline and a script ask of a world, whatever design its servers follow.

use crate::action::Action;
use crate::breaks::Breaks;
use crate::condition::Condition;
use crate::error::SimError;
use crate::event::Event;
use crate::rules::RuleSet;
use crate::scenario::Scenario;
use crate::script::Cursor;
use crate::time::Time;
use crate::world::ActOutcome;

/// A world that moves in numbered steps, each a function of the world alone, so that any moment of a run can be visited
/// again. [`World`](crate::World) is that of Raft,
/// [`ContrastWorld`](crate::ContrastWorld) that of other designs.
pub trait Course: Clone {
    /// What can happen in it.
    type Kind: Packed;

    /// The start of a scenario. The error says what this world cannot do.
    fn begin(scenario: &Scenario) -> Result<Self, SimError>;

    /// The present moment.
    fn now(&self) -> Time;

    /// Number of steps so far.
    fn steps(&self) -> u32;

    /// Number of events so far.
    fn events(&self) -> u32;

    /// When the next step happens; `None` if nothing is left to happen.
    fn next_time(&self) -> Option<Time>;

    /// Executes the next step if it is due by `limit` and appends what happened to `out`. `false`: no step was.
    fn step_until(&mut self, limit: Time, out: &mut Vec<Event<Self::Kind>>) -> bool;

    /// Whether an action is possible now.
    fn check(&self, action: &Action) -> Result<(), SimError>;

    /// Carries out an action as a step of its own, at `time` if that is later than now. A refused action changes nothing.
    fn act(&mut self, action: &Action, time: Time, out: &mut Vec<Event<Self::Kind>>) -> Result<ActOutcome, SimError>;

    /// Carries out an action that [`Course::check`] allows within the present step, and lets the judges look.
    fn carry_out(&mut self, action: &Action);

    /// What its judges found so far, in words.
    fn contradictions(&self) -> Vec<String>;

    /// Whether something is broken that an experiment may break; judged when the script is over.
    fn is_broken(&self, breaks: Breaks) -> bool;

    /// Whether a condition is true now.
    fn holds(&self, condition: &Condition) -> bool;

    /// The rules that are on.
    fn rules(&self) -> RuleSet;

    /// The script and how far it is.
    fn script(&self) -> &Cursor;

    /// The script, for the one who plays it.
    fn script_mut(&mut self) -> &mut Cursor;

    /// Notes that an expectation was decided: its number and whether it held.
    fn note_expected(&mut self, number: u32, held: bool);

    /// Whether a reader may want to jump to an event, and what to know of it before one looks.
    fn landmark(event: &Event<Self::Kind>) -> Option<Landmark>;
}

/// An event that a reader may want to jump to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Landmark {
    /// Whether it is only the commitment of entries. There are as many as operations.
    pub is_commit: bool,
    /// The term that begins with it.
    pub term: Option<u64>,
}

/// What can be packed into bytes and unpacked again.
pub trait Packed: Clone {
    /// Two bits that stand outside of the bytes: which of up to four forms these have.
    fn form(&self) -> u8;

    /// Appends the bytes.
    fn pack(&self, bytes: &mut Vec<u8>);

    /// Takes what [`Packed::pack`] appended.
    fn unpack(form: u8, bytes: &mut &[u8]) -> Self;
}
