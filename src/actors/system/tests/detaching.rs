//! Tests that a detached call outlives its page, and can be found again.

use crate::actors::system::tests::*;
use crate::actors::{jobs::machine::JobState, window::held_calls::WindowGauges};

const NEXT: Epoch = Epoch(8);

impl Bench {
    fn with_job(fast_path: bool) -> (Self, CallKey, CallGuard) {
        let bench = Self::new(fast_path).ready();
        let on_close = OnClose::Detach;
        let detaching = CommandSpec {
            on_close,
            ..spec(Some(1), 8)
        };
        bench.system.register("save", detaching);
        let job = bench.call(1, "save", 1);
        let guard = bench.started();
        bench.system.hello("main", Ticket(0), NEXT, Origin::Local);
        assert_eq!(bench.error(), (1, ErrorCode::WindowClosed));
        (bench, job, guard)
    }

    fn attach(&self, window: &str, id: u64, job: CallKey) -> CallKey {
        let sender = self.answers.0.clone();
        let mut request = request(&self.system, window, NEXT, id, "save");
        request.attach = Some(job);
        let key = request.key;
        let responder: Responder = Box::new(move |_, outcome| sender.send((id, outcome)).unwrap());
        self.system.route(request, all(), responder);
        key
    }

    fn jobs(&self) -> Vec<(CallKey, JobState)> {
        self.system.jobs.look(|jobs| jobs.list())
    }

    fn main(&self) -> WindowGauges {
        self.system.gauges().windows["main"]
    }
}

#[test]
fn who_hears_that_the_page_went_finds_the_job() {
    both_ways(|fast_path| {
        for _ in 0..50 {
            let (bench, job, _guard) = Bench::with_job(fast_path);
            let jobs = bench.system.jobs_for("main", &all());
            assert_eq!(jobs.len(), 1);
            let command = bench.system.job_for("main", &all(), job);
            assert_eq!(command.as_deref(), Some("save"));
        }
    });
}

#[test]
fn a_job_that_has_ended_is_found_before_the_jobs_hear_of_it() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let key = bench.call(1, "greet", 1);
        let guard = bench.started();
        guard.begin();
        assert!(guard.call().become_job(CallError::window_closed()));
        guard.settle(value("1"));
        bench.until(|_| bench.jobs().is_empty());
        let jobs = serde_json::to_value(bench.system.jobs_for("main", &all())).unwrap();
        assert_eq!(jobs[0]["id"], key.0);
        assert_eq!(jobs[0]["state"], "finished");
        assert!(bench.system.job_for("main", &all(), key).is_some());
    });
}

#[test]
fn a_call_learns_that_its_window_is_gone_when_it_has_become_a_job() {
    both_ways(|fast_path| {
        // The page of the bench takes nothing, as one whose window the actors do not know gone yet.
        let bench = Bench::new(fast_path).ready();
        let on_close = OnClose::Detach;
        let detaching = CommandSpec {
            on_close,
            ..spec(Some(1), 8)
        };
        bench.system.register("save", detaching);
        let job = bench.call(1, "save", 1);
        let guard = bench.started();
        let early = guard.open_channel(1).ok().unwrap();
        let send = |to: &dyn crate::actors::PageChannel| {
            to.send(crate::actors::ChannelMessage::Json("1".into()))
        };
        assert!(guard.emit("tick", "1"));
        assert!(send(&*early));
        bench.system.close_window("main");
        bench.until(|system| system.call(job).is_some_and(|call| call.is_job()));
        assert!(!guard.emit("tick", "1"));
        assert!(!send(&*early));
        assert_eq!(
            guard.open_channel(1).err(),
            Some(crate::actors::NoChannel::Gone)
        );
    });
}

#[test]
fn a_job_starts_and_runs_on_keeps_its_permit_and_counts_against_its_label() {
    both_ways(|fast_path| {
        let (bench, job, guard) = Bench::with_job(fast_path);
        bench.until(|_| bench.jobs() == [(job, JobState::Running)]);
        assert!(guard.call().begin(), "its page went before its code began");
        assert!(!guard.call().is_cancelled());
        assert_eq!((bench.main().live, bench.main().jobs), (0, 1));
        assert_eq!(bench.system.gauges().commands["save"].granted, 1);
        guard.settle(value("saved"));
        drop(guard);
        bench.until(|_| bench.jobs() == [(job, JobState::Finished)]);
        bench.until(|system| system.gauges().calls == 0);
        bench.until(|_| bench.main().jobs == 0);
    });
}

#[test]
fn a_call_whose_window_has_closed_is_a_running_job_before_the_actors_hear_of_it() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        for (command, on_close) in [("save", OnClose::Detach), ("plain", OnClose::Cancel)] {
            let spec = CommandSpec {
                on_close,
                ..spec(Some(1), 8)
            };
            bench.system.register(command, spec);
        }
        let saving = bench.call(1, "save", 1);
        let _guards = [bench.started(), {
            bench.call(2, "plain", 2);
            bench.started()
        }];
        let jobs = |open: bool| {
            let jobs = bench.system.running_jobs(|label| label != "main" || open);
            jobs.iter().map(|job| job.key()).collect::<Vec<_>>()
        };
        assert_eq!(jobs(true), []);
        assert_eq!(jobs(false), [saving]);
        let call = bench.system.call(saving).unwrap();
        assert!(!bench.system.is_detached(&call, |_| true));
        assert!(bench.system.is_detached(&call, |_| false));
        bench.system.close_window("main");
        bench.until(|system| system.call(saving).is_some_and(|call| call.is_job()));
        assert_eq!(jobs(false), [saving]);
    });
}

#[test]
fn several_pages_get_the_progress_and_the_result_of_a_job_also_after_its_end() {
    both_ways(|fast_path| {
        let (bench, job, guard) = Bench::with_job(fast_path);
        guard.call().begin();
        let progress = |done| Progress {
            done,
            total: None,
            message: None,
        };
        guard.progress(progress(1.0));
        let heard = |key: CallKey, done| {
            let page = Arc::clone(&bench.page.0);
            bench.until(move |_| page.lock().unwrap().get(&key.0) == Some(&done));
        };
        let first = bench.attach("main", 1, job);
        heard(first, 1);
        let second = bench.attach("main", 2, job);
        heard(second, 1);
        guard.progress(progress(2.0));
        heard(first, 2);
        heard(second, 2);
        guard.settle(value("saved"));
        let mut tags = [bench.answer(), bench.answer()];
        tags.sort_unstable_by_key(|(tag, _)| *tag);
        assert_eq!(tags, [(1, value("saved")), (2, value("saved"))]);
        let ticket = Ticket(bench.system.next_key());
        let page = PageCall { epoch: NEXT, id: 1 };
        bench.system.watch("main", ticket, NEXT, page);
        drop(guard);
        let told = bench.told.recv_timeout(PATIENCE).unwrap();
        assert_eq!(told, (ticket, Ok(Released::Finished)));
        bench.attach("main", 3, job);
        assert_eq!(bench.answer(), (3, value("saved")));
        bench.until(|system| system.gauges().calls == 0);
        bench.system.close_window("main");
        bench.until(|system| system.gauges().windows.is_empty() && system.calls.len() == 1);
    });
}

#[test]
fn who_gives_an_attached_call_up_cancels_the_job_and_who_leaves_does_not() {
    both_ways(|fast_path| {
        let (bench, job, guard) = Bench::with_job(fast_path);
        guard.call().begin();
        bench.attach("main", 1, job);
        bench.until(|system| system.gauges().windows["main"].live == 1);
        let last = Epoch(9);
        bench.system.hello("main", Ticket(0), last, Origin::Local);
        assert_eq!(bench.error(), (1, ErrorCode::WindowClosed));
        bench.until(|_| bench.main().live == 0);
        assert!(!guard.call().is_cancelled());
        bench
            .system
            .hello("main", Ticket(0), Epoch(10), Origin::Local);
        bench.until(|system| system.check_document("main", Epoch(10)).is_ok());
        let key = {
            let sender = bench.answers.0.clone();
            let mut request = request(&bench.system, "main", Epoch(10), 1, "save");
            request.attach = Some(job);
            let key = request.key;
            let responder: Responder =
                Box::new(move |_, outcome| sender.send((2, outcome)).unwrap());
            bench.system.route(request, all(), responder);
            key
        };
        bench.until(|system| system.call(key).is_some());
        let page = PageCall {
            epoch: Epoch(10),
            id: 1,
        };
        bench
            .system
            .cancel_from_page("main", page.epoch, vec![page.id]);
        let (tag, code) = bench.error();
        assert_eq!((tag, code), (2, ErrorCode::Aborted));
        bench.until(|_| guard.call().is_cancelled());
        let ticket = Ticket(bench.system.next_key());
        bench.system.watch("main", ticket, Epoch(10), page);
        guard.settle(Outcome::Error(CallError::aborted()));
        drop(guard);
        let told = bench.told.recv_timeout(PATIENCE).unwrap();
        assert_eq!(told, (ticket, Ok(Released::Cancelled)));
        bench.until(|_| bench.jobs() == [(job, JobState::Cancelled)]);
    });
}

#[test]
fn a_queued_call_becomes_a_job_too_and_the_app_can_cancel_it() {
    both_ways(|fast_path| {
        let (bench, _, guard) = Bench::with_job(fast_path);
        let sender = bench.answers.0.clone();
        let queued = request(&bench.system, "main", NEXT, 1, "save");
        let key = queued.key;
        let responder: Responder = Box::new(move |_, outcome| sender.send((2, outcome)).unwrap());
        bench.system.route(queued, all(), responder);
        bench.until(|system| system.gauges().commands["save"].waiting == 1);
        bench.system.close_window("main");
        assert_eq!(bench.error(), (2, ErrorCode::WindowClosed));
        bench.until(|_| bench.main().jobs == 2);
        assert!(bench.system.cancel(key));
        bench.until(|_| bench.jobs().contains(&(key, JobState::Cancelled)));
        bench.until(|_| bench.main().jobs == 1);
        drop(guard);
        bench.until(|system| system.gauges().windows.is_empty());
    });
}

#[test]
fn an_app_with_a_job_can_end() {
    both_ways(|fast_path| {
        let (bench, _, guard) = Bench::with_job(fast_path);
        let system = Arc::clone(&bench.system);
        let drained = thread::spawn(move || system.drain(PATIENCE));
        let stop = bench.mails.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(stop, Mail::Stop(key) if key == guard.call().key()));
        drop(guard);
        assert!(drained.join().unwrap());
    });
}

#[test]
fn a_result_too_large_to_keep_says_so() {
    let (bench, job, guard) = Bench::with_job(true);
    bench.attach("main", 1, job);
    let large = Outcome::Raw(vec![0; (16 << 20) + 1]);
    guard.settle(large.clone());
    assert_eq!(bench.answer(), (1, large), "who waits for it gets it");
    drop(guard);
    bench.attach("main", 2, job);
    assert_eq!(bench.error(), (2, ErrorCode::PayloadTooLarge));
    bench.attach("main", 3, CallKey(9999));
    assert_eq!(bench.error(), (3, ErrorCode::InvalidArgument));
}

#[test]
fn a_job_is_seen_by_its_own_label_and_by_who_reaches_it_if_the_command_is_theirs() {
    let (bench, job, _guard) = Bench::with_job(true);
    let scope = |allow: &[&str]| Scope {
        allow: allow
            .iter()
            .map(|it| serde_json::from_str(it).unwrap())
            .collect(),
        deny: vec![],
    };
    let (call, reach) = (r#"{"command": "save"}"#, r#"{"window": "main"}"#);
    for (window, allow, sees) in [
        ("main", &[call][..], true),
        ("main", &[], false),
        ("other", &[call], false),
        ("other", &[call, reach], true),
        ("other", &[reach], false),
    ] {
        let jobs = bench.system.jobs_for(window, &scope(allow));
        assert_eq!(jobs.len(), usize::from(sees), "{window} {allow:?}");
        let command = bench.system.job_for(window, &scope(allow), job);
        assert_eq!(command.is_some(), sees, "{window} {allow:?}");
    }
}
