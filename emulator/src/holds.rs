//! Requests that a fault holds until somebody lets them go, so that a test can act in the middle of one.

use tokio::sync::{Semaphore, watch};

/// How many are held, and the leave to go on.
#[derive(Debug)]
pub struct Holds {
    came: watch::Sender<usize>,
    leave: Semaphore,
}

impl Default for Holds {
    fn default() -> Holds {
        Holds {
            came: watch::Sender::new(0),
            leave: Semaphore::new(0),
        }
    }
}

impl Holds {
    /// Waits until this many requests have come to be held, since the world began.
    pub async fn until(&self, requests: usize) {
        let mut came = self.came.subscribe();
        // The sender is here: it cannot have gone.
        let _ = came.wait_for(|count| *count >= requests).await;
    }

    /// Lets one request go on: one that is held, or the next one that will be.
    pub fn let_go(&self) {
        self.leave.add_permits(1);
    }

    pub(crate) async fn hold(&self) {
        self.came.send_modify(|count| *count += 1);
        if let Ok(leave) = self.leave.acquire().await {
            leave.forget();
        }
    }
}
