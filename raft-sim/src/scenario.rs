//! An experiment as data: a cluster, what is done to it, and what must come of it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::action::Action;
use crate::breaks::Breaks;
use crate::condition::Condition;
use crate::config::ClusterConfig;
use crate::contrast;
use crate::document::{self, FromJson, Object};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_SCENARIO_BYTES, MAX_SCRIPT_STEPS, MAX_TEXT_BYTES, MAX_VARIANTS};
use crate::rules::RuleName;
use crate::script::{ScriptStep, Text};

/// The version of scenarios that this build reads.
const VERSION: u32 = 1;

/// An experiment. Declarative only: nothing in it is ever executed as code.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// What must break when that rule is off: an invariant (`I4`), a liveness property (`L1`), a habit (`C2`), a level
    /// of consistency for clients (`linearizable`), or what the conditions under `expectOff` state (`expectation`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "string"))]
    pub breaks: Option<Breaks>,
    /// The cluster and its world.
    pub cluster: ClusterConfig,
    /// What is done, line by line.
    #[cfg_attr(test, schemars(default))]
    pub script: Vec<ScriptStep>,
    /// The same experiment again, with differences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub variants: Vec<Variant>,
}

/// What is different in another run of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// Its name, unique in the scenario: lowercase letters, digits and hyphens.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Another rule to switch off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// What must break when the rule is off, if that is something else; without any rule, what must break all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "string"))]
    pub breaks: Option<Breaks>,
    /// Changes of the cluster, as a JSON merge patch (RFC 7396).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "unknown"))]
    pub cluster: Option<Value>,
    /// Another script. Without it the script is the scenario's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<Vec<ScriptStep>>,
    /// What must be true at the end of its script, while the rule is on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub expect: Vec<Condition>,
    /// What must be true at the end of its script, with the rule switched off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    #[cfg_attr(test, schemars(default))]
    pub expect_off: Vec<Condition>,
}

/// One run of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// `figure-8/with-rule`, `two-f-plus-one/seven/with-rule`: the scenario, the variant if it is one, and whether the rule
    /// is on that the experiment is about.
    pub name: String,
    /// What is run: no variants, and the rule as it is meant.
    pub scenario: Scenario,
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
            variants: Vec::new(),
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

    /// The variant with this id, as a scenario of its own.
    pub fn variant(&self, id: &str) -> Result<Self, SimError> {
        let Some(at) = self.variants.iter().position(|variant| variant.id == id) else {
            let known: Vec<_> = self.variants.iter().map(|variant| variant.id.as_str()).collect();
            let message = format!("{} has no variant {id:?}; it has: {}", self.id, known.join(", "));
            return Err(SimError::new(ErrorCode::InvalidScenario, message).at("variants"));
        };
        self.vary(&self.variants[at]).map_err(|error| error.at(format!("variants[{at}]")))
    }

    /// All runs of the experiment: its own and those of its variants, each with the rule that it is about and without.
    pub fn runs(&self) -> impl Iterator<Item = Run> {
        let base = (self.id.clone(), Self { variants: Vec::new(), ..self.clone() });
        // A scenario is valid with all its variants, or it would not have been read.
        let varied = self
            .variants
            .iter()
            .filter_map(|variant| Some((format!("{}/{}", self.id, variant.id), self.vary(variant).ok()?)));
        [base].into_iter().chain(varied).flat_map(|(name, scenario)| {
            let off = scenario.rule.map(|_| scenario.clone().without_rule());
            let off = off.map(|scenario| Run { name: format!("{name}/without-rule"), scenario });
            [Run { name: format!("{name}/with-rule"), scenario }].into_iter().chain(off)
        })
    }

    fn vary(&self, variant: &Variant) -> Result<Self, SimError> {
        let mut scenario = Self { variants: Vec::new(), ..self.clone() };
        if let Some(patch) = &variant.cluster {
            scenario.cluster = patched(&self.cluster, patch).map_err(|error| error.at("cluster"))?;
        }
        scenario.rule = variant.rule.or(self.rule);
        scenario.breaks = variant.breaks.or(self.breaks);
        if let Some(script) = &variant.script {
            scenario.script.clone_from(script);
        }
        let last = |expect: Option<&Condition>, expect_off: Option<&Condition>| ScriptStep {
            expect: expect.cloned(),
            expect_off: expect_off.cloned(),
            ..ScriptStep::default()
        };
        scenario.script.extend(variant.expect.iter().map(|condition| last(Some(condition), None)));
        scenario.script.extend(variant.expect_off.iter().map(|condition| last(None, Some(condition))));
        Ok(scenario)
    }

    /// Whether its runs are watched for broken habits.
    pub(crate) fn is_about_habits(&self) -> bool {
        let is_lapse = |condition: &Condition| matches!(condition, Condition::Lapse { .. });
        let mut conditions = self.script.iter().flat_map(|line| line.conditions().map(|(_, condition)| condition));
        matches!(self.breaks, Some(Breaks::Habit(_))) || conditions.any(|condition| condition.has(&is_lapse))
    }

    /// Whether a condition of its script is on a metric.
    pub(crate) fn is_measured(&self) -> bool {
        let is_metric = |condition: &Condition| matches!(condition, Condition::Metric { .. });
        let mut conditions = self.script.iter().flat_map(|line| line.conditions().map(|(_, condition)| condition));
        conditions.any(|condition| condition.has(&is_metric))
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
        self.cluster.validate().map_err(|error| error.at("cluster"))?;
        contrast::check_scenario(self)?;
        for (number, line) in self.script.iter().enumerate() {
            self.validate_line(line).map_err(|error| error.at(format!("script[{number}]")))?;
        }
        if self.variants.len() > MAX_VARIANTS {
            let message = format!("a scenario has at most {MAX_VARIANTS} variants, not {}", self.variants.len());
            return Err(SimError::new(ErrorCode::InvalidScenario, message).at("variants"));
        }
        for (number, variant) in self.variants.iter().enumerate() {
            self.validate_variant(number, variant).map_err(|error| error.at(format!("variants[{number}]")))?;
        }
        Ok(())
    }

    fn validate_variant(&self, number: usize, variant: &Variant) -> Result<(), SimError> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let id = &variant.id;
        if id.is_empty() || id.len() > MAX_TEXT_BYTES || !id.chars().all(is_plain) {
            let message = "the id of a variant is made of lowercase letters, digits and hyphens";
            return Err(SimError::new(ErrorCode::InvalidScenario, message).at("id"));
        }
        if self.variants[..number].iter().any(|other| other.id == *id) {
            let message = format!("there are two variants {id:?}");
            return Err(SimError::new(ErrorCode::InvalidScenario, message).at("id"));
        }
        self.vary(variant)?.validate()
    }

    fn validate_line(&self, line: &ScriptStep) -> Result<(), SimError> {
        let servers = self.cluster.total();
        for (name, condition) in line.conditions() {
            condition.validate(servers, 0).map_err(|error| error.at(name))?;
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
            variants: object.or("variants", Vec::new())?,
        };
        object.finish()?;
        Ok(scenario)
    }
}

impl FromJson for Variant {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let variant = Self {
            id: object.required("id")?,
            title: object.required("title")?,
            rule: object.optional("rule")?,
            breaks: object.optional("breaks")?,
            cluster: object.optional("cluster")?,
            script: object.optional("script")?,
            expect: object.or("expect", Vec::new())?,
            expect_off: object.or("expectOff", Vec::new())?,
        };
        object.finish()?;
        Ok(variant)
    }
}

/// A cluster with some fields changed, added, or removed where the patch says null.
fn patched(cluster: &ClusterConfig, patch: &Value) -> Result<ClusterConfig, SimError> {
    let mut value = serde_json::to_value(cluster).map_err(|error| document::invalid(error.to_string()))?;
    merge(&mut value, patch);
    ClusterConfig::from_json(&value)
}

/// The algorithm of RFC 7396, section 2. Patches are as deep as the parser of JSON lets them be.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.as_str()).or_insert(Value::Null), value);
        }
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
