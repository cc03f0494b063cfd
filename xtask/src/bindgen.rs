//! JavaScript glue with one instance per call instead of one per page.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

/// The object that the generated script defines.
const GLOBAL: &str = "wasm_bindgen";

/// Turns the compiler's `input` into the files that the site imports from `out_dir`, named after `stem` and `glue`.
pub(crate) fn generate(input: &Path, out_dir: &Path, stem: &str, glue: &str) -> Result<()> {
    fs::create_dir_all(out_dir).with_context(|| format!("cannot create {}", out_dir.display()))?;
    let bytes = fs::read(input).with_context(|| format!("cannot read {}", input.display()))?;

    // The `no-modules` flavour keeps all its state inside one function, so that calling the
    // function again gives an instance that shares nothing with the first.
    let mut script = Bindgen::new();
    script.input_bytes(stem, bytes.clone()).no_modules(true)?.no_modules_global(GLOBAL)?;
    let mut script = script.generate_output()?;

    // The `web` flavour declares the same classes and types as members of a module.
    let mut types = Bindgen::new();
    types.input_bytes(stem, bytes).web(true)?.typescript(true);
    let types = types.generate_output()?;
    let types = types.ts().context("wasm-bindgen gave no TypeScript")?;

    write(out_dir, &format!("{stem}_bg.wasm"), script.wasm_mut().emit_wasm())?;
    write(out_dir, &format!("{stem}.d.ts"), types)?;
    write(out_dir, &format!("{glue}.js"), module_around(script.js()))?;
    write(out_dir, &format!("{glue}.d.ts"), declarations(stem))
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

fn declarations(stem: &str) -> String {
    format!(
        "// Generated from raft-wasm; do not edit.\n\
         import type * as module from './{stem}.js';\n\
         \n\
         export type * from './{stem}.js';\n\
         \n\
         /** The classes of one instance: they share memory with each other and with nobody else. */\n\
         export type Glue = Omit<typeof module, 'default' | 'initSync'>;\n\
         \n\
         /** Instantiates the module; the classes returned belong to this instance alone. */\n\
         export function createGlue(module: WebAssembly.Module): Glue;\n"
    )
}

fn write(dir: &Path, name: &str, contents: impl AsRef<[u8]>) -> Result<()> {
    let path = dir.join(name);
    fs::write(&path, contents).with_context(|| format!("cannot write {}", path.display()))
}
