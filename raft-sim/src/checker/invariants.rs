//! The invariants: number, name, statement, and why it is true or where it is restricted.

macro_rules! invariants {
    ($($variant:ident = $id:literal, $name:literal, $statement:literal, $why:literal;)*) => {
        /// A safety property of the whole cluster, over all of its history.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant { $(#[doc = $statement] $variant,)* }

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

            /// What holds, in one sentence.
            pub const fn statement(self) -> &'static str {
                match self { $(Self::$variant => $statement,)* }
            }

            /// Why it is true, or where it is restricted.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }
        }
    };
}

invariants! {
    ElectionSafety = "I1", "Election Safety",
        "At most one server ever leads in a term (§5.2).",
        "A majority votes for the leader, any two majorities share a server, and a server votes once per term.";
    LeaderAppendOnly = "I2", "Leader Append-Only",
        "A leader never overwrites or removes entries of its log (§5.3).",
        "Only a message of the term's leader changes a log, and a leader obeys no other leader of its term. Compaction removes nothing: the snapshot stands for the entries.";
    LogMatching = "I3", "Log Matching",
        "Logs that hold an entry with the same index and term are identical up to there (§5.3).",
        "One leader per term creates at most one entry per index, and the consistency check carries equality forward. Compared over all time, with what a snapshot covers taken as the committed entries.";
    LeaderCompleteness = "I4", "Leader Completeness",
        "Every entry committed in a term is in the logs of the leaders of all later terms (§5.4).",
        "The majority that stored the entry and the majority that elected the leader share a server, which votes only for logs at least as up-to-date as its own. What a snapshot covers counts as held.";
    StateMachineSafety = "I5", "State Machine Safety",
        "No two servers ever apply different entries at one index (§5.4.3).",
        "Only committed entries are applied, and these never change. Survives crashes: what was applied once counts. For a snapshot that was taken over its last entry counts, and with it all before.";
    CommittedOnQuorum = "I6", "Committed on a Quorum",
        "When a leader commits an entry, a majority of every voter set of its configuration holds it on disk (§5.3).",
        "A leader counts acknowledgements, which leave after the write is durable. Checked at the moment of the commitment; later, disks may hold it as a snapshot.";
    CommitOwnTerm = "I7", "Commit Own Term Only",
        "A leader advances its commit index only onto an entry of its own term (§5.4.2).",
        "Entries of older terms are committed with it; counting their replicas alone is not safe (figure 8).";
    CommitDurable = "I8", "Commit What Is Durable",
        "A leader commits nothing beyond where the disks of a majority end.",
        "Its own log counts only as far as it is durable, too. A leader may commit above the end of its own disk, when a majority of others holds the entry.";
    Monotone = "I9", "Monotone Numbers",
        "Durable terms never decrease; terms, commit and applied indices never decrease while a server runs.",
        "A restart may lose a term that was not durable, and begins with the commit and applied index of its snapshot.";
    VoteOnce = "I10", "Vote Once",
        "A server votes for at most one candidate per term, restarts included (§5.2).",
        "The vote is durable before it is spoken. Checked on votes that are sent, which are those that can count.";
    IndexOrder = "I11", "Order of Indices",
        "Snapshot ≤ applied ≤ commit ≤ last index on every server.",
        "Each can only follow the next. Restricted: applied stays behind a snapshot from the leader until the server has heard that it is durable.";
    MonotoneLog = "I12", "Monotone Log",
        "Terms along a log never decrease, start at 1, and end at or below the current term.",
        "A leader adds entries of its term at the end, and terms only grow.";
    MonotoneMessages = "I13", "Messages Never Outrun Their Sender",
        "No message in flight has a higher term than its sender.",
        "Terms are durable before they are spoken. Restricted: a pre-vote and its grant carry the term of the campaign to come.";
    FreshTerm = "I14", "A Won Term Is Fresh",
        "When a candidate wins a term, nobody else has created entries in it.",
        "Only the leader of a term creates its entries, and there is only one.";
    CommittedPrefix = "I15", "Committed Prefixes Agree",
        "The committed prefixes of any two servers agree, over all time.",
        "A leader commits only what all later leaders hold, and followers commit only what matches their leader's log.";
    MatchSound = "I16", "Match Index Is Sound",
        "As far as a leader counts a follower, the follower's disk holds the leader's log.",
        "An acknowledgement promises what is durable, and only a later leader can change it. Restricted to followers that know of no later term; checked when the index moves and when the follower restarts.";
    MatchMonotone = "I17", "Match Index Is Monotone",
        "While a leader leads, what it knows of a follower's log never shrinks.",
        "What a follower has promised stays. Restricted: a server that leaves the configuration and comes back begins anew, and no disk is ever exchanged for an empty one.";
    ProgressRelations = "I18", "Progress Is Consistent",
        "For every follower match < next ≤ last + 1; probes keep no window, windows keep their limit, and a snapshot goes to those, and only those, that need what the log no longer holds.",
        "Every answer moves match and next together. Holds whenever the leader has done all its work, not in the middle of it.";
    PermittedLogChanges = "I19", "Permitted Log Changes",
        "A log changes only by what its leader sends, or by its own additions as a leader; what is committed is never removed.",
        "A server truncates only where its leader's log conflicts, and what is committed never conflicts. Compaction of what was applied is permitted; a restart may lose what was not durable.";
    StateTransitions = "I20", "Permitted Transitions",
        "Only a candidate becomes a leader, in the term of its candidacy; a leader becomes nothing but a follower; neither outlives its term.",
        "These are the arrows of figure 4, with pre-candidates (dissertation §9.6), who may also follow on candidates whose election ran out.";
    LeaderSelf = "I21", "A Leader Is Its Own",
        "A leader has voted for itself and has a heartbeat timer; everybody else has an election timer.",
        "It was a candidate of this very term, and the role decides which timer runs.";
    OneLeaderSeen = "I22", "One Leader per Term Seen",
        "No server ever follows two leaders in one term, or another than the one who won it.",
        "Only the winner of a term sends AppendEntries and InstallSnapshot in it. Counts across restarts.";
    ConfigurationFromLog = "I23", "Configuration Comes From the Log",
        "The configuration that counts at a server is the latest one in its log, committed or not, else that of its snapshot, else the first one.",
        "It counts from the moment it is appended (§6), and the one before counts again when it is truncated.";
    OneReconfiguration = "I24", "One Reconfiguration at a Time",
        "No log holds two configurations beyond the committed entries, and a leader adds one only after it has committed an entry of its term.",
        "A leader waits for the one before (dissertation §4.1). Committed means by anybody: a new leader may hold two that it does not know to be committed itself.";
    QuorumOverlap = "I25", "Quorums Overlap",
        "Of two configurations in a row, no two decisions can be made by disjoint servers.",
        "One server more or less always leaves a common server (dissertation §4.1), and C_old,new needs majorities of both sides (§6). Restricted to servers that have known the cluster: for a spare the first configuration follows on nothing.";
    RemovedInert = "I26", "Removed Servers Are Inert",
        "A leader that knows the configuration without its vote to be committed stops leading, and answers of servers without a vote are never counted.",
        "Restricted as the dissertation has it (§4.2.2): a leader that leaves manages its own removal, and a server that does not know yet that its removal is committed may campaign, lead, and commit it, with the others' votes alone.";
    NoDivergence = "I27", "Committed Logs Never Diverge",
        "The log of every server, up to what it knows to be committed, is the one committed log at all times.",
        "It agreed when it was committed, and nothing committed is removed. So any two logs agree up to the lower commit index; what snapshots cover is compared by its last entry.";
    AckedDurability = "I28", "Acknowledged Writes Last",
        "A write that a client was told of is committed, and in the log of every leader of a later term.",
        "A server answers when it has applied the entry. Restricted to leaders that are not stale: one of an earlier term that is cut off may lack it.";
    LinearizableReads = "I29", "Linearizable Reads",
        "A linearizable read shows at least everything that any client was told of before the read was called (dissertation §6.4).",
        "The leader proves that it still led after the call. Restricted: a lease proves it only while clocks keep to the drift that was configured, and reads from a server's own state promise nothing and are not judged.";
    AppliedOnce = "I30", "Applied Once and in Order",
        "A state machine gets every committed entry exactly once, in order, or a snapshot that takes it further.",
        "Restricted to entries: clients have no sessions, so a command that a client repeats is another command. That the state is a function of the entries is checked with every snapshot and at the end of every trial.";
    AppendPrefix = "I31", "What Is Accepted Matches",
        "When a follower accepts an AppendEntries, its log up to the last entry sent is the sender's.",
        "The consistency check is an induction along the log (§5.3). The sender's log is known by the first entry ever seen with that index and term.";
    CommitVerified = "I32", "Commit Only What Is Verified",
        "A follower commits at most up to the last entry that the message let it compare, or to the end of the snapshot that it took over.",
        "Beyond that its log may still differ from the leader's, whatever the leader has committed.";
    SnapshotFaithful = "I33", "Faithful Snapshots",
        "A snapshot ends with a committed entry and its term, has the configuration of that index, and holds the state that the committed entries up to there give (§7).",
        "Only what was applied is compacted. The entries are replayed apart from all servers; a snapshot older than the oldest one on any disk can no longer be compared.";
    PersistBeforeTalk = "I34", "Persist Before Talking",
        "A vote, a candidacy and an acknowledgement leave a server only when its disk holds what they promise.",
        "They wait for the write. Restricted to promises of a term that the disk does not know to be over: older ones bind nobody.";
    Provenance = "I35", "Provenance",
        "AppendEntries and InstallSnapshot of a term come only from the server that won it, and reach no other leader of that term.",
        "Only leaders send them. What a leader put out before it stepped down is still its own.";
    RestartEquivalence = "I36", "Restart Equivalence",
        "What a server does after a restart follows from what its disk held and what it is told since, to the bit.",
        "A node has no other input. Checked on samples: after restarts in trials, two nodes built from copies of the disk are told the same.";
}
