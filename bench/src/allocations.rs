//! An allocator that counts, when asked to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// The system's allocator with counters that run only inside [`Counting::count`], so that timing does not pay for them.
pub(crate) struct Counting {
    is_on: AtomicBool,
    allocations: AtomicU64,
    bytes_kept: AtomicI64,
}

/// What happened during [`Counting::count`].
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    /// Calls that asked for new or larger memory.
    pub(crate) allocations: u64,
    /// Bytes that were allocated and not freed again.
    pub(crate) bytes_kept: i64,
}

impl Counting {
    pub(crate) const fn new() -> Self {
        Self { is_on: AtomicBool::new(false), allocations: AtomicU64::new(0), bytes_kept: AtomicI64::new(0) }
    }

    /// Counts what `work` allocates.
    pub(crate) fn count(&self, work: impl FnOnce()) -> Counted {
        self.allocations.store(0, Relaxed);
        self.bytes_kept.store(0, Relaxed);
        self.is_on.store(true, Relaxed);
        work();
        self.is_on.store(false, Relaxed);
        Counted { allocations: self.allocations.load(Relaxed), bytes_kept: self.bytes_kept.load(Relaxed) }
    }

    fn note(&self, allocations: u64, bytes: i64) {
        if self.is_on.load(Relaxed) {
            self.allocations.fetch_add(allocations, Relaxed);
            self.bytes_kept.fetch_add(bytes, Relaxed);
        }
    }
}

// An allocator cannot be written without `unsafe`. Every call goes to the system's allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.note(1, layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.note(0, -(layout.size() as i64));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        self.note(1, new_size as i64 - layout.size() as i64);
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}
