//! Counts what a check does, so that a test can tell lines from squares without a clock.
//!
//! Outside of tests the count is nothing and costs nothing.

#[cfg(test)]
thread_local! {
    static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Notes so many steps: bytes read, tokens passed, keys compared.
#[cfg(test)]
pub fn steps(count: usize) {
    DONE.with(|done| done.set(done.get() + count));
}

/// Nothing is counted outside of tests.
#[cfg(not(test))]
#[inline]
pub fn steps(_: usize) {}

/// How many steps a piece of work takes.
#[cfg(test)]
pub fn counted<T>(work: impl FnOnce() -> T) -> usize {
    let before = DONE.with(std::cell::Cell::get);
    work();
    DONE.with(std::cell::Cell::get) - before
}
