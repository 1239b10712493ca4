//! Tests that keepers end with their actors, and that none keeps an app alive.

use crate::actors::system::tests::*;

#[test]
fn windows_and_commands_that_are_gone_leave_no_keeper_behind() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let keepers = |system: &System| system.runtime.orders().keepers();
        bench.until(|system| system.runtime.orders().are_done());
        let before = keepers(&bench.system);
        // The supervisor, jobs, deadlines, an executor, two commands and a window.
        assert_eq!(before, 7);
        for round in 0..300 {
            let name = format!("round-{round}");
            bench.system.register(&name, spec(Some(1), 8));
            bench.system.open_window(&name);
            bench.until(|system| system.commands.contains_key(&*name));
            // Even one that waits for its timer ends.
            let actor = bench.system.commands.get(&*name).map(|it| Arc::clone(&it));
            let later = Instant::now() + Duration::from_secs(3600);
            actor.unwrap().wake(later, CommandEvent::Rested);
            bench.system.unregister(&name);
            bench.system.close_window(&name);
        }
        bench.until(|system| keepers(system) == before);
    });
}

#[test]
fn no_keeper_keeps_an_app_alive() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path);
        bench.call(1, "greet", 1);
        bench.until(|system| system.gauges().executors["hands"].waiting == 1);
        let orders = bench.system.runtime.orders().clone();
        let system = Arc::downgrade(&bench.system);
        let answers = bench.answers.1.clone();
        drop(bench);
        let (_, outcome) = answers.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(outcome, Outcome::Error(_)), "{outcome:?}");
        let end = Instant::now() + PATIENCE;
        while system.upgrade().is_some() || orders.keepers() > 0 {
            assert!(
                Instant::now() < end,
                "{} keepers are left",
                orders.keepers()
            );
            thread::yield_now();
        }
    });
}
