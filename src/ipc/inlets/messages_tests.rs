//! Tests who may send script messages, and how they are answered.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    actors::{
        Body, Call, CallGuard, CommandSpec, Limits, Origin, Outcome, QueuePolicy, Runtime, Scope,
        ScopeEntry, Transport,
    },
    host::Host,
    ipc::inlets::{messages::LIMIT, script_message::*},
};

const EPOCH: &str = "000102030405060708090a0b0c0d0e0f";
const OTHER: &str = "ff0102030405060708090a0b0c0d0e0f";

/// Answers with the body: JSON as it is, and bytes for none.
struct Echo;

impl Transport for Echo {
    fn start(&self, guard: CallGuard) {
        if guard.call().begin() {
            guard.settle(match guard.call().take_body() {
                Body::Json(text) => Outcome::Json(String::from_utf8(text).unwrap()),
                Body::Raw(_) | Body::None => Outcome::Raw(vec![1, 2]),
            });
        }
    }

    fn stop_call(&self, _: &Arc<Call>) {}

    fn stop(&self) {}
}

struct App(Arc<Host>);

impl App {
    fn start() -> Self {
        let host = Host::on(Runtime::start(true).unwrap(), Limits::default());
        host.system.add_executor("hands", None, Arc::new(Echo));
        host.system.executor_ready("hands");
        for (name, message) in [("echo", true), ("headers", false)] {
            let spec = CommandSpec::new("hands", None, QueuePolicy::wait(8));
            host.bridge.messages.admit(name, message);
            host.system.register(name, spec);
        }
        for label in ["main", "other"] {
            host.bridge.messages.carried_by(label);
            host.system.open_window(label);
        }
        Self(host)
    }

    /// A document of `main` says hello, as far as it is for messages and actors.
    fn hello(&self, epoch: &str, origin: Origin) -> Option<usize> {
        let hello = json!({"frame": {"op": "hello", "epoch": epoch, "version": 1}});
        let (tell, told) = std::sync::mpsc::channel();
        let frame = PageFrame {
            window: "main",
            headers: &HeaderMap::new(),
            payload: &InvokeBody::Json(hello),
            answer: Box::new(move |answer| tell.send(answer.is_ok().then_some(answer)).unwrap()),
            after: Box::new(drop),
        };
        let Host { bridge, system, .. } = &*self.0;
        handler::control(bridge, system, frame, || origin, Arc::default);
        let Some(Ok(InvokeResponseBody::Json(welcome))) = told.recv().unwrap() else {
            return None;
        };
        let welcome: Value = serde_json::from_str(&welcome).unwrap();
        welcome["messages"].as_u64().map(|limit| limit as usize)
    }

    /// Tauri lets a call through.
    fn let_through(&self, epoch: &str) {
        let scope = Arc::new(Scope {
            allow: vec![ScopeEntry::Command {
                command: "echo".into(),
            }],
            deny: Vec::new(),
        });
        let epoch = Epoch::parse(epoch).unwrap();
        self.0.bridge.messages.let_through("main", epoch, &scope);
    }

    fn send(&self, label: &str, text: &str) -> String {
        let replies = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&replies);
        let reply = Box::new(move |reply| told.lock().unwrap().push(reply));
        receive(&self.0.bridge, label, text, reply, Box::new(drop));
        let replies = replies.lock().unwrap();
        assert_eq!(replies.len(), 1, "{replies:?} to {text:?}");
        replies[0].clone()
    }

    fn call(&self, label: &str, epoch: &str, id: u64, command: &str, body: &str) -> String {
        let kind = if body.is_empty() { "none" } else { "json" };
        let head = format!(r#"{{"e":"{epoch}","i":{id},"c":"{command}","b":"{kind}"}}"#);
        self.send(label, &format!("c{head}\n{body}"))
    }
}

/// With a document that may send messages.
fn app() -> App {
    let app = App::start();
    assert_eq!(app.hello(EPOCH, Origin::Local), Some(LIMIT));
    app.let_through(EPOCH);
    app
}

#[test]
fn a_document_that_was_let_through_is_served() {
    let app = app();
    assert_eq!(
        app.call("main", EPOCH, 1, "echo", "\"a\\nb\""),
        "0\"a\\nb\""
    );
    let bytes = format!(r#"0{{"transom":"{EPOCH}","bytes":[1,2]}}"#);
    assert_eq!(app.call("main", EPOCH, 2, "echo", ""), bytes);
    // The same call again is the same call.
    assert_eq!(app.call("main", EPOCH, 1, "echo", "1"), "0\"a\\nb\"");
}

#[test]
fn a_refused_hello_takes_no_right_from_the_live_document() {
    let app = app();
    assert_eq!(app.hello(OTHER, Origin::Local), Some(LIMIT));
    app.let_through(OTHER);
    assert_eq!(app.call("main", OTHER, 1, "echo", "1"), "01");
    assert_eq!(app.hello(EPOCH, Origin::Local), None, "it was retired");
    assert_eq!(app.call("main", OTHER, 2, "echo", "2"), "02");
    assert_eq!(app.call("main", EPOCH, 2, "echo", "2"), BY_REQUEST);
    // Nor does one that says it comes from elsewhere.
    assert_eq!(
        app.hello(OTHER, Origin::Remote("https://a.example".into())),
        None
    );
    assert_eq!(app.call("main", OTHER, 3, "echo", "3"), "03");
}

#[test]
fn a_page_that_is_gone_costs_no_words() {
    let reply = |error: CallError| rejection(&reply::error(&error, "echo", "main"));
    assert_eq!(
        reply(CallError::window_closed().with("started", false)),
        "3"
    );
    assert_eq!(reply(CallError::window_closed().with("started", true)), "4");
    for error in [
        CallError::window_closed(),
        CallError::window_closed()
            .with("started", true)
            .with("job", 7),
        CallError::aborted().with("started", true),
    ] {
        assert!(reply(error).starts_with(r#"1{"code":"#));
    }
}

#[test]
fn nobody_else_is() {
    let app = App::start();
    let call = |id| app.call("main", EPOCH, id, "echo", "1");
    assert_eq!(call(1), BY_REQUEST, "no hello");
    assert_eq!(app.hello(EPOCH, Origin::Local), Some(LIMIT));
    assert_eq!(call(2), BY_REQUEST, "not let through");
    app.let_through(OTHER);
    assert_eq!(call(3), BY_REQUEST, "another document was let through");
    app.let_through(EPOCH);
    assert_eq!(call(4), "01");
    assert_eq!(app.call("main", OTHER, 5, "echo", "1"), BY_REQUEST);
    assert_eq!(app.call("other", EPOCH, 6, "echo", "1"), BY_REQUEST);
    assert_eq!(app.call("main", EPOCH, 7, "headers", "1"), BY_REQUEST);
    assert_eq!(app.call("main", EPOCH, 8, "nope", "1"), BY_REQUEST);
}

#[test]
fn a_scope_holds_for_messages() {
    let app = app();
    app.0.bridge.messages.admit("secret", true);
    let spec = CommandSpec::new("hands", None, QueuePolicy::wait(8));
    app.0.system.register("secret", spec);
    let answer = app.call("main", EPOCH, 1, "secret", "1");
    assert!(
        answer.starts_with(r#"1{"code":"permission-denied""#),
        "{answer}"
    );
}

#[test]
fn a_document_that_is_gone_is_gone() {
    let app = app();
    app.0.system.page_started("main");
    assert_eq!(app.call("main", EPOCH, 1, "echo", "1"), BY_REQUEST);
    app.hello(OTHER, Origin::Local);
    app.let_through(OTHER);
    assert_eq!(app.call("main", EPOCH, 2, "echo", "1"), BY_REQUEST);
    assert_eq!(app.call("main", OTHER, 1, "echo", "1"), "01");
    app.0.close_window("main");
    assert_eq!(app.call("main", OTHER, 2, "echo", "1"), BY_REQUEST);
    assert_eq!(app.hello(EPOCH, Origin::Local), None, "its webview is gone");
}

#[test]
fn pages_of_other_servers_and_webviews_that_carry_none_are_offered_none() {
    let app = App::start();
    let remote = Origin::Remote("https://example.org".into());
    assert_eq!(app.hello(EPOCH, remote), None);
    app.let_through(EPOCH);
    assert_eq!(app.call("main", EPOCH, 1, "echo", "1"), BY_REQUEST);
    let epoch = Epoch::parse(EPOCH).unwrap();
    let messages = &app.0.bridge.messages;
    assert_eq!(messages.open("third", epoch, &Origin::Local), None);
}

#[test]
fn a_cancel_needs_the_document_too() {
    let app = app();
    let cancel = |epoch| {
        let frame = format!(r#"x{{"op":"cancel","epoch":"{epoch}","id":9}}"#);
        app.send("main", &frame)
    };
    assert_eq!(cancel(EPOCH), "0null");
    assert!(cancel(OTHER).starts_with(r#"1{"code":"protocol-error""#));
    let answer = app.call("main", EPOCH, 9, "echo", "1");
    assert!(answer.starts_with(r#"1{"code":"aborted""#), "{answer}");
}

#[test]
fn what_comes_from_a_document_that_is_gone_is_no_fault() {
    let app = app();
    let cancel = || {
        let frame = format!(r#"x{{"op":"cancel","epoch":"{EPOCH}","id":9}}"#);
        app.send("main", &frame)
    };
    let counted = || app.0.system.counters().read();
    let gone = r#"1{"code":"window-closed""#;
    assert!(app.hello(OTHER, Origin::Local).is_some());
    assert!(cancel().starts_with(gone), "{}", cancel());
    app.0.system.close_window("main");
    assert!(cancel().starts_with(gone), "{}", cancel());
    assert_eq!(counted()["protocol-error"], 0);
    assert!(counted()["window-closed"] > 0);
}

#[test]
fn a_long_message_is_refused() {
    let app = app();
    let body = format!("\"{}\"", "x".repeat(MAX_MESSAGE));
    let answer = app.call("main", EPOCH, 1, "echo", &body);
    assert!(
        answer.starts_with(r#"1{"code":"protocol-error""#),
        "{answer}"
    );
}

#[test]
fn any_text_is_answered_once() {
    let app = app();
    let texts = (".{0,80}", "[cx]?", any::<bool>());
    let mut runner = TestRunner::new(crate::fuzzing::cases::cases());
    let answered = runner.run(&texts, |(text, kind, line)| {
        let line = if line { "\n" } else { "" };
        app.send("main", &format!("{kind}{text}{line}{text}"));
        Ok(())
    });
    answered.unwrap();
}
