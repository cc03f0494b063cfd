//! raft-sim for JavaScript: coarse classes, typed boundary structs, one error shape.
//!
//! Two modules are built from it, so that a page loads only what it needs at once. Feature `engine`: [`Simulation`], a live
//! cluster. Feature `workshop`: what takes long or is seldom needed, for a worker, such as exports, judges of histories, sweeps
//! and the explorer.
//!
//! JavaScript pulls: nothing here calls back into it. What is drawn every frame leaves as one flat array of numbers
//! ([`Simulation::frame`]); everything else as plain objects. Arguments are taken as they come, since wasm turns whatever it
//! gets into a number: the TypeScript that calls this checks them before.

mod act;
mod boundary;
#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "workshop")]
mod workshop;

use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "engine")]
pub use engine::Simulation;
#[cfg(feature = "workshop")]
pub use workshop::{
    ContrastSimulation, Exploring, Judging, Playing, Shrinking, Sweeping, export_recording, replay_trace, scenario_runs,
};

/// Smaller and, for the many short-lived blocks of a simulation, faster than the default allocator of wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Stops the module where it stands, as a bug would; for tests of what a page does then.
#[wasm_bindgen(js_name = panicForTest)]
pub fn panic_for_test() {
    panic!("a panic was asked for");
}

/// Reports panics to the console with their place, since a trap alone says nothing.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&format!("raft-playground: {info}").into())));
}
