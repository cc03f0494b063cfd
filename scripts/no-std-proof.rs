//! Proof that raft-core and everything below it do without the standard library.
//!
//! This program brings its own panic handler and allocator, as firmware does. If any crate in the graph
//! linked `std`, there would be two panic handlers and the compiler would refuse (E0152). So the proof needs
//! no target without `std`, which few machines have installed.

#![no_std]

extern crate alloc;

use core::{
    alloc::{GlobalAlloc, Layout},
    panic::PanicInfo,
    ptr::null_mut,
};

pub use raft_core;

struct NoMemory;

unsafe impl GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: NoMemory = NoMemory;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
