//! `accord demo`: everything on this machine, nothing to configure. An emulated
//! amoCRM with one account, the service on SQLite, a Product with the starter
//! Policy. A second start goes on with the same world.

mod editions;
mod performing;
pub(super) mod world_clock;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amocrm_emulator::model::{Account, Integration, User};
use amocrm_emulator::world::World;
use amocrm_emulator::{Emulator, Options, TlsOptions};
use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use widget_archive::{Audience, Backend};

use super::serve::{Service, stopped};
use super::{block_on, log, open};
use crate::actions::grants;
use crate::actions::products::{self, NewProduct};
use crate::app::{App, Tour};
use crate::config::Config;
use crate::domain::products::{Product, ProductCode};
use crate::domain::time::Timestamp;
use crate::store::{self, Store};

/// The code of the demo's Product.
const PRODUCT: &str = "demo";
/// The account's first label and its number.
const ACCOUNT: (&str, u64) = ("demo", 32_720_107);

/// What `accord demo` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Port of the service
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the emulated amoCRM
    #[arg(long, default_value_t = 8081)]
    amocrm_port: u16,
    /// Port of a TLS door to the emulated amoCRM, for clients with hard-coded https addresses
    #[arg(long)]
    amocrm_tls_port: Option<u16>,
    /// Where the world is kept: absent or empty, a fresh one begins
    #[arg(long, default_value = "demo-data")]
    data_dir: PathBuf,
}

pub(super) fn run(args: Args) -> anyhow::Result<bool> {
    let config = config(&args)?;
    log::init(&config)?;
    block_on(async {
        std::fs::create_dir_all(&args.data_dir)
            .with_context(|| args.data_dir.display().to_string())?;
        let emulator = start_amocrm(&args).await?;
        let clock = world_clock::follow(emulator.world());
        let store = open(&config, &clock).await?;
        let tour = Tour {
            account_url: emulator.account_url(ACCOUNT.0),
            control_url: format!("{}/_emulator/", emulator.base_url()),
            product: PRODUCT.to_owned(),
            key: grants::unguessable()?,
            grace: Some(config.reconsent_grace).filter(|grace| !grace.is_zero()),
            perform: performing::new(emulator.world()),
        };
        let app = Arc::new(App {
            tour: Some(tour.clone()),
            ..App::new(config, store, clock)?
        });
        prepare(&app, &emulator.world()).await?;
        tell(&app.config, &tour, &args, emulator.tls_port());
        let service = Service::start(&app, true, true)?;
        stopped().await?;
        service.stop().await;
        emulator
            .stop()
            .await
            .context("the emulated amoCRM did not save its world")?;
        Ok(true)
    })
}

async fn start_amocrm(args: &Args) -> anyhow::Result<Emulator> {
    let options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], args.amocrm_port)),
        state_file: Some(world_clock::state_file(&args.data_dir)),
        tls: args.amocrm_tls_port.map(|port| TlsOptions {
            port,
            ca_file: Some(ca_file(&args.data_dir)),
        }),
    };
    Emulator::start(options).await.with_context(|| {
        let door = args.amocrm_tls_port;
        let door = door.map_or_else(String::new, |port| format!(" and {port}"));
        format!(
            "the emulated amoCRM cannot listen on port {}{door}",
            args.amocrm_port
        )
    })
}

/// Where the authority of the TLS door is written.
fn ca_file(data_dir: &Path) -> PathBuf {
    data_dir.join("amocrm-ca.pem")
}

/// Nothing to configure: every variable has the demo's own value, except for the log's
/// and the one that decides how long an old consent lasts.
fn config(args: &Args) -> anyhow::Result<Config> {
    let (port, amocrm) = (args.port, args.amocrm_port);
    Ok(Config::from_lookup(|name| match name {
        "ACCORD_LISTEN" => Some(format!("127.0.0.1:{port}")),
        "ACCORD_PUBLIC_URL" => Some(format!("http://localhost:{port}")),
        "ACCORD_DATA_DIR" => Some(args.data_dir.display().to_string()),
        "AMOCRM_HOSTS" => Some(format!("http://localhost:{amocrm}")),
        "ACCORD_PUBLISHER_NAME" => Some("Rose Widgets".to_owned()),
        "ACCORD_PUBLISHER_LEGAL_FORM" => Some("individual entrepreneur".to_owned()),
        "ACCORD_PUBLISHER_TAX_NUMBER" => Some("00000000000000".to_owned()),
        "ACCORD_PUBLISHER_ADDRESS" => Some("1 Example Street, Bishkek, Kyrgyz Republic".to_owned()),
        "ACCORD_PUBLISHER_SITE" => Some("https://widgets.example".to_owned()),
        "ACCORD_PUBLISHER_MAILBOX" => Some("privacy@widgets.example".to_owned()),
        "ACCORD_LOG" => std::env::var(name).ok().or_else(|| Some("warn".to_owned())),
        "ACCORD_LOG_FORMAT" | "ACCORD_RECONSENT_GRACE" => std::env::var(name).ok(),
        _ => None,
    })?)
}

/// Makes what a fresh world lacks: the integration's card, the Product, the Policy, the account.
async fn prepare(app: &Arc<App>, world: &World) -> anyhow::Result<()> {
    let (config, store) = (&app.config, &app.store);
    let code = ProductCode::parse(PRODUCT)?;
    let product = match store::products::find(store, &code).await? {
        Some(product) => product,
        None => add_product(config, store, app.clock.now()).await?,
    };
    if store.history(product.id).await?.in_force().is_none() {
        performing::publish(app, &product, &[]).await?;
    }
    let secret = store::products::secrets(store, product.id, app.clock.now())
        .await?
        .into_iter()
        .next()
        .context("no secret")?;
    // The card is written anew at each start, so that a newer binary brings its newer widget.
    world.add_integration(Integration {
        client_id: product.client_id.to_string(),
        client_secret: secret.expose_secret().to_owned(),
        code: PRODUCT.to_owned(),
        name: product.name.clone(),
        redirect_uri: product.redirect_uri.clone(),
        disconnect_uri: Some(products::disconnect_uri(&config.public_url, &product.code)),
        archive: Some(pack(&config.public_url)?),
        ..Integration::default()
    });
    if world.read(|state| state.accounts.is_empty()) {
        world.add_account(account());
    }
    Ok(())
}

async fn add_product(config: &Config, store: &Store, now: Timestamp) -> anyhow::Result<Product> {
    let secret = grants::unguessable()?;
    let new = NewProduct {
        code: PRODUCT.to_owned(),
        client_id: "01d01160-d7a0-4087-b4af-6a1bb83fcd1d".to_owned(),
        name: Some("Rose Widget".to_owned()),
        redirect_uri: None,
        hook_prefixes: Vec::new(),
        hosts: None,
        secret: SecretString::from(secret),
    };
    products::add(store, &config.public_url, &config.hosts, new, now).await
}

fn pack(public_url: &str) -> anyhow::Result<Vec<u8>> {
    let backend = Backend {
        url: public_url.to_owned(),
        product: PRODUCT.to_owned(),
    };
    let packed = widget_archive::pack(
        &widget_archive::own_widget(),
        Some(&backend),
        Audience::Marketplace,
        false,
    );
    packed
        .map(|packed| packed.bytes)
        .map_err(|refused| anyhow::anyhow!("the widget cannot be packed: {refused:?}"))
}

fn account() -> Account {
    let user = |id, name: &str, email: &str, lang: &str, is_admin| User {
        id,
        name: name.to_owned(),
        email: email.to_owned(),
        lang: lang.to_owned(),
        phone: None,
        is_admin,
        is_active: true,
    };
    Account {
        id: ACCOUNT.1,
        subdomain: ACCOUNT.0.to_owned(),
        name: "Example Realty".to_owned(),
        users: vec![
            user(504_141, "Anna Example", "anna@example.com", "en", true),
            user(504_142, "Boris Example", "boris@example.com", "ru", false),
        ],
        ..Account::default()
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the addresses are this command's result"
)]
fn tell(config: &Config, tour: &Tour, args: &Args, tls_port: Option<u16>) {
    if let Some(note) = amocrm_emulator::account::missing_libraries() {
        println!("{note}");
        println!();
    }
    println!(
        "Open {}/demo and follow its seven steps.",
        config.public_url
    );
    println!();
    println!("  the tour            {}/demo", config.public_url);
    println!("  the account         {}", tour.account_url);
    println!("  amoCRM's back office {}", tour.control_url);
    println!(
        "  the Policy          {}/policy/{}",
        config.public_url, tour.product
    );
    println!("  the API             {}/docs", config.public_url);
    println!(
        "  the letters         {}",
        config.data_dir.join("letters").display()
    );
    println!();
    if let Some(port) = tls_port {
        println!(
            "Clients that write https://{}.amocrm.ru by themselves find the account with",
            ACCOUNT.0
        );
        println!();
        println!("  HTTPS_PROXY         http://127.0.0.1:{port}");
        println!(
            "  the authority       {}",
            ca_file(&args.data_dir).display()
        );
        println!();
    }
    println!(
        "The world is kept in {}; stop with Ctrl-C.",
        args.data_dir.display()
    );
}
