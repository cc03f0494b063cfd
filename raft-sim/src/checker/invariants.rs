//! The invariants by their numbers and names, each with why it is true.

macro_rules! invariants {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $name:literal;)*) => {
        /// A safety property of the whole cluster, over all of its history.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant { $($(#[$doc])* $variant,)* }

        impl Invariant {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number: `I4`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The name: `Leader Completeness`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

invariants! {
    /// At most one server ever leads in a term (§5.2): a majority votes once.
    ElectionSafety = "I1", "Election Safety";
    /// A leader never overwrites or removes entries of its log (§5.3).
    LeaderAppendOnly = "I2", "Leader Append-Only";
    /// Logs that hold an entry with the same index and term are identical up to there (§5.3): one leader per term creates
    /// at most one entry per index, and the consistency check carries equality forward.
    LogMatching = "I3", "Log Matching";
    /// Every entry committed in a term is in the logs of the leaders of all later terms (§5.4).
    LeaderCompleteness = "I4", "Leader Completeness";
    /// No two servers ever apply different entries at one index (§5.4.3). Survives crashes: what was applied once counts.
    StateMachineSafety = "I5", "State Machine Safety";
    /// When a leader commits an entry, a majority of every voter set holds it on disk (§5.3).
    CommittedOnQuorum = "I6", "Committed on a Quorum";
    /// A leader advances its commit index only onto an entry of its own term (§5.4.2).
    CommitOwnTerm = "I7", "Commit Own Term Only";
    /// A leader counts nobody's log, its own included, beyond what is durable.
    CommitDurable = "I8", "Commit What Is Durable";
    /// Durable terms never decrease; commit and applied indices never decrease while a server runs.
    Monotone = "I9", "Monotone Numbers";
    /// A server votes for at most one candidate per term, restarts included (§5.2).
    VoteOnce = "I10", "Vote Once";
    /// Snapshot ≤ applied ≤ commit ≤ last index on every server.
    IndexOrder = "I11", "Order of Indices";
    /// Terms along a log never decrease, start at 1, and end at or below the current term.
    MonotoneLog = "I12", "Monotone Log";
    /// No message in flight has a higher term than its sender, pre-votes aside: terms are durable before they are spoken.
    MonotoneMessages = "I13", "Messages Never Outrun Their Sender";
    /// When a candidate wins a term, nobody else has created entries in it.
    FreshTerm = "I14", "A Won Term Is Fresh";
    /// The committed prefixes of any two servers agree.
    CommittedPrefix = "I15", "Committed Prefixes Agree";
    /// A linearizable read shows at least what any client was told of before the read was called (dissertation §6.4).
    LinearizableReads = "I29", "Linearizable Reads";
    /// A snapshot stands for committed entries: its last index was committed, with that term (§7).
    SnapshotFaithful = "I33", "Faithful Snapshots";
}
