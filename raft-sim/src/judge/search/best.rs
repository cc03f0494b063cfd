//! How far the search came, to show why it failed.

use super::Search;

impl Search<'_> {
    /// Keeps the longest order. Only what differs from the last one is copied.
    pub(super) fn note_best(&mut self) {
        if self.order.len() > self.best.len() {
            self.best.truncate(self.shared);
            self.best.extend_from_slice(&self.order[self.shared..]);
            self.shared = self.order.len();
        }
    }

    /// What should have come after the longest order: what took effect and has no predecessor left.
    pub(super) fn stuck(&self) -> Vec<u32> {
        let mut is_placed = vec![false; self.problem.moves.len()];
        for at in &self.best {
            is_placed[*at as usize] = true;
        }
        let mut stuck = Vec::new();
        let mut is_open = true;
        for (at, event) in self.problem.events.iter().enumerate().skip(self.problem.lanes) {
            is_open |= (0..self.problem.lanes).any(|lane| self.problem.events[lane].move_at as usize == at);
            if is_placed[event.move_at as usize] || !is_open {
                continue;
            }
            if event.is_return {
                is_open = false;
            } else {
                stuck.push(event.move_at);
            }
        }
        stuck
    }

    pub(super) fn sources(&self, order: &[u32]) -> Vec<u32> {
        order.iter().map(|at| self.problem.moves[*at as usize].source).collect()
    }
}
