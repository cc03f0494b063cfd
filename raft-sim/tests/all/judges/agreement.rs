//! Random small histories, judged here and by trying every order.

use raft_sim::judge::{Act, DEFAULT_BUDGET, History, Level, Model, Operation, Status, Value, Verdict};

use super::oracle::{check_witness, is_explained, of_client, real_time};

/// Numbers that look like chance and are the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// A small history of any model: a store that now and then answers what it should not.
pub(crate) fn random_history(seed: u64) -> History {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D);
    let model = [Model::CasRegister, Model::KvAppend, Model::Kv][dice.roll(3) as usize];
    let values = 1 + dice.roll(3);
    let value = |dice: &mut Dice| match (model, dice.roll(values + 1)) {
        (_, 0) => Value::Null,
        (Model::KvAppend, number) => ["a", "b", "ab"][number as usize - 1].into(),
        (Model::Kv, 1) if values == 3 => "1".into(),
        (_, number) => Value::Integer(number as i64),
    };
    let mut history = History { initial: value(&mut dice), ..History::new("random", model) };
    let (keys, clients, sloppiness) = (1 + dice.roll(2), 1 + dice.roll(4), dice.roll(4));
    let mut states = vec![history.initial.clone(); keys as usize];
    let mut free_at = vec![0; clients as usize];
    for id in 0..2 + dice.roll(6) {
        let (client, key) = (dice.roll(clients) as usize, dice.roll(keys) as usize);
        let call = free_at[client] + dice.roll(4);
        let end = call + dice.roll(6);
        free_at[client] = end + 1 - dice.roll(8) / 7;
        let status = match dice.roll(8) {
            0 => Status::Fail,
            1 | 2 => Status::Unknown,
            _ => Status::Ok,
        };
        let state = &mut states[key];
        let act = match (dice.roll(5), model) {
            (0 | 1, _) => Act::Read(if dice.roll(6) < sloppiness { value(&mut dice) } else { state.clone() }),
            (2, Model::CasRegister | Model::Kv) => {
                let expected = if dice.roll(2) == 0 { state.clone() } else { value(&mut dice) };
                Act::Cas { swapped: expected == *state || dice.roll(9) == 0, expected, new: value(&mut dice) }
            }
            (2 | 3, Model::KvAppend | Model::Kv) => Act::Append(["a", "b", ""][dice.roll(3) as usize].into()),
            (4, Model::Kv) => Act::Delete,
            _ => Act::Write(value(&mut dice)),
        };
        let takes_effect = status == Status::Ok || (status == Status::Unknown && dice.roll(2) == 0);
        match &act {
            Act::Write(value) | Act::Cas { new: value, swapped: true, .. } if takes_effect => *state = value.clone(),
            Act::Delete if takes_effect => *state = Value::Null,
            Act::Append(piece) if takes_effect => {
                let text = state.text().map_or_else(|| format!("{state}"), Into::into);
                *state = Value::Text((text + piece).into());
            }
            _ => {}
        }
        let returned = (status == Status::Ok || dice.roll(2) == 0).then_some(end);
        let (client, key) = (client as u64, ["x", "y"][key].into());
        history.operations.push(Operation { id, client, key, act, call, returned, status });
    }
    history
}

/// Goal: on 10,000 random histories of all models, kinds and outcomes the verdict is that of trying every order, every witness
/// is legal, and so is every prefix.
#[test]
fn linearizable_as_by_brute_force() {
    let mut violated = 0;
    for seed in 0..10_000 {
        let history = random_history(seed);
        history.validate().unwrap();
        let verdict = history.linearizable(DEFAULT_BUDGET);
        let expected = is_explained(&history, real_time);
        assert_eq!(verdict.holds(), expected, "seed {seed}: {verdict:?}\n{}", history.to_jsonl());
        match verdict {
            Verdict::Holds { witness } => {
                for order in witness {
                    check_witness(&history, order.key.as_deref(), &order.operations, real_time);
                }
            }
            Verdict::Violated(conflict) => {
                violated += 1;
                assert!(!conflict.operations.is_empty(), "seed {seed}");
            }
            Verdict::Exhausted { .. } => panic!("seed {seed}: exhausted"),
        }
    }
    assert!((2_000..8_000).contains(&violated), "{violated} of 10,000 violated");
}

/// Goal: the same for sequential consistency, with one order for all keys.
#[test]
fn sequential_as_by_brute_force() {
    let mut violated = 0;
    for seed in 0..10_000 {
        let history = random_history(seed);
        let verdict = Level::Sequential.judge(&history, DEFAULT_BUDGET);
        assert_eq!(
            verdict.holds(),
            is_explained(&history, of_client),
            "seed {seed}: {verdict:?}\n{}",
            history.to_jsonl()
        );
        match verdict {
            Verdict::Holds { witness } => check_witness(&history, None, &witness[0].operations, of_client),
            Verdict::Violated(_) => violated += 1,
            Verdict::Exhausted { .. } => panic!("seed {seed}: exhausted"),
        }
    }
    assert!((1_000..8_000).contains(&violated), "{violated} of 10,000 violated");
}

/// Goal: no judge of a session reports what one order of everything explains; each of them reports something.
#[test]
fn what_is_sequential_holds_in_every_session() {
    let mut violated = [0; 4];
    for seed in 0..10_000 {
        let history = random_history(seed);
        let is_sequential = is_explained(&history, of_client);
        for (level, violated) in Level::ALL[2..].iter().zip(&mut violated) {
            let verdict = level.judge(&history, DEFAULT_BUDGET);
            assert!(verdict.holds() || !is_sequential, "seed {seed}: {level:?} {verdict:?}\n{}", history.to_jsonl());
            *violated += u32::from(!verdict.holds());
        }
    }
    assert!(violated.iter().all(|violated| *violated > 3), "{violated:?}");
}
