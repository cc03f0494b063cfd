//! JavaScript glue with one instance per call instead of one per page.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Base name of the wasm file and of the types derived from Rust.
const STEM: &str = "raft_wasm";

/// The object that the generated script defines.
const GLOBAL: &str = "wasm_bindgen";

/// Turns the compiler's `input` into the files that the site imports from `out_dir`.
pub(crate) fn generate(input: &Path, out_dir: &Path) -> Result<()> {
    fs::create_dir_all(out_dir).with_context(|| format!("cannot create {}", out_dir.display()))?;
    let bytes = fs::read(input).with_context(|| format!("cannot read {}", input.display()))?;

    // The `no-modules` flavour keeps all its state inside one function, so that calling the
    // function again gives an instance that shares nothing with the first.
    let mut script = Bindgen::new();
    script.input_bytes(STEM, bytes.clone()).no_modules(true)?.no_modules_global(GLOBAL)?;
    let mut script = script.generate_output()?;

    // The `web` flavour declares the same classes and types as members of a module.
    let mut types = Bindgen::new();
    types.input_bytes(STEM, bytes).web(true)?.typescript(true);
    let types = types.generate_output()?;
    let types = types.ts().context("wasm-bindgen gave no TypeScript")?;

    write(out_dir, &format!("{STEM}_bg.wasm"), script.wasm_mut().emit_wasm())?;
    write(out_dir, &format!("{STEM}.d.ts"), types)?;
    write(out_dir, "glue.js", module_around(script.js()))?;
    write(out_dir, "glue.d.ts", DECLARATIONS)
}

/// Wraps the script, unchanged, in an ES module.
fn module_around(script: &str) -> String {
    format!(
        "// Generated from raft-wasm; do not edit.\n\
         /** Instantiates the module; the classes returned belong to this instance alone. */\n\
         export function createGlue(module) {{\n\
         {script}\n\
         {GLOBAL}.initSync({{ module }});\n\
         return {GLOBAL};\n\
         }}\n"
    )
}

const DECLARATIONS: &str = "\
// Generated from raft-wasm; do not edit.
import type * as engine from './raft_wasm.js';

export type * from './raft_wasm.js';

/** The classes of one instance: they share memory with each other and with nobody else. */
export type Glue = Omit<typeof engine, 'default' | 'initSync'>;

/** Instantiates the module; the classes returned belong to this instance alone. */
export function createGlue(module: WebAssembly.Module): Glue;
";

fn write(dir: &Path, name: &str, contents: impl AsRef<[u8]>) -> Result<()> {
    let path = dir.join(name);
    fs::write(&path, contents).with_context(|| format!("cannot write {}", path.display()))
}
