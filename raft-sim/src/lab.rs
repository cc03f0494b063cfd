//! A scenario played to its end, whatever design its servers follow.

use crate::contrast::ContrastWorld;
use crate::error::SimError;
use crate::event::EventId;
use crate::event::Level;
use crate::scenario::Scenario;
use crate::script::Cursor;
use crate::time::Time;
use crate::timeline::Timeline;

/// A run of a scenario in the world that its servers' design asks for, for those who only want to know how it ends.
pub enum Lab {
    /// Servers that follow Raft.
    Raft(Box<Timeline>),
    /// Servers that follow another design.
    Contrast(Box<Timeline<ContrastWorld>>),
}

/// Asks the timeline, whichever it is.
macro_rules! of_either {
    ($lab:expr, $timeline:ident => $answer:expr) => {
        match $lab {
            Lab::Raft($timeline) => $answer,
            Lab::Contrast($timeline) => $answer,
        }
    };
}

impl Lab {
    /// The start of a run.
    pub fn new(scenario: Scenario) -> Result<Self, SimError> {
        if scenario.cluster.design.is_raft() {
            return Timeline::new(scenario).map(Box::new).map(Self::Raft);
        }
        Timeline::begin(scenario).map(Box::new).map(Self::Contrast)
    }

    /// Executes steps until the script is over, at most `max_steps`. Whether it is.
    pub fn run_script(&mut self, max_steps: usize) -> bool {
        of_either!(self, timeline => timeline.run_script(max_steps))
    }

    /// What is run.
    pub fn scenario(&self) -> &Scenario {
        of_either!(self, timeline => timeline.scenario())
    }

    /// The script and how far it is.
    pub const fn script(&self) -> &Cursor {
        of_either!(self, timeline => timeline.world().script())
    }

    /// Number of steps so far.
    pub const fn steps(&self) -> u32 {
        of_either!(self, timeline => timeline.world().steps())
    }

    /// Number of events so far.
    pub const fn events(&self) -> u32 {
        of_either!(self, timeline => timeline.world().events())
    }

    /// The present moment.
    pub const fn now(&self) -> Time {
        of_either!(self, timeline => timeline.world().now())
    }

    /// A hash of everything that happened; equal on every machine.
    pub fn trace_hash(&self) -> u64 {
        of_either!(self, timeline => timeline.world().trace_hash())
    }

    /// A hash of everything that can still make a difference; equal on every machine.
    pub fn state_hash(&self) -> u64 {
        of_either!(self, timeline => timeline.world().state_hash())
    }

    /// What did not go as the scenario says, for a person to read; nothing if all went well.
    pub fn problems(&self) -> Vec<String> {
        of_either!(self, timeline => timeline.scenario().problems(timeline.world()))
    }

    /// What happened, a line for each event that matters at least so much: the time, a sentence and, if it follows from the
    /// paper, the section.
    pub fn transcript(&self, least: Level) -> Vec<String> {
        match self {
            Self::Raft(timeline) => {
                let events = timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.level() >= least);
                let line = |(_, event): (_, crate::event::Event)| {
                    let section = event.section().map_or_else(String::new, |section| format!(" ({section})"));
                    format!("{:>12}  {}{section}", event.time.to_string(), event.sentence(timeline.world()))
                };
                events.map(line).collect()
            }
            Self::Contrast(timeline) => {
                let events = timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.kind.level() >= least);
                let line = |(_, event): (_, crate::event::Event<crate::contrast::ContrastKind>)| {
                    format!("{:>12}  {}", event.time.to_string(), timeline.world().sentence(&event))
                };
                events.map(line).collect()
            }
        }
    }
}
