//! A run as a document: what it started from and everything that was done to it.

use serde::Serialize;
use serde_json::Value;

use super::{BranchId, Intervention, Timeline};
use crate::action::Action;
use crate::course::Course;
use crate::document::{self, FromJson, Object};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_BRANCHES, MAX_SCENARIO_BYTES};
use crate::scenario::{Scenario, check_version};
use crate::time::Time;

/// The version of recordings that this build writes and reads.
const VERSION: u32 = 1;

/// A run with all its branches, as data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    version: u32,
    scenario: Scenario,
    branches: Vec<RecordedBranch>,
    current: usize,
    step: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordedBranch {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<usize>,
    #[serde(skip_serializing_if = "is_zero")]
    fork_step: u32,
    head_step: u32,
    end_ms: Time,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<RecordedAction>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordedAction {
    step: u32,
    time_ms: Time,
    #[serde(rename = "do")]
    action: Action,
}

impl Timeline {
    /// Runs a recording again, branch by branch, and looks at the moment at which it was made.
    pub fn replay(recording: &Recording) -> Result<Self, SimError> {
        Self::repeat(recording)
    }
}

impl<W: Course> Timeline<W> {
    /// The run as data.
    pub fn record(&self) -> Recording {
        let branches = self.branches.iter().map(|branch| {
            let (parent, fork_step) = branch.origin.map_or((None, 0), |(parent, step)| (Some(parent.0), step));
            let own = branch.interventions.iter().filter(|intervention| intervention.step >= fork_step);
            let actions = own.map(RecordedAction::of).collect();
            RecordedBranch {
                name: branch.name.clone(),
                parent,
                fork_step,
                head_step: branch.head_step,
                end_ms: branch.end_time,
                actions,
            }
        });
        Recording {
            version: VERSION,
            scenario: (*self.scenario).clone(),
            branches: branches.collect(),
            current: self.current.0,
            step: self.world.steps(),
        }
    }

    /// The present branch up to the present moment as data, as if there had never been another.
    pub fn record_present(&self) -> Recording {
        let (branch, step) = (self.branch(), self.world.steps());
        let done = branch.interventions.iter().filter(|intervention| intervention.step < step);
        let actions = done.map(RecordedAction::of).collect();
        let only = RecordedBranch {
            name: branch.name.clone(),
            parent: None,
            fork_step: 0,
            head_step: step,
            end_ms: self.shown,
            actions,
        };
        let scenario = (*self.scenario).clone();
        Recording { version: VERSION, scenario, branches: vec![only], current: 0, step }
    }

    /// Runs a recording again in the world that it was made in, like [`Timeline::replay`].
    pub fn repeat(recording: &Recording) -> Result<Self, SimError> {
        check_version(recording.version, VERSION, "recordings")?;
        if recording.branches.len() > MAX_BRANCHES {
            let message = format!("a run has at most {MAX_BRANCHES} branches");
            return Err(SimError::new(ErrorCode::TooManyBranches, message).at("branches"));
        }
        let mut timeline = Self::begin(recording.scenario.clone()).map_err(|error| error.at("scenario"))?;
        for (number, branch) in recording.branches.iter().enumerate() {
            timeline.replay_branch(number, branch).map_err(|error| error.at(format!("branches[{number}]")))?;
        }
        timeline
            .switch_branch(BranchId(recording.current), Some(recording.step))
            .map_err(|error| error.at("current"))?;
        Ok(timeline)
    }

    fn replay_branch(&mut self, number: usize, recorded: &RecordedBranch) -> Result<(), SimError> {
        match recorded.parent {
            None if number == 0 => {}
            Some(parent) if parent < number => {
                self.switch_branch(BranchId(parent), Some(recorded.fork_step)).map_err(|error| error.at("parent"))?;
                // Its parent may have stood still long after the branch left.
                self.shown = self.world.now();
                self.fork()?;
            }
            _ => {
                let message = "every branch but the first leaves one that comes before it";
                return Err(SimError::new(ErrorCode::InvalidScenario, message).at("parent"));
            }
        }
        let unreachable = |at: &str| {
            let message = "the run ends before this step: the recording is of another run or another version of Raft";
            SimError::new(ErrorCode::UnknownMoment, message).at(at)
        };
        for (position, recorded) in recorded.actions.iter().enumerate() {
            let at = format!("actions[{position}]");
            while self.world.steps() < recorded.step {
                if !self.step() {
                    return Err(unreachable(&at));
                }
            }
            self.shown = self.shown.max(recorded.time_ms);
            self.act(&recorded.action).map_err(|error| error.at(at))?;
        }
        while self.world.steps() < recorded.head_step {
            if !self.step() {
                return Err(unreachable("headStep"));
            }
        }
        self.show(recorded.end_ms);
        self.branches[self.current.0].name.clone_from(&recorded.name);
        Ok(())
    }
}

impl Recording {
    /// What was run.
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Reads a recording; errors name the JSON path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        document::parse(json, MAX_SCENARIO_BYTES)
    }

    /// What is run, the actions from outside with the number of steps before each and its time, and the number of steps:
    /// of a recording without branches.
    pub(crate) fn route(&self) -> Result<Route<'_>, SimError> {
        let wrong = |message: &str, at: String| Err(SimError::new(ErrorCode::InvalidScenario, message).at(at));
        let [only] = self.branches.as_slice() else {
            return wrong("exactly one branch is needed here", "branches".into());
        };
        if let Some(at) = only.actions.windows(2).position(|pair| pair[0].step >= pair[1].step) {
            return wrong("actions stand in the order of their steps", format!("branches[0].actions[{}].step", at + 1));
        }
        let actions = only.actions.iter().map(|recorded| (recorded.step, recorded.time_ms, &recorded.action));
        Ok(Route { scenario: &self.scenario, actions: actions.collect(), steps: only.head_step })
    }
}

/// A run without branches.
pub(crate) struct Route<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) actions: Vec<(u32, Time, &'a Action)>,
    pub(crate) steps: u32,
}

impl RecordedAction {
    fn of(Intervention { step, time, action }: &Intervention) -> Self {
        Self { step: *step, time_ms: *time, action: action.clone() }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl FromJson for Recording {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        check_version(object.required("version")?, VERSION, "recordings")?;
        let recording = Self {
            version: VERSION,
            scenario: object.required("scenario")?,
            branches: object.required("branches")?,
            current: object.required("current")?,
            step: object.required("step")?,
        };
        object.finish()?;
        Ok(recording)
    }
}

impl FromJson for RecordedBranch {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let branch = Self {
            name: object.required("name")?,
            parent: object.optional("parent")?,
            fork_step: object.or("forkStep", 0)?,
            head_step: object.required("headStep")?,
            end_ms: object.required("endMs")?,
            actions: object.or("actions", Vec::new())?,
        };
        object.finish()?;
        Ok(branch)
    }
}

impl FromJson for RecordedAction {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let action = Self {
            step: object.required("step")?,
            time_ms: object.required("timeMs")?,
            action: object.required("do")?,
        };
        object.finish()?;
        Ok(action)
    }
}
