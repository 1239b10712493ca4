//! Tests that of calls which are cancelled together, no waiting one starts in a freed place.

use crate::actors::system::tests::*;

/// Work that ends the moment it is told to.
#[derive(Default)]
struct Obedient {
    running: Mutex<HashMap<CallKey, CallGuard>>,
    begun: AtomicUsize,
}

impl Transport for Obedient {
    fn start(&self, guard: CallGuard) {
        if guard.call().begin() {
            self.begun.fetch_add(1, Ordering::SeqCst);
            let key = guard.call().key();
            self.running.lock().unwrap().insert(key, guard);
        }
    }

    fn stop_call(&self, call: &Arc<Call>) {
        let guard = self.running.lock().unwrap().remove(&call.key());
        drop(guard);
    }

    fn stop(&self) {}
}

/// Has 50 calls, of which one runs, given up by `give_up`; counts the ones that began.
fn begun(fast_path: bool, places: Option<usize>, give_up: impl Fn(&Arc<System>)) -> usize {
    let bench = Bench::new(fast_path);
    let work = Arc::new(Obedient::default());
    bench.system.add_executor("obedient", places, work.clone());
    bench.system.executor_ready("obedient");
    let concurrency = places.is_none().then_some(1);
    let spec = CommandSpec::new("obedient", concurrency, QueuePolicy::wait(100));
    bench.system.register("work", spec);
    for id in 1..=50 {
        bench.call(id, "work", id);
    }
    bench.until(|system| {
        system
            .gauges()
            .windows
            .get("main")
            .is_some_and(|it| it.live == 50)
    });
    bench.until(|_| work.begun.load(Ordering::SeqCst) == 1);
    give_up(&bench.system);
    for _ in 0..50 {
        assert!(matches!(bench.answer(), (_, Outcome::Error(_))));
    }
    bench.until(|system| system.gauges().calls == 0);
    work.begun.load(Ordering::SeqCst)
}

#[test]
fn those_that_wait_never_begin() {
    both_ways(|fast_path| {
        for places in [None, Some(1)] {
            let all: Vec<u64> = (1..=50).collect();
            let cancel = |system: &Arc<System>| system.cancel_from_page("main", EPOCH, all.clone());
            assert_eq!(begun(fast_path, places, cancel), 1, "cancel, {places:?}");
            let leave = |system: &Arc<System>| system.page_started("main");
            assert_eq!(begun(fast_path, places, leave), 1, "leave, {places:?}");
            let close = |system: &Arc<System>| system.close_window("main");
            assert_eq!(begun(fast_path, places, close), 1, "close, {places:?}");
        }
    });
}
