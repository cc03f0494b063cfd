//! Build steps that need Rust libraries. Called by the npm scripts, never by hand.
//!
//! `xtask bindgen <input.wasm> <out-dir> <stem> <glue>` writes what JavaScript needs to load a module:
//!
//! - `<stem>_bg.wasm`: the module, not yet optimised;
//! - `<glue>.js`: `createGlue(module)`, one independent instance at each call;
//! - `<glue>.d.ts` and `<stem>.d.ts`: their types, derived from Rust.

mod bindgen;

use std::{env, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["bindgen", input, out_dir, stem, glue] = arguments[..] else {
        eprintln!("usage: xtask bindgen <input.wasm> <out-dir> <stem> <glue>");
        return ExitCode::from(2);
    };
    match bindgen::generate(Path::new(input), Path::new(out_dir), stem, glue) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
