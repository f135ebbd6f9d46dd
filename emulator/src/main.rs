//! `amocrm-emulator [--listen ADDRESS | --port PORT] [--state FILE] [--tls-port PORT [--ca-file FILE]]`: the
//! emulator by itself, for any client of amoCRM.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use amocrm_emulator::{Account, Emulator, Options, TlsOptions, User};

/// Port when none is given.
const USUAL_PORT: u16 = 8081;
const USAGE: &str = "usage: amocrm-emulator [--listen 127.0.0.1:8081 | --port 8081] [--state FILE] \
                     [--tls-port 8443 [--ca-file amocrm-ca.pem]]";
/// Where the TLS door's root certificate goes when nothing else is said.
const USUAL_CA_FILE: &str = "amocrm-ca.pem";

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match options(std::env::args().skip(1)) {
        Ok(options) => run(options).await,
        Err(fault) => Err(io::Error::other(fault)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("amocrm-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, USUAL_PORT)),
        ..Options::default()
    };
    let (mut tls_port, mut ca_file) = (None, None);
    while let Some(name) = arguments.next() {
        let value = arguments.next();
        match (name.as_str(), value) {
            ("--listen", Some(address)) => {
                options.listen = address
                    .parse()
                    .map_err(|_| format!("{address} is not an address with a port"))?;
            }
            ("--port", Some(port)) => {
                let port = port.parse().map_err(|_| format!("{port} is not a port"))?;
                options.listen.set_port(port);
            }
            ("--state", Some(file)) => options.state_file = Some(file.into()),
            ("--tls-port", Some(port)) => {
                let port = port.parse().map_err(|_| format!("{port} is not a port"))?;
                tls_port = Some(port);
            }
            ("--ca-file", Some(file)) => ca_file = Some(file.into()),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if tls_port.is_none() && ca_file.is_some() {
        return Err(USAGE.to_owned());
    }
    options.tls = tls_port.map(|port| TlsOptions {
        port,
        ca_file: Some(ca_file.unwrap_or_else(|| USUAL_CA_FILE.into())),
    });
    Ok(options)
}

async fn run(options: Options) -> io::Result<()> {
    if let Some(note) = amocrm_emulator::account::missing_libraries() {
        eprintln!("{note}");
    }
    let ca_file = options.tls.as_ref().and_then(|tls| tls.ca_file.clone());
    let emulator = Emulator::start(options).await?;
    let world = emulator.world();
    if world.read(|state| state.accounts.is_empty()) {
        world.add_account(first_account());
    }
    eprintln!("accounts      {}/", emulator.base_url());
    eprintln!("control page  {}/_emulator/", emulator.base_url());
    if let (Some(port), Some(file)) = (emulator.tls_port(), ca_file) {
        eprintln!("TLS door      HTTPS_PROXY=http://127.0.0.1:{port}");
        eprintln!("its authority {}", file.display());
    }
    tokio::signal::ctrl_c().await?;
    emulator.stop().await
}

/// An empty world would have nobody to sign in as.
fn first_account() -> Account {
    let user = |name: &str, email: &str, is_admin| User {
        name: name.to_owned(),
        email: email.to_owned(),
        lang: "en".to_owned(),
        is_admin,
        is_active: true,
        ..User::default()
    };
    Account {
        subdomain: "demo".to_owned(),
        name: "Demo account".to_owned(),
        users: vec![
            user("Asel Admin", "asel@example.com", true),
            user("Emil Employee", "emil@example.com", false),
        ],
        ..Account::default()
    }
}
