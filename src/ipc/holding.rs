//! Delays answers while Tauri drops a webview, because answering then would panic.
//!
//! Tauri holds its list of windows at that time, and needs it to evaluate an answer in a page.

use std::cell::RefCell;

/// Gives an answer.
pub(crate) type Give = Box<dyn FnOnce()>;

thread_local! {
    static HELD: RefCell<Option<Vec<Give>>> = const { RefCell::new(None) };
}

/// Runs `act`, and returns the answers that this thread had given meanwhile.
#[cfg(any(test, target_os = "linux"))]
pub(crate) fn hold(act: impl FnOnce()) -> Vec<Give> {
    let outer = HELD.replace(Some(Vec::new()));
    act();
    HELD.replace(outer).unwrap_or_default()
}

/// Gives an answer now, or, if answers are held, when the hold ends.
pub(super) fn give(answer: impl FnOnce() + 'static) {
    let now = HELD.with_borrow_mut(|held| match held {
        Some(held) => {
            held.push(Box::new(answer));
            None
        }
        None => Some(answer),
    });
    if let Some(answer) = now {
        answer();
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use super::*;

    #[test]
    fn answers_come_in_order_after_whoever_holds_them() {
        let given = Rc::new(RefCell::new(Vec::new()));
        let answer = |number| {
            let given = Rc::clone(&given);
            give(move || given.borrow_mut().push(number));
        };
        answer(1);
        let held = hold(|| {
            answer(2);
            assert_eq!(hold(|| answer(3)).len(), 1);
            answer(4);
        });
        assert_eq!(*given.borrow(), [1]);
        answer(5);
        held.into_iter().for_each(|give| give());
        assert_eq!(*given.borrow(), [1, 5, 2, 4]);
    }
}
