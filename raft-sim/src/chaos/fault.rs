//! The ways of doing harm, and of mending it.

use super::Trap;

/// One way of doing harm, or of mending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A server stops.
    Crash,
    /// A server stops and starts again at once.
    Bounce,
    /// A crashed server starts.
    Restart,
    /// A server freezes.
    Pause,
    /// A frozen server goes on.
    Resume,
    /// The servers fall into two groups, and perhaps some loners.
    Partition,
    /// One server loses all its links.
    Isolate,
    /// All links work again.
    Heal,
    /// One link breaks.
    Cut,
    /// One direction of a link breaks.
    CutOneWay,
    /// One link works again.
    Mend,
    /// A clock changes its rate.
    ClockRate,
    /// A disk becomes slower or faster.
    DiskLatency,
    /// A link becomes lossy or reliable.
    Loss,
    /// A link becomes slower, faster or more irregular.
    Latency,
    /// An election timer fires.
    Timeout,
    /// A heartbeat timer fires.
    Heartbeat,
    /// A client writes at the leader that it finds.
    Write,
    /// A client writes at any server that believes to lead.
    WriteSomewhere,
    /// A message is lost.
    Drop,
    /// A message is held.
    Hold,
    /// A held message travels on.
    Release,
    /// A message is late.
    Delay,
    /// A message comes again, late.
    LateDuplicate,
    /// A server takes a snapshot.
    Snapshot,
    /// A server that is no member becomes a learner.
    Learn,
    /// A learner becomes a voter.
    Promote,
    /// A voter becomes a learner.
    Demote,
    /// A member leaves.
    Remove,
    /// Any members come and go at once, through joint consensus.
    Replace,
    /// A leader changes the membership and loses all its links at once.
    CutOffChange,
    /// Leadership is handed to a voter.
    Transfer,
    /// A client reads at the leader that it finds.
    Read,
    /// A client reads at any server.
    ReadSomewhere,
    /// Power is lost in the middle of a write.
    Tear,
    /// A disk begins to say that writes are durable when they are not.
    Lie,
    /// A disk that lied makes true what it said.
    Truth,
    /// A clock jumps.
    ClockJump,
    /// A link keeps its messages.
    HoldLink,
    /// What a link kept arrives.
    ReleaseLink,
    /// A link comes and goes.
    Flap,
    /// A state machine becomes slower or faster.
    SlowApply,
    /// A link doubles messages, or no more.
    Doubling,
    /// A leader takes many commands at once.
    Burst,
    /// Every server loses power, and all start again at once.
    Blackout,
    /// Harm waits for its moment.
    Trap(Trap),
}
