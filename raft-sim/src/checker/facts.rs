//! The facts that contradict each other when an invariant does not hold, as data and in words.

use std::fmt;

use raft_core::{LogIndex, MessageKind, NodeId, ProgressState, Role, Term};

use super::Link;
use crate::time::Time;
use crate::told::{self, Fields, Form, ROLES, STATES, Value, Values};

/// Most values of one fact.
const MOST: usize = 5;

macro_rules! facts {
    ($($variant:ident { $($field:ident: $type:ty),* } = $name:literal, $text:literal;)*) => {
        /// Every fact as a type of its own, to be made a [`Fact`] of.
        pub(crate) mod fact {
            #[allow(clippy::wildcard_imports, reason = "the types of the fields")]
            use super::*;

            $(#[doc = $text] pub(crate) struct $variant { $(pub(crate) $field: $type),* })*
        }

        enum Kinds { $($variant),* }

        /// The identifier of each, and its values.
        const KINDS: &[(&str, &Fields)] = &[$(($name, &[$((stringify!($field), <$type as Part>::FORM)),*]),)*];

        /// The words of each, with the names of its values.
        const WORDS: &[&str] = &[$($text),*];

        $(impl From<fact::$variant> for Fact {
            fn from(fact::$variant { $($field),* }: fact::$variant) -> Self {
                Self {
                    kind: Kinds::$variant as u8,
                    numbers: filled([$($field.number()),*]),
                    text: None$(.or($field.kept()))*,
                }
            }
        })*
    };
}

/// What is so, or was. A violation consists of two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fact {
    /// The place in [`KINDS`] and [`WORDS`].
    kind: u8,
    numbers: [u64; MOST],
    /// The value that is no number.
    text: Option<Box<str>>,
}

impl Fact {
    /// What it is, and the values of its words.
    pub fn values(&self) -> Values {
        let (name, fields) = KINDS[usize::from(self.kind)];
        let values = Values::named(name, fields, &self.numbers);
        match (&self.text, fields.iter().find(|(_, form)| *form == Form::Text)) {
            (Some(text), Some((name, _))) => values.with(name, Value::Text(text.clone())),
            _ => values,
        }
    }

    fn say(&self, f: &mut fmt::Formatter<'_>, form: Form, number: u64) -> fmt::Result {
        match form {
            Form::Optional | Form::Servers if number == 0 => f.write_str("nobody"),
            Form::Optional => write!(f, "S{}", number - 1),
            Form::Servers => {
                let names: Vec<_> = (1..64).filter(|id| number >> id & 1 == 1).map(|id| format!("S{id}")).collect();
                f.write_str(&names.join(", "))
            }
            Form::Role => f.write_str(match number as usize {
                0 => "nothing",
                2 => "pre-candidate",
                role => ROLES.get(role - 1).unwrap_or(&""),
            }),
            Form::Kind => f.write_str(MessageKind::ALL.get(number as usize).map_or("", |kind| kind.name())),
            Form::State => f.write_str(STATES.get(number as usize).unwrap_or(&"")),
            Form::Time => write!(f, "{}", Time(number)),
            Form::Text => f.write_str(self.text.as_deref().unwrap_or_default()),
            Form::Number | Form::Flag | Form::OptionalFlag => write!(f, "{number}"),
        }
    }
}

/// The words, with each value in the place of its name.
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, fields) = KINDS[usize::from(self.kind)];
        let mut parts = WORDS[usize::from(self.kind)].split(['{', '}']);
        while let Some(words) = parts.next() {
            f.write_str(words)?;
            let Some(name) = parts.next() else { break };
            if let Some(((_, form), number)) = fields.iter().zip(self.numbers).find(|((known, _), _)| *known == name) {
                self.say(f, *form, number)?;
            }
        }
        Ok(())
    }
}

facts! {
    LeadsTerm { server: NodeId, term: Term } = "leadsTerm",
        "S{server} leads term {term}";
    LedTerm { server: NodeId, term: Term } = "ledTerm",
        "S{server} leads or led term {term}";
    CreatedEntries { server: NodeId, term: Term } = "createdEntries",
        "S{server} has created entries in term {term}";
    JustWon { server: NodeId, term: Term } = "justWon",
        "S{server} just won term {term}";
    CommittedBefore { index: LogIndex, of: Term, term: Term } = "committedBefore",
        "entry {index} of term {of} was committed before term {term}";
    LeaderLacks { server: NodeId, term: Term } = "leaderLacks",
        "S{server}, leader of term {term}, has no entry there";
    LeaderHasOther { server: NodeId, term: Term, of: Term } = "leaderHasOther",
        "S{server}, leader of term {term}, has another log, of term {of}, there";
    CommittedOlder { index: LogIndex, term: Term } = "committedOlder",
        "it committed entry {index} of term {term}";
    MajorityNeeded { server: NodeId, index: LogIndex, voters: u64, needed: u64 } = "majorityNeeded",
        "S{server} committed entry {index}; a majority of {voters} voters is {needed}";
    HoldersOnDisk { count: u64, servers: Servers } = "holdersOnDisk",
        "only {count} hold it on disk: {servers}";
    MajorityShould { server: NodeId, index: LogIndex, voters: u64 } = "majorityShould",
        "S{server} committed entry {index}, which a majority of {voters} voters should hold";
    DisksLie { servers: Servers } = "disksLie",
        "the disks of {servers} only say so";
    WasCommitted { index: LogIndex, term: Term } = "wasCommitted",
        "entry {index} of term {term} was committed";
    DiskForgot { server: NodeId, servers: Servers } = "diskForgot",
        "the disk of S{server} has forgotten what it called durable; {servers} still hold it";
    CommittedAt { server: NodeId, index: LogIndex, term: Term } = "committedAt",
        "S{server} committed entry {index} of term {term}";
    CommittedOther { server: NodeId, term: Term } = "committedOther",
        "S{server} committed another one there, of term {term}";
    Applied { server: NodeId, index: LogIndex, term: Term } = "applied",
        "S{server} applied entry {index} of term {term}";
    AppliedOther { server: NodeId, term: Term } = "appliedOther",
        "S{server} applied another one there, of term {term}";
    Indices { server: NodeId, snapshot: LogIndex, applied: LogIndex, commit: LogIndex, last: LogIndex } = "indices",
        "S{server} has snapshot {snapshot}, applied {applied}, commit {commit}, last index {last}";
    InOrder {} = "inOrder",
        "each must be at most the next";
    VerifiedTo { server: NodeId, index: LogIndex } = "verifiedTo",
        "S{server} has verified its log only up to {index}";
    CommitWent { from: LogIndex, to: LogIndex } = "commitWent",
        "its commit index went from {from} to {to}";
    CommittedLogEnds { index: LogIndex, term: Term } = "committedLogEnds",
        "the committed log up to {index} ends with an entry of term {term}";
    OwnLogDiffers { server: NodeId, term: Term } = "ownLogDiffers",
        "that of S{server} differs, and ends with an entry of term {term}";
    GivenUpTo { server: NodeId, index: LogIndex } = "givenUpTo",
        "the state machine of S{server} was given everything up to {index}";
    GivenNext { index: LogIndex } = "givenNext",
        "next it was given {index}";
    RewroteLog { index: LogIndex } = "rewroteLog",
        "it rewrote its log from {index} on";
    TermBefore { before: Term, term: Term } = "termBefore",
        "the entry before has term {before}, the server is in term {term}";
    EntryHasTerm { index: LogIndex, server: NodeId, term: Term } = "entryHasTerm",
        "entry {index} of S{server} has term {term}";
    HadEntry { server: NodeId, index: LogIndex, term: Term } = "hadEntry",
        "S{server} had an entry with index {index} and term {term}";
    LogDiffers { server: NodeId } = "logDiffers",
        "S{server} has one too, but its log up to there differs";
    KnewCommitted { server: NodeId, index: LogIndex } = "knewCommitted",
        "S{server} knew everything up to {index} to be committed";
    RemovedCommitted { last: LogIndex } = "removedCommitted",
        "it removed some of that from its log, which now ends at {last}";
    LogRule {} = "logRule",
        "a log changes by what its leader sends, and a leader only adds entries of its term";
    WroteElsewhere { server: NodeId, wrote: LogIndex, last: LogIndex } = "wroteElsewhere",
        "S{server}: what it wrote ends at {wrote}, its log ends at {last}";
    BaseUnexplained { server: NodeId, base: LogIndex } = "baseUnexplained",
        "S{server}: its log starts after {base}, which it has neither applied nor been sent";
    ChangeUnexplained { server: NodeId, index: LogIndex } = "changeUnexplained",
        "S{server}: its log changed from {index} on, which nobody told it";
    LatestConfiguration { server: NodeId, index: LogIndex, voters: Servers } = "latestConfiguration",
        "the latest configuration in the log of S{server} is that of entry {index}: {voters}";
    GoesBy { server: NodeId, index: LogIndex, voters: Servers } = "goesBy",
        "S{server} goes by one of entry {index}: {voters}";
    DecideWithout { voters: Servers, index: LogIndex, server: NodeId } = "decideWithout",
        "a majority of {voters} can decide without entry {index} of S{server}";
    DecideWith { voters: Servers } = "decideWith",
        "a disjoint majority of {voters} can decide with it";
    ConfigurationOpen { index: LogIndex, server: NodeId } = "configurationOpen",
        "the configuration at entry {index} of S{server} is not committed";
    ConfigurationFollows { index: LogIndex } = "configurationFollows",
        "another one follows at entry {index}";
    CommittedNothing { server: NodeId, term: Term } = "committedNothing",
        "S{server} has committed nothing of term {term}, which it leads";
    PutConfiguration { index: LogIndex } = "putConfiguration",
        "it put a configuration into its log at entry {index}";
    KnewMatch { server: NodeId, term: Term, follower: NodeId, index: LogIndex } = "knewMatch",
        "S{server}, leader of term {term}, knew S{follower} to match up to {index}";
    SaysNow { index: LogIndex } = "saysNow",
        "now it says {index}";
    HasEntries { server: NodeId, first: LogIndex, last: LogIndex } = "hasEntries",
        "S{server} has entries {first} to {last}";
    ProgressIs { follower: NodeId, state: State, matches: LogIndex, next: LogIndex, inflight: u64 } = "progressIs",
        "for S{follower}, to which it sends in state {state}, match is {matches}, next {next}, {inflight} in flight";
    CountsUpTo { server: NodeId, follower: NodeId, index: LogIndex } = "countsUpTo",
        "S{server} counts S{follower} as holding its log up to {index}";
    DiskEnds { server: NodeId, last: LogIndex } = "diskEnds",
        "the disk of S{server} ends at {last}, or holds something else there";
    KnowsRemoved { server: NodeId, index: LogIndex } = "knowsRemoved",
        "S{server} knows the configuration at {index}, in which it does not vote, to be committed";
    StillLeads { term: Term } = "stillLeads",
        "it still leads term {term}";
    DoesNotVote { voter: NodeId, server: NodeId, index: LogIndex } = "doesNotVote",
        "S{voter} does not vote in the configuration of S{server}, that of entry {index}";
    CountedAnswer { server: NodeId } = "countedAnswer",
        "S{server} counted its answer";
    SentAsLeader { server: NodeId, message: Kind } = "sentAsLeader",
        "S{server} sent it {message} as the leader of that term";
    AcceptedMessage { server: NodeId, index: LogIndex, term: Term } = "acceptedMessage",
        "S{server} accepted a message that ends with entry {index} of term {term}";
    SaysMatch { index: LogIndex } = "saysMatch",
        "it says that its log matches up to {index}";
    LogThereDiffers { term: Term } = "logThereDiffers",
        "its log there, with an entry of term {term}, is not its leader's";
    InTerm { server: NodeId, term: Term } = "inTerm",
        "S{server} is in term {term}";
    MessageCarries { message: Kind, to: NodeId, term: Term } = "messageCarries",
        "its {message} to S{to} carries term {term}";
    SentInTerm { server: NodeId, message: Kind, term: Term } = "sentInTerm",
        "S{server} sent {message} in term {term}";
    WonNothing {} = "wonNothing",
        "it has won no term since it started";
    LastWon { term: Term } = "lastWon",
        "the last term that it won is {term}";
    TellsLog { from: NodeId, to: NodeId, term: Term, index: LogIndex } = "tellsLog",
        "S{from} tells S{to} that it has the log of term {term} up to {index}";
    DiskHolds { last: LogIndex } = "diskHolds",
        "its disk holds entries up to {last}, or others there";
    TellsVote { from: NodeId, to: NodeId, term: Term } = "tellsVote",
        "S{from} tells S{to} of its vote in term {term}";
    DiskVote { term: Term, candidate: Vote } = "diskVote",
        "its disk holds term {term} and a vote for {candidate}";
    Voted { server: NodeId, candidate: NodeId, term: Term } = "voted",
        "S{server} voted for S{candidate} in term {term}";
    Acknowledged { index: LogIndex, called: Time } = "acknowledged",
        "entry {index} was acknowledged before a read was called at {called}";
    Answered { server: NodeId, at: Time, index: LogIndex } = "answered",
        "S{server} answered it at {at} from the state after entry {index}";
    CarriedOut { command: u64, client: Box<str>, index: LogIndex } = "carriedOut",
        "command {command} of client {client} was carried out with entry {index}";
    CarriedOutAgain { server: NodeId, index: LogIndex } = "carriedOutAgain",
        "S{server} carries it out again, with entry {index}";
    ToldWrite { server: NodeId, index: LogIndex, term: Term } = "toldWrite",
        "S{server} told a client that its write, entry {index} of term {term}, happened";
    NeverCommitted { index: LogIndex } = "neverCommitted",
        "no entry {index} was ever committed";
    CommittedHasTerm { index: LogIndex, term: Term } = "committedHasTerm",
        "the committed entry {index} has term {term}";
    ClientsTold { index: LogIndex, term: Term } = "clientsTold",
        "clients were told of everything up to entry {index} before term {term}";
    LeaderHasNot { server: NodeId, term: Term } = "leaderHasNot",
        "S{server}, leader of term {term}, has not got that";
    WasRole { server: NodeId, role: Post, campaign: Term } = "wasRole",
        "S{server} was a {role}; its last candidacy was in term {campaign}";
    Became { role: Post } = "became",
        "it became a {role}";
    BecameIn { role: Post, term: Term } = "becameIn",
        "it became a {role} in term {term}";
    LastBecame { server: NodeId, role: Post } = "lastBecame",
        "S{server} last became a {role}";
    LastBecameIn { server: NodeId, role: Post, term: Term } = "lastBecameIn",
        "S{server} last became a {role} in term {term}";
    IsRole { role: Post, term: Term } = "isRole",
        "it is a {role} in term {term}";
    ServerIsRole { server: NodeId, role: Post, term: Term } = "serverIsRole",
        "S{server} is a {role} in term {term}";
    HasHeartbeatTimer { candidate: Vote } = "hasHeartbeatTimer",
        "it voted for {candidate} and has a heartbeat timer";
    HasElectionTimer { candidate: Vote } = "hasElectionTimer",
        "it voted for {candidate} and has an election timer";
    Follows { server: NodeId, leader: NodeId } = "follows",
        "S{server} follows S{leader} in that term";
    ConfigurationDiffers { index: LogIndex } = "configurationDiffers",
        "the configuration committed at entry {index} is another one";
    SnapshotVoters { server: NodeId, voters: Servers } = "snapshotVoters",
        "the snapshot of S{server} has the voters {voters}";
    OneState { index: LogIndex } = "oneState",
        "the committed entries up to {index} give one state";
    SnapshotState { server: NodeId } = "snapshotState",
        "the snapshot of S{server} there holds another one";
    SnapshotEnds { server: NodeId, index: LogIndex, term: Term } = "snapshotEnds",
        "the snapshot of S{server} ends with entry {index} of term {term}";
    CommitIndexWas { server: NodeId, number: u64 } = "commitIndexWas",
        "the commit index of S{server} was {number}";
    AppliedIndexWas { server: NodeId, number: u64 } = "appliedIndexWas",
        "the applied index of S{server} was {number}";
    CurrentTermWas { server: NodeId, number: u64 } = "currentTermWas",
        "the current term of S{server} was {number}";
    DurableTermWas { server: NodeId, number: u64 } = "durableTermWas",
        "the durable term of S{server} was {number}";
    NowIs { number: u64 } = "nowIs",
        "now it is {number}";
    TwinsStart { server: NodeId } = "twinsStart",
        "two copies of S{server} start from the same disk and are told the same";
    TwinsDiffer { input: u64 } = "twinsDiffer",
        "after input {input} they are not the same";
}

fn filled<const N: usize>(numbers: [u64; N]) -> [u64; MOST] {
    let mut all = [0; MOST];
    all[..N].copy_from_slice(&numbers);
    all
}

/// What is committed at an index.
pub(super) fn committed_there(index: LogIndex, committed: Option<Link>) -> Fact {
    match committed {
        None => fact::NeverCommitted { index }.into(),
        Some(link) => fact::CommittedHasTerm { index, term: link.term }.into(),
    }
}

/// Some servers, as a bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Servers(u64);

/// For whom a server has voted, if for anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Vote(u64);

/// A role, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Post(u64);

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind(u64);

/// A way of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State(u64);

impl Servers {
    pub(crate) fn of(ids: impl IntoIterator<Item = NodeId>) -> Self {
        Self(told::servers(ids))
    }
}

impl Vote {
    pub(super) fn of(candidate: Option<NodeId>) -> Self {
        Self(told::optional(candidate.map(|id| id.0)))
    }
}

impl Post {
    pub(super) const fn of(role: Option<Role>) -> Self {
        Self(told::role(role))
    }
}

impl Kind {
    pub(super) const fn of(kind: MessageKind) -> Self {
        Self(kind as u64)
    }
}

impl State {
    pub(super) const fn of(state: ProgressState) -> Self {
        Self(told::state(state))
    }
}

/// What can be a value of a fact.
trait Part {
    const FORM: Form;
    fn number(&self) -> u64;

    /// What is no number.
    fn kept(self) -> Option<Box<str>>
    where
        Self: Sized,
    {
        None
    }
}

macro_rules! parts {
    ($($type:ty: $form:ident, $it:ident => $number:expr;)*) => {
        $(impl Part for $type {
            const FORM: Form = Form::$form;
            fn number(&self) -> u64 {
                let $it = self;
                $number
            }
        })*
    };
}

parts! {
    u64: Number, it => *it;
    NodeId: Number, it => it.0;
    Term: Number, it => it.0;
    LogIndex: Number, it => it.0;
    Time: Time, it => it.0;
    Servers: Servers, it => it.0;
    Vote: Optional, it => it.0;
    Post: Role, it => it.0;
    Kind: Kind, it => it.0;
    State: State, it => it.0;
}

impl Part for Box<str> {
    const FORM: Form = Form::Text;

    fn number(&self) -> u64 {
        0
    }

    fn kept(self) -> Option<Self> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the words of every fact have a place for each of its values, and no other places.
    #[test]
    fn words_say_every_value_once() {
        for ((name, fields), words) in KINDS.iter().zip(WORDS) {
            let mut places: Vec<_> = words.split(['{', '}']).skip(1).step_by(2).collect();
            let mut names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
            places.sort_unstable();
            names.sort_unstable();
            assert_eq!(places, names, "{name}");
        }
        let fact = Fact::from(fact::DiskForgot { server: NodeId(2), servers: Servers::of([NodeId(1), NodeId(25)]) });
        assert!(fact.to_string().ends_with("; S1, S25 still hold it"), "{fact}");
        assert_eq!(fact.values().get("servers"), Some(&Value::Servers(vec![NodeId(1), NodeId(25)])));
    }
}
