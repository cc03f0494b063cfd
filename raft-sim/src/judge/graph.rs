//! What must be older than what, and whether that can be.

use std::collections::VecDeque;

/// A graph in which an edge says: not newer than. The first nodes are versions, the others only pass that on.
pub(super) struct Graph {
    versions: usize,
    edges: Vec<Vec<u32>>,
}

impl Graph {
    pub(super) fn new(versions: usize) -> Self {
        Self { versions, edges: vec![Vec::new(); versions] }
    }

    pub(super) fn edge(&mut self, from: u32, to: u32) {
        if from != to {
            self.edges[from as usize].push(to);
        }
    }

    /// Says that each version that was `given` is not newer than each that was `taken` at a later time: with a node for each
    /// moment, so that there are no more edges than versions.
    pub(super) fn chain(&mut self, mut given: Vec<(u64, u32)>, mut taken: Vec<(u64, u32)>) {
        given.sort_unstable();
        taken.sort_unstable();
        let mut given = given.into_iter().peekable();
        let mut last = None;
        for (time, version) in taken {
            while let Some((_, earlier)) = given.next_if(|(end, _)| *end < time) {
                let moment = self.edges.len() as u32;
                self.edges.push(Vec::new());
                if let Some(last) = last {
                    self.edge(last, moment);
                }
                self.edge(earlier, moment);
                last = Some(moment);
            }
            if let Some(last) = last {
                self.edge(last, version);
            }
        }
    }

    /// A short circle through two versions at least, which cannot be: the versions on it in order.
    pub(super) fn circle(&self) -> Option<Vec<u32>> {
        let component = self.components();
        let mut sizes = vec![0_u32; self.edges.len()];
        for version in 0..self.versions {
            sizes[component[version] as usize] += 1;
        }
        let start = (0..self.versions).find(|version| sizes[component[*version] as usize] > 1)? as u32;
        let there = self.distances(start, |from| self.edges[from as usize].clone());
        let reversed = self.reversed();
        let back = self.distances(start, |from| reversed[from as usize].clone());
        let is_other = |version: &u32| {
            *version != start && there[*version as usize].is_some() && back[*version as usize].is_some()
        };
        let length = |version: &u32| {
            let [there, back] = [&there, &back].map(|steps| steps[*version as usize].map_or(0, |(steps, _)| steps));
            there + back
        };
        let other = (0..self.versions as u32).filter(is_other).min_by_key(length)?;
        let mut circle = vec![other];
        for (steps, is_ahead) in [(&there, false), (&back, true)] {
            let mut at = other;
            while let Some((1.., previous)) = steps[at as usize] {
                at = previous;
                if (at as usize) < self.versions {
                    if is_ahead { circle.push(at) } else { circle.insert(0, at) }
                }
            }
        }
        circle.pop();
        Some(circle)
    }

    fn reversed(&self) -> Vec<Vec<u32>> {
        let mut reversed = vec![Vec::new(); self.edges.len()];
        for (from, targets) in self.edges.iter().enumerate() {
            for to in targets {
                reversed[*to as usize].push(from as u32);
            }
        }
        reversed
    }

    /// Steps from the start to each node, and the node before it.
    fn distances(&self, start: u32, next: impl Fn(u32) -> Vec<u32>) -> Vec<Option<(u32, u32)>> {
        let mut found = vec![None; self.edges.len()];
        found[start as usize] = Some((0, start));
        let mut queue = VecDeque::from([(start, 0)]);
        while let Some((from, steps)) = queue.pop_front() {
            for to in next(from) {
                if found[to as usize].is_none() {
                    found[to as usize] = Some((steps + 1, from));
                    queue.push_back((to, steps + 1));
                }
            }
        }
        found
    }

    /// The strongly connected component of each node: once forwards by the time of leaving, once backwards (Kosaraju).
    fn components(&self) -> Vec<u32> {
        let count = self.edges.len();
        let (mut left, mut is_seen) = (Vec::with_capacity(count), vec![false; count]);
        for start in 0..count as u32 {
            if std::mem::replace(&mut is_seen[start as usize], true) {
                continue;
            }
            let mut stack = vec![(start, 0)];
            while let Some((node, edge)) = stack.last_mut() {
                match self.edges[*node as usize].get(*edge) {
                    None => {
                        left.push(*node);
                        stack.pop();
                    }
                    Some(to) => {
                        *edge += 1;
                        if !std::mem::replace(&mut is_seen[*to as usize], true) {
                            stack.push((*to, 0));
                        }
                    }
                }
            }
        }
        let reversed = self.reversed();
        let mut component = vec![u32::MAX; count];
        for start in left.into_iter().rev() {
            let mut stack = vec![start];
            while let Some(node) = stack.pop() {
                if component[node as usize] == u32::MAX {
                    component[node as usize] = start;
                    stack.extend(&reversed[node as usize]);
                }
            }
        }
        component
    }
}
