//! An experiment as data: a cluster, what is done to it, and what must come of it.

use serde::Serialize;
use serde_json::Value;

use crate::action::Action;
use crate::checker::Invariant;
use crate::config::ClusterConfig;
use crate::contrast;
use crate::document::{self, FromJson, Object};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_SCENARIO_BYTES, MAX_SCRIPT_STEPS, MAX_TEXT_BYTES};
use crate::rules::RuleName;
use crate::script::{ScriptStep, Text};

/// The version of scenarios that this build reads.
const VERSION: u32 = 1;

/// An experiment. Declarative only: nothing in it is ever executed as code.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    /// Always 1.
    pub version: u32,
    /// Its name in links.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// The question that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Text>,
    /// The rule whose absence it shows, if it shows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// The invariant (`I4`) that must break when that rule is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// The cluster and its world.
    pub cluster: ClusterConfig,
    /// What is done, line by line.
    pub script: Vec<ScriptStep>,
}

impl Scenario {
    /// Reads a scenario; errors name the JSON path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        let scenario: Self = document::parse(json, MAX_SCENARIO_BYTES)?;
        scenario.validate()?;
        Ok(scenario)
    }

    /// A cluster that is left alone.
    pub fn of_cluster(cluster: ClusterConfig) -> Self {
        Self {
            version: VERSION,
            id: "free".into(),
            title: Text {
                en: format!("{} servers", cluster.servers),
                zh: Some(format!("{} 台服务器", cluster.servers)),
            },
            question: None,
            rule: None,
            breaks: None,
            cluster,
            script: Vec::new(),
        }
    }

    /// The same experiment without the rule that it is about; itself if it is about none.
    #[must_use]
    pub fn without_rule(mut self) -> Self {
        if let Some(rule) = self.rule {
            self.cluster.rules.insert(rule, false);
        }
        self
    }

    /// Checks everything that the types do not.
    pub fn validate(&self) -> Result<(), SimError> {
        check_version(self.version, VERSION, "scenarios")?;
        if self.script.len() > MAX_SCRIPT_STEPS {
            let message = format!("a script has at most {MAX_SCRIPT_STEPS} lines, not {}", self.script.len());
            return Err(SimError::new(ErrorCode::InvalidScenario, message).at("script"));
        }
        if self.id.len() > MAX_TEXT_BYTES {
            return Err(SimError::new(ErrorCode::TooLarge, "the id is too long").at("id"));
        }
        if let Some(breaks) = &self.breaks
            && !Invariant::ALL.iter().any(|invariant| invariant.id() == breaks)
        {
            return Err(
                SimError::new(ErrorCode::InvalidScenario, format!("there is no invariant {breaks}")).at("breaks")
            );
        }
        self.cluster.validate().map_err(|error| error.at("cluster"))?;
        contrast::check_scenario(self)?;
        for (number, line) in self.script.iter().enumerate() {
            self.validate_line(line).map_err(|error| error.at(format!("script[{number}]")))?;
        }
        Ok(())
    }

    fn validate_line(&self, line: &ScriptStep) -> Result<(), SimError> {
        let servers = self.cluster.total();
        for (name, condition) in [("when", &line.when), ("expect", &line.expect), ("expectOff", &line.expect_off)] {
            if let Some(condition) = condition {
                condition.validate(servers, 0).map_err(|error| error.at(name))?;
            }
        }
        let is_known = |server: u64| (1..=servers as u64).contains(&server);
        let named = line.action.iter().flat_map(Action::named_servers);
        if let Some((field, server)) = named.into_iter().find(|&(_, server)| !is_known(server)) {
            let message = format!("there is no server {server}; they are 1 to {servers}");
            return Err(SimError::new(ErrorCode::UnknownServer, message).at(field).at("do"));
        }
        Ok(())
    }
}

impl FromJson for Scenario {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        check_version(object.required("version")?, VERSION, "scenarios")?;
        let scenario = Self {
            version: VERSION,
            id: object.required("id")?,
            title: object.required("title")?,
            question: object.optional("question")?,
            rule: object.optional("rule")?,
            breaks: object.optional("breaks")?,
            cluster: object.required("cluster")?,
            script: object.or("script", Vec::new())?,
        };
        object.finish()?;
        Ok(scenario)
    }
}

/// Refuses documents of versions that this build does not know.
pub(crate) fn check_version(version: u32, known: u32, documents: &str) -> Result<(), SimError> {
    if version == known {
        return Ok(());
    }
    let message = format!("this build reads {documents} of version {known}, not {version}");
    Err(SimError::new(ErrorCode::UnsupportedVersion, message).at("version"))
}
