//! What is true or not, in sentences.

use std::fmt;

use super::actions::Ids;
use crate::condition::{Condition, TallyName};

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |server: &Option<u64>| server.map_or_else(|| "some server".into(), |server| format!("S{server}"));
        let list = |conditions: &[Self], word: &str| {
            let parts: Vec<_> = conditions.iter().map(ToString::to_string).collect();
            parts.join(word)
        };
        match self {
            Self::Leader { server, term: None } => write!(f, "{} leads", name(server)),
            Self::Leader { server, term: Some(term) } => write!(f, "{} leads term {term}", name(server)),
            Self::Role { server, role } => write!(f, "S{server} is {role:?}"),
            Self::Term { server, term } => write!(f, "S{server} is in term {term}"),
            Self::Committed { server, index, term } => {
                let who = server.map_or_else(|| "a majority".into(), |server| format!("S{server}"));
                write!(f, "{who} knows entry {index} to be committed")?;
                term.map_or(Ok(()), |term| write!(f, ", of term {term}"))
            }
            Self::Log { server, terms } => write!(f, "the log of S{server} has terms {terms:?}"),
            Self::State { server, key, value: Some(value) } => write!(f, "S{server} has {key} = {value}"),
            Self::State { server, key, value: None } => write!(f, "S{server} has no {key}"),
            Self::Config { server, voters, outgoing, learners } => {
                write!(f, "S{server} goes by the configuration of voters {}", Ids(voters))?;
                if !outgoing.is_empty() {
                    write!(f, " with {}", Ids(outgoing))?;
                }
                learners.as_ref().map_or(Ok(()), |learners| write!(f, " and learners {}", Ids(learners)))
            }
            Self::Snapshot { server, index } => write!(f, "S{server} has a snapshot up to {index}"),
            Self::Read { client, value: Some(value) } => write!(f, "client {client} has read {value}"),
            Self::Read { client, value: None } => write!(f, "client {client} has read a key that is not set"),
            Self::Message { kind, from, to, at_least: None, at_most: None } => {
                let kind = kind.map_or_else(|| "a message".into(), |kind| format!("{kind:?}"));
                write!(f, "{kind} from {} to {} is in flight", name(from), name(to))
            }
            Self::Message { kind, from, to, at_least, at_most } => {
                let (count, kind) =
                    (Count(*at_least, *at_most), kind.map_or("messages".into(), |kind| format!("{kind:?}")));
                write!(f, "{count} {kind} from {} to {} are in flight", name(from), name(to))
            }
            Self::Roles { role, at_least, at_most } => {
                write!(f, "{} of the running servers: {role:?}", Count(*at_least, *at_most))
            }
            Self::Status { server, status } => write!(f, "S{server} is {}", format!("{status:?}").to_lowercase()),
            Self::Voted { server, candidate: Some(candidate) } => write!(f, "S{server} has voted for S{candidate}"),
            Self::Voted { server, candidate: None } => write!(f, "S{server} has voted for nobody in its term"),
            Self::Entry { server, index, term, command } => {
                write!(f, "the log of S{server} holds")?;
                match command {
                    Some(command) => write!(f, " {command:?}")?,
                    None => write!(f, " an entry")?,
                }
                term.map_or(Ok(()), |term| write!(f, " of term {term}"))?;
                index.map_or(Ok(()), |index| write!(f, " at index {index}"))
            }
            Self::Durable { server, index } => write!(f, "the disk of S{server} holds the log up to {index}"),
            Self::Unsynced { server, at_least, at_most } => {
                write!(f, "{} writes of S{server} wait for its disk", Count(*at_least, *at_most))
            }
            Self::Behind { server, at_least, at_most } => {
                write!(f, "S{server} lacks {} entries of the longest log", Count(*at_least, *at_most))
            }
            Self::Progress { leader, follower, match_index, next_index } => {
                write!(f, "S{leader} knows of S{follower}")?;
                match_index.map_or(Ok(()), |index| write!(f, ": it matches up to {index}"))?;
                next_index.map_or(Ok(()), |index| write!(f, ": entry {index} is the next to send"))
            }
            Self::Agree { servers } if servers.is_empty() => write!(f, "all running servers have the same state"),
            Self::Agree { servers } => write!(f, "{} have the same state", Ids(servers)),
            Self::Operation { client, number, outcome } => {
                let which = number.map_or_else(|| "the last operation".into(), |number| format!("operation {number}"));
                write!(f, "{which} of client {client}: {}", format!("{outcome:?}").to_lowercase())
            }
            Self::Operations { client, outcome, at_least, at_most } => {
                let (count, outcome) = (Count(*at_least, *at_most), format!("{outcome:?}").to_lowercase());
                write!(f, "{count} operations")?;
                client.as_ref().map_or(Ok(()), |client| write!(f, " of client {client}"))?;
                write!(f, ": {outcome}")
            }
            Self::Tally { of: TallyName::StaleReads, at_least, at_most } => {
                write!(f, "{} stale reads", Count(*at_least, *at_most))
            }
            Self::Tally { of: TallyName::Conflicts, at_least, at_most } => {
                write!(f, "{} writes lost to conflicts", Count(*at_least, *at_most))
            }
            Self::Metric { name: metric, server, at_least, at_most } => {
                f.write_str(metric.name())?;
                server.map_or(Ok(()), |server| write!(f, " of S{server}"))?;
                at_least.map_or(Ok(()), |least| write!(f, ", at least {least}"))?;
                at_most.map_or(Ok(()), |most| write!(f, ", at most {most}"))?;
                write!(f, " {}", metric.unit())
            }
            Self::Lapse { habit: Some(habit) } => write!(f, "the habit {habit} is broken"),
            Self::Lapse { habit: None } => write!(f, "a habit is broken"),
            Self::Violation { invariant: Some(invariant) } => write!(f, "{invariant} is violated"),
            Self::Violation { invariant: None } => write!(f, "an invariant is violated"),
            Self::Converged => write!(f, "all running servers agree, and all is committed"),
            Self::History { level, holds } => {
                let name = level.name();
                let verb = if *holds { "has nothing to object to" } else { "objects to" };
                write!(f, "the judge of {name} {verb} what clients saw")
            }
            Self::Not { condition } => match &**condition {
                Self::Violation { invariant: None } => write!(f, "no invariant is violated"),
                Self::Violation { invariant: Some(invariant) } => write!(f, "{invariant} is not violated"),
                Self::Leader { server: None, term: None } => write!(f, "nobody leads"),
                Self::Leader { server: Some(server), .. } => write!(f, "S{server} does not lead"),
                Self::Committed { server: Some(server), index, .. } => {
                    write!(f, "S{server} does not know entry {index} to be committed")
                }
                other => write!(f, "it is not so that {other}"),
            },
            Self::All { conditions } => f.write_str(&list(conditions, "; and ")),
            Self::Any { conditions } => f.write_str(&list(conditions, "; or ")),
        }
    }
}

/// A range of counts.
struct Count(Option<u64>, Option<u64>);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(least), Some(most)) if least == most => write!(f, "exactly {least}"),
            (Some(least), Some(most)) => write!(f, "{least} to {most}"),
            (Some(least), None) => write!(f, "at least {least}"),
            (None, Some(0)) => write!(f, "no"),
            (None, Some(most)) => write!(f, "at most {most}"),
            (None, None) => write!(f, "at least 1"),
        }
    }
}
