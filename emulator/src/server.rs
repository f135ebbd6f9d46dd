//! Starting and stopping: one HTTP server for the API, the hooks' other end, the pages and the control API.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::error::{InternalError, JsonPayloadError};
use actix_web::middleware::{NormalizePath, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::door::{self, Door, TlsOptions};
use crate::host::problem;
use crate::world::World;
use crate::{account, api, authorize, control, deliveries, oauth, weather};

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the world is kept between runs; only in memory when missing.
    pub state_file: Option<PathBuf>,
    /// The TLS door; shut when missing.
    pub tls: Option<TlsOptions>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state_file: None,
            tls: None,
        }
    }
}

/// A running emulator. Dropping it leaves the server running until the process or runtime ends.
pub struct Emulator {
    world: Arc<World>,
    server: ServerHandle,
    tls_port: Option<u16>,
    ca_pem: Option<String>,
    background: Vec<JoinHandle<()>>,
}

impl Emulator {
    /// Starts the server on a Tokio runtime.
    ///
    /// # Errors
    /// When a port is taken, the state file is not a saved world, or the authority of the TLS door cannot be
    /// made or written down.
    pub async fn start(options: Options) -> io::Result<Emulator> {
        let listener = TcpListener::bind(options.listen)?;
        let address = listener.local_addr()?;
        let port = address.port();
        let door = match &options.tls {
            Some(tls) => Some(Door::open(tls).await?),
            None => None,
        };
        let world = Arc::new(World::open(options.state_file, port)?);
        let data = web::Data::from(Arc::clone(&world));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(web::PayloadConfig::new(32 * 1024 * 1024))
                .app_data(web::JsonConfig::default().error_handler(bad_json))
                .wrap(from_fn(weather::pass))
                .wrap(NormalizePath::trim())
                .configure(control::configure)
                .configure(oauth::configure)
                .configure(authorize::configure)
                .configure(api::configure)
                .configure(account::configure)
                .default_service(web::to(unknown))
        })
        .workers(2)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        let running = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the emulator's server ended");
            }
        });
        let saving = tokio::spawn(save_often(Arc::clone(&world)));
        let delivering = tokio::spawn(deliveries::keep_delivering(Arc::clone(&world)));
        let mut emulator = Emulator {
            world,
            server: handle,
            tls_port: door.as_ref().map(|door| door.port),
            ca_pem: door.as_ref().map(|door| door.ca_pem.clone()),
            background: vec![running, saving, delivering],
        };
        if let Some(door) = door {
            let open = tokio::spawn(door.keep_open(door::inside(address)));
            emulator.background.push(open);
        }
        Ok(emulator)
    }

    /// The world, to look at and to change.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(&self.world)
    }

    /// Port of the server.
    pub fn port(&self) -> u16 {
        self.world.port()
    }

    /// `http://127.0.0.1:PORT`
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Port of the TLS door, when it is open.
    pub fn tls_port(&self) -> Option<u16> {
        self.tls_port
    }

    /// The root certificate behind the TLS door, as PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// `http://{subdomain}.localhost:PORT`
    pub fn account_url(&self, subdomain: &str) -> String {
        self.world.account_url(subdomain)
    }

    /// How the emulator's clock stands; [`World::advance`] moves it.
    pub fn clock(&self) -> Clock {
        self.world.read(|state| state.clock.clone())
    }

    /// The present Unix second on the emulator's clock.
    pub fn now_secs(&self) -> i64 {
        self.world.now_secs()
    }

    /// Stops the server and saves the world.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub async fn stop(self) -> io::Result<()> {
        self.server.stop(false).await;
        for task in &self.background {
            task.abort();
        }
        self.world.save()
    }
}

/// A body that is not what a control call takes is answered like every other fault.
fn bad_json(error: JsonPayloadError, _request: &HttpRequest) -> actix_web::Error {
    let answer = problem(400, &error.to_string());
    InternalError::from_response(error, answer).into()
}

async fn save_often(world: Arc<World>) {
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if let Err(error) = world.save() {
            tracing::error!(%error, "the emulator's state file could not be written");
        }
    }
}

/// What this amoCRM does not have is said with its path, so that a missing part is found at once.
async fn unknown(request: HttpRequest) -> HttpResponse {
    let detail = format!(
        "The emulator has no {} {}",
        request.method(),
        request.path()
    );
    problem(501, &detail)
}
