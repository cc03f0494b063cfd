//! Files that are read, written and refused.

use raft_sim::judge::{Act, History, Model, Operation, Status, Value};
use raft_sim::{ErrorCode, limits};

const HEADER: &str = r#"{"type":"history","name":"n","model":"kv","initial":null}"#;

fn operation(id: u64, client: u64, act: Act, call: u64, returned: Option<u64>, status: Status) -> Operation {
    Operation { id, client, key: "k".into(), act, call, returned, status }
}

/// One operation of every kind, every status, and every kind of value.
fn everything() -> History {
    let cas = |swapped| Act::Cas { expected: Value::Bool(true), new: Value::Integer(-7), swapped };
    let acts = [
        (Act::Write("a \"quote\"\n\\ and ∞ \u{1}".into()), Some(9), Status::Ok),
        (Act::Read("x".into()), Some(12), Status::Ok),
        (Act::Read(Value::Null), Some(12), Status::Fail),
        (cas(true), Some(13), Status::Ok),
        (cas(false), Some(14), Status::Ok),
        (Act::Append("tail".into()), None, Status::Unknown),
        (Act::Delete, Some(40), Status::Unknown),
        (Act::Write(Value::Null), Some(41), Status::Fail),
    ];
    let operations = acts.into_iter().zip(0..);
    let operations = operations.map(|((act, end, status), id)| operation(id, id % 3, act, id, end, status)).collect();
    History { initial: Value::Integer(3), operations, ..History::new("every \"kind\"", Model::Kv) }
}

/// Goal: what is written as JSON lines is read back as it was.
#[test]
fn jsonl_goes_round() {
    let history = everything();
    history.validate().unwrap();
    assert_eq!(History::parse(&history.to_jsonl()).unwrap(), history);
}

/// Goal: what is written as EDN is read back as it was, but for times, which keep their order, and a client whose calls
/// overlap or who lost an answer goes on as another process.
#[test]
fn edn_goes_round() {
    let history = everything();
    let text = history.to_edn();
    let read = History::parse(&text).unwrap();
    let shape = |history: &History| {
        let parts = history.operations.iter().map(|o| (o.id, o.client, o.act.clone(), o.status, o.returned.is_some()));
        parts.collect::<Vec<_>>()
    };
    assert_eq!(shape(&read), shape(&history));
    for (a, b) in history.operations.iter().flat_map(|a| history.operations.iter().map(move |b| (a.id, b.id))) {
        let precedes = |history: &History| {
            let [a, b] = [a, b].map(|id| &history.operations[id as usize]);
            a.returned.is_some_and(|end| end < b.call)
        };
        assert_eq!(precedes(&read), precedes(&history), "{a} {b}");
    }
    assert_eq!(History::parse(&read.to_edn()).unwrap(), read);
    assert_eq!((read.name.as_str(), read.model, &read.initial), ("every \"kind\"", Model::Kv, &Value::Integer(3)));
}

/// Goal: a history as Jepsen prints it is read: a vector or lines, records, keys, a nemesis, fields that Jepsen adds.
#[test]
fn jepsen_is_read() {
    let lines = "
        {:process 0, :type :invoke, :f :write, :value 3, :index 0, :time 12}
        #jepsen.history.Op{:process 1, :type :invoke, :f :cas, :value [3 4]} ; a comment
        {:process :nemesis, :type :info, :f :start, :value [:isolated {\"n1\" #{\"n2\"}}]}
        {:process 0, :type :ok, :f :write, :value 3, :error [:timeout 2.5]}
        {:process 1, :type :info, :f :cas, :value [3 4]}
        {:process 2, :type :invoke, :f :read, :value nil}
        {:process 2, :type :ok, :f :read, :value 4}
        {:process 3, :type :invoke, :f :read}";
    let read = History::parse(lines).unwrap();
    assert_eq!(History::parse(&format!("[{lines}\n]")).unwrap(), read);
    assert_eq!(read.model, Model::CasRegister);
    let shape: Vec<_> = read.operations.iter().map(|o| (o.client, o.status, o.call, o.returned)).collect();
    let (ok, unknown) = (Status::Ok, Status::Unknown);
    let expected = [(0, ok, 0, Some(3)), (1, unknown, 1, Some(4)), (2, ok, 5, Some(6)), (3, unknown, 7, None)];
    assert_eq!(shape, expected);
    assert_eq!(read.operations[2].act, Act::Read(Value::Integer(4)));
    let keyed = "{:process 0, :type :invoke, :f :cas, :value [7 [nil 4]]} {:process 1, :type :invoke, :f :read, :value [7 nil]}";
    let keyed = History::parse(keyed).unwrap();
    assert!(keyed.operations.iter().all(|operation| &*operation.key == "7"));
}

/// Goal: each mistake in a file is refused with its code, and the line and path where it stands.
#[test]
fn bad_files_name_the_line() {
    let line = |fields: &str| format!("{HEADER}\n\n{{{fields}}}");
    let good = r#""id":0,"client":0,"op":"get","key":"k","call":5,"return":6,"status":"ok","result":1"#;
    History::parse(&line(good)).unwrap();
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        line(&good.replace(from, to))
    };
    let long = format!("\"{}\"", "x".repeat(limits::MAX_HISTORY_VALUE_BYTES + 1));
    let deep = "[".repeat(200_000);
    let invoke = "{:process 0, :type :invoke, :f :read}";
    let (invalid, large) = (ErrorCode::InvalidHistory, ErrorCode::TooLarge);
    let table = [
        (String::new(), invalid, "line 1"),
        ("{\"type\":\"scenario\"}".into(), invalid, "line 1: type"),
        (HEADER.replace("kv", "queue"), invalid, "line 1: model"),
        (HEADER.replace("null", "[]"), invalid, "line 1: initial"),
        (HEADER.replace("null", "null,\"version\":2"), ErrorCode::UnsupportedVersion, "line 1: version"),
        (HEADER.replace("null", "null,\"surprise\":2"), invalid, "line 1: surprise"),
        (HEADER[..20].into(), invalid, "line 1"),
        (line(good) + "\n{\"id\":1,", invalid, "line 4"),
        (line(good) + "\n{" + good + "}", invalid, "line 4: id"),
        (with("\"id\":0", "\"id\":-1"), invalid, "line 3: id"),
        (with("\"id\":0", "\"id\":9007199254740992"), invalid, "line 3: id"),
        (with("\"client\":0,", ""), invalid, "line 3: client"),
        (with("\"call\":5", "\"call\":NaN"), invalid, "line 3"),
        (with("\"call\":5", "\"call\":5.5"), invalid, "line 3: call"),
        (with("\"call\":5", "\"call\":7"), invalid, "line 3: return"),
        (with("\"return\":6", "\"return\":null"), invalid, "line 3: return"),
        (with("\"result\":1", "\"result\":1.5"), invalid, "line 3: result"),
        (with("\"result\":1", "\"result\":1e999"), invalid, "line 3"),
        (with("\"result\":1", "\"result\":{\"a\":1}"), invalid, "line 3: result"),
        (with("\"result\":1", &format!("\"result\":{long}")), large, "line 3: result"),
        (with("\"result\":1", &format!("\"result\":{deep}")), invalid, "line 3"),
        (with("\"status\":\"ok\"", "\"status\":\"maybe\""), invalid, "line 3: status"),
        (with("\"op\":\"get\"", "\"op\":\"pop\""), invalid, "line 3: op"),
        (with("\"op\":\"get\"", "\"op\":\"cas\""), invalid, "line 3: value"),
        (with("\"op\":\"get\"", "\"op\":\"put\",\"value\":2"), invalid, "line 3: result"),
        (with("\"op\":\"get\"", "\"op\":\"get\",\"value\":2"), invalid, "line 3: value"),
        (line(good).replace("\"kv\"", "\"kv-append\""), invalid, "line 3: result"),
        (with("\"key\":\"k\"", "\"key\":\"k\",\"extra\":0"), invalid, "line 3: extra"),
        (line(good).replace("\"kv\"", "\"cas-register\"").replace("get", "delete"), invalid, "line 3: result"),
        ("7".into(), invalid, "line 1"),
        ("; nothing".into(), invalid, "line 1"),
        (format!("{invoke}\n{invoke}"), invalid, "line 2: :process"),
        (format!("[{invoke}"), invalid, "line 1"),
        (format!("[{invoke}] 1"), invalid, "line 1"),
        (format!("{invoke}\n{{:process 1}}"), invalid, "line 2: :type"),
        (invoke.replace("invoke", "ok"), invalid, "line 1: :process"),
        (invoke.replace('0', "0.5"), invalid, "line 1: :process"),
        (invoke.replace("read", "enqueue"), invalid, "line 1: :f"),
        (invoke.replace('}', " :value ##NaN}"), invalid, "line 1: :value"),
        (invoke.replace('}', " :value \"ab"), invalid, "line 1"),
        (invoke.replace('}', " :value}"), invalid, "line 1"),
        (invoke.replace("read}", &format!("write :value {long}}}")), large, "line 1: :value"),
        (deep.clone(), invalid, "line 1"),
        (format!("{{:a {}", "#x ".repeat(100_000)), invalid, "line 1"),
    ];
    for (text, code, path) in table {
        let shown: String = text.chars().take(200).collect();
        let error = History::parse(&text).expect_err(&shown);
        assert_eq!((error.code, error.path.as_deref()), (code, Some(path)), "{shown}: {error}");
    }
}

/// Goal: a file cut anywhere is refused or read as a shorter history: it never panics.
#[test]
fn truncated_files_never_panic() {
    for text in [everything().to_jsonl(), everything().to_edn()] {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            if let Ok(history) = History::parse(&text[..end]) {
                assert!(history.operations.len() <= everything().operations.len());
            }
        }
    }
}

/// Goal: a history that a program made is held to the same rules.
#[test]
fn made_histories_are_checked() {
    let mut history = everything();
    history.operations[3].id = 0;
    assert_eq!(history.validate().unwrap_err().path.as_deref(), Some("operations[3].id"));
    history.operations[3].id = 3;
    history.operations[1].returned = Some(0);
    assert_eq!(history.validate().unwrap_err().path.as_deref(), Some("operations[1].return"));
}
