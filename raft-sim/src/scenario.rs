//! An experiment as data: a cluster, what is done to it, and what must come of it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::checker::Invariant;
use crate::config::{ClusterConfig, RuleName};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_SCENARIO_BYTES, MAX_SCRIPT_STEPS, MAX_TEXT_BYTES};
use crate::script::{ScriptStep, Text};

/// The version of scenarios that this build reads.
const VERSION: u32 = 1;

/// An experiment. Declarative only: nothing in it is ever executed as code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// Always 1.
    pub version: u32,
    /// Its name in links.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// The question that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Text>,
    /// The rule whose absence it shows, if it shows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// The invariant (`I4`) that must break when that rule is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// The cluster and its world.
    pub cluster: ClusterConfig,
    /// What is done, line by line.
    #[serde(default)]
    pub script: Vec<ScriptStep>,
}

impl Scenario {
    /// Reads a scenario; errors name the JSON path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        let scenario: Self = parse_json(json, MAX_SCENARIO_BYTES)?;
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
        if self.version != VERSION {
            let message = format!("this build reads scenarios of version {VERSION}, not {}", self.version);
            return Err(SimError::new(ErrorCode::UnsupportedVersion, message).at("version"));
        }
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
        for (number, line) in self.script.iter().enumerate() {
            self.validate_line(line).map_err(|error| error.at(format!("script[{number}]")))?;
        }
        Ok(())
    }

    fn validate_line(&self, line: &ScriptStep) -> Result<(), SimError> {
        let servers = self.cluster.servers;
        for (name, condition) in [("when", &line.when), ("expect", &line.expect), ("expectOff", &line.expect_off)] {
            if let Some(condition) = condition {
                condition.validate(servers, 0).map_err(|error| error.at(name))?;
            }
        }
        let named = line.action.as_ref().and_then(Action::server);
        if let Some(server) = named.filter(|server| !(1..=servers as u64).contains(server)) {
            let message = format!("there is no server {server}; they are 1 to {servers}");
            return Err(SimError::new(ErrorCode::UnknownServer, message).at("server").at("do"));
        }
        Ok(())
    }
}

/// Reads a document of at most `limit` bytes; errors name the JSON path.
pub(crate) fn parse_json<T: DeserializeOwned>(json: &str, limit: usize) -> Result<T, SimError> {
    if json.len() > limit {
        let message = format!("the document has {} bytes, at most {limit} are allowed", json.len());
        return Err(SimError::new(ErrorCode::TooLarge, message));
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let document = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let error = SimError::new(ErrorCode::InvalidScenario, error.into_inner().to_string());
        if path == "." { error } else { error.at(path) }
    })?;
    deserializer.end().map_err(|error| SimError::new(ErrorCode::InvalidScenario, error.to_string()))?;
    Ok(document)
}
