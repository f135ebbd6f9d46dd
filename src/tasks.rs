//! Work that goes on when whoever asked for it has left.

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// Tasks that a service which stops waits for. They run on the runtime where this was made: that
/// of a web server's thread ends with the server, and takes along what was begun there.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    home: Option<Handle>,
}

impl Tasks {
    /// Tasks of the runtime that this is called in.
    #[must_use]
    pub fn here() -> Self {
        Self {
            tracker: TaskTracker::new(),
            home: Handle::try_current().ok(),
        }
    }

    /// Begins a task.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        match &self.home {
            Some(home) => self.tracker.spawn_on(work, home),
            None => self.tracker.spawn(work),
        }
    }

    /// Waits until every task is over.
    pub async fn finish(&self) {
        self.tracker.close();
        self.tracker.wait().await;
        self.tracker.reopen();
    }
}
