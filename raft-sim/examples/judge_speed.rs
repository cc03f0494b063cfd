//! How fast histories are judged, next to another checker: `cargo run --release -p raft-sim --example judge_speed -- DIR [PEER]`.
//!
//! Writes histories of 10,000 operations by 50 clients into DIR as JSON lines and times the judge of linearizability on each,
//! without reading the file. PEER is a program that reads such a file, decides the same, and prints `Ok`, `Illegal` or
//! `Unknown`, the milliseconds that this took, and the milliseconds of CPU time. Rounds of the two alternate.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use raft_sim::judge::{Act, DEFAULT_BUDGET, History, Model, Operation, Status, Value, Verdict};

const OPERATIONS: u64 = 10_000;
const CLIENTS: usize = 50;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder for the histories")?;
    let peer = arguments.next();
    println!(
        "| history | verdict | ms | CPU ms | peer | ms | CPU ms | ratio of CPU |\n|---|---|---|---|---|---|---|---|"
    );
    for history in histories() {
        let file = Path::new(&folder).join(format!("{}.jsonl", history.name));
        std::fs::write(&file, history.to_jsonl())?;
        let (mut ours, mut theirs, mut verdicts) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (cpu, start) = (cpu_ms(), Instant::now());
            let verdict = history.linearizable(DEFAULT_BUDGET);
            ours.push((start.elapsed().as_secs_f64() * 1e3, cpu_ms() - cpu));
            verdicts.push(match verdict {
                Verdict::Holds { .. } => "Ok".to_owned(),
                Verdict::Violated(_) => "Illegal".to_owned(),
                Verdict::Exhausted { .. } => "Unknown".to_owned(),
            });
            if let Some(peer) = &peer {
                let output = String::from_utf8(Command::new(peer).arg(&file).output()?.stdout)?;
                let words: Vec<_> = output.split_whitespace().collect();
                let [verdict, wall, cpu] = words[..] else { return Err(format!("{peer} says {output:?}").into()) };
                verdicts.push(verdict.to_owned());
                theirs.push((wall.parse()?, cpu.parse()?));
            }
        }
        let (wall, cpu) = (median(&ours, |time| time.0), median(&ours, |time| time.1));
        print!("| {} | {} | {wall:.2} | {cpu:.2} |", history.name, verdicts[0]);
        if let Some(verdict) = verdicts.get(1).filter(|_| peer.is_some()) {
            let (wall, theirs) = (median(&theirs, |time| time.0), median(&theirs, |time| time.1));
            print!(" {verdict} | {wall:.2} | {theirs:.2} | {:.1} |", theirs / cpu);
        }
        println!();
    }
    Ok(())
}

/// CPU time of this thread where the system tells it, wall time elsewhere.
fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
    nanoseconds.map_or(0.0, |nanoseconds| nanoseconds / 1e6)
}

fn median(times: &[(f64, f64)], of: impl Fn(&(f64, f64)) -> f64) -> f64 {
    let mut values: Vec<_> = times.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn histories() -> Vec<History> {
    let store =
        |name, model, keys, values| Store { name, model, keys, values, cas: false, unknown_permille: 0, busy: 300 };
    let unique = store("register-unique", Model::CasRegister, 1, 1 << 40);
    let few = store("register-few-values", Model::CasRegister, 1, 5);
    let cas = Store { cas: true, busy: 50, ..store("cas-register", Model::CasRegister, 1, 5) };
    let keys = store("register-10-keys", Model::CasRegister, 10, 1 << 40);
    let unknown = Store { unknown_permille: 20, ..store("many-unknown", Model::CasRegister, 10, 1 << 40) };
    let text = store("kv-append-5-keys", Model::KvAppend, 5, 0);
    let stores = [unique, few, cas, keys, unknown, text];
    stores.iter().flat_map(|store| [store.history(false), store.history(true)]).collect()
}

/// A store that carries out each operation at one moment between its call and its return.
#[derive(Clone, Copy)]
struct Store {
    name: &'static str,
    model: Model,
    keys: u64,
    values: u64,
    cas: bool,
    unknown_permille: u64,
    /// How much of the time a client waits for an answer, in thousandths.
    busy: u64,
}

impl Store {
    /// Operations by 50 clients. In the bad history, one read returns what was there long before.
    fn history(&self, is_bad: bool) -> History {
        let mut dice = Dice(11);
        let mut free_at = [0; CLIENTS];
        let mut moments = Vec::new();
        for id in 0..OPERATIONS {
            let client = id as usize % CLIENTS;
            let call = free_at[client] + dice.roll(2 * (1_000 - self.busy));
            let end = call + 1 + dice.roll(2 * self.busy);
            free_at[client] = end + 1;
            moments.push((call + dice.roll(end - call + 1), id, client as u64, call, end));
        }
        moments.sort_unstable();
        let name = format!("{}{}", self.name, if is_bad { "-bad" } else { "" });
        let mut history = History::new(name, self.model);
        let mut states = vec![(Value::Null, Value::Null); self.keys as usize];
        let mut is_spoilt = !is_bad;
        for (at, (_, id, client, call, end)) in moments.into_iter().enumerate() {
            let key = dice.roll(self.keys);
            let (older, state) = &mut states[key as usize];
            let new = if self.values > OPERATIONS { id } else { dice.roll(self.values.max(1)) };
            let new = Value::Integer(new as i64);
            let expected = if dice.roll(2) == 0 { state.clone() } else { Value::Integer(dice.roll(5) as i64) };
            let act = match dice.roll(if self.cas { 3 } else { 2 }) {
                0 if !is_spoilt && at as u64 > OPERATIONS / 2 && older != state && *older != Value::Null => {
                    is_spoilt = true;
                    Act::Read(older.clone())
                }
                0 => Act::Read(state.clone()),
                1 if self.model == Model::KvAppend => Act::Append(format!("{id},").into()),
                1 => Act::Write(new),
                _ => Act::Cas { swapped: expected == *state, expected, new },
            };
            if at as u64 == OPERATIONS / 10 || *older == Value::Null {
                older.clone_from(state);
            }
            let after = match &act {
                Act::Write(value) | Act::Cas { new: value, swapped: true, .. } => Some(value.clone()),
                Act::Append(piece) => Some(Value::Text((state.text().unwrap_or_default().to_owned() + piece).into())),
                _ => None,
            };
            if let Some(after) = after {
                *state = after;
            }
            let status = if dice.roll(1_000) < self.unknown_permille { Status::Unknown } else { Status::Ok };
            let key = format!("k{key}").into();
            history.operations.push(Operation { id, client, key, act, call, returned: Some(end), status });
        }
        history.operations.sort_by_key(|operation| operation.call);
        history
    }
}

/// Numbers that look like chance and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
