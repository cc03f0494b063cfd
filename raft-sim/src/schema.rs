//! The published JSON Schema of scenarios follows from the types. That the built-in scenarios follow it is tested in `www/`,
//! where a validator is at hand.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::breaks::Breaks;
use crate::contrast::Design;
use crate::limits::{MAX_AMOUNT, MAX_TIME_MS};
use crate::metrics::Amount;
use crate::scenario::Scenario;
use crate::time::Time;

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Milliseconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": MAX_TIME_MS })
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": MAX_AMOUNT })
    }
}

impl JsonSchema for Breaks {
    fn schema_name() -> Cow<'static, str> {
        "Breaks".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Self::all().map(Self::id).collect();
        json_schema!({ "enum": names })
    }
}

/// A design, or its name alone.
pub(crate) fn design(generator: &mut SchemaGenerator) -> Schema {
    let whole = generator.subschema_for::<Design>();
    json_schema!({ "anyOf": [whole, { "enum": ["raft", "writeAll", "asyncPrimary", "quorum"] }] })
}

/// Allows no field that is not named, as the readers of documents do.
fn close(schema: &mut Schema) {
    // What stands there is the default of the type; that of the document is told in words.
    schema.remove("default");
    let is_composed = ["anyOf", "oneOf", "allOf", "$ref"].iter().any(|&key| schema.get(key).is_some());
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        // What a flattened part allows is seen only by the newer keyword; the part itself stays open.
        let keyword = if is_composed { "unevaluatedProperties" } else { "additionalProperties" };
        schema.insert(keyword.into(), Value::Bool(false));
        if is_composed {
            return;
        }
    }
    transform_subschemas(&mut close, schema);
}

fn generated() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<Scenario>();
    close(&mut schema);
    let mut schema = Value::from(schema);
    schema["$id"] = json!("https://raft-playground.github.io/raft-playground/schemas/scenario.schema.json");
    schema["title"] = json!("A scenario of the Raft playground, version 1");
    schema["properties"]["version"] = json!({ "const": 1 });
    schema
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

/// Goal: the schema in the repository is the one that follows from the types.
/// To write it anew: `UPDATE_SCHEMAS=1 cargo test -p raft-sim --lib schema`.
#[test]
fn the_published_schema_is_up_to_date() {
    let path = root().join("schemas/scenario.schema.json");
    let schema = generated();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        std::fs::write(&path, format!("{schema:#}\n")).expect("the schema can be written");
    }
    assert_eq!(read(&path), schema, "write it anew: UPDATE_SCHEMAS=1 cargo test -p raft-sim --lib schema");
}
