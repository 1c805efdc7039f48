//! `miroir-node`: a Meilisearch-compatible server over the engine as a library.
//! This file starts the process and ends it; what it serves is in `routes`.

mod app;
mod auth;
mod body;
mod documents;
mod error;
mod features;
mod files;
mod indexes;
mod instance;
mod keyring;
mod keys;
mod params;
mod payload;
mod query;
mod routes;
mod scheduler;
mod search;
mod search_queue;
mod settings;
mod stats;
mod store;
mod tasks;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;

use axum::ServiceExt;
use axum::extract::Request;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// One Meilisearch-compatible node with its own data directory.
#[derive(Debug, Parser)]
#[command(name = "miroir-node", version)]
struct Args {
    /// Where everything of this node is kept; created when missing.
    #[arg(long, env = "MEILI_DB_PATH", default_value = "./data.ms")]
    db_path: PathBuf,
    /// Address to listen on.
    #[arg(long, env = "MEILI_HTTP_ADDR", default_value = "127.0.0.1:7700")]
    http_addr: String,
    /// The key that may do everything, and from which all others follow.
    #[arg(long, env = "MEILI_MASTER_KEY")]
    master_key: Option<String>,
    /// Accepted and ignored, so that the command line of a stock node works here.
    #[arg(long, hide = true)]
    no_analytics: bool,
    /// Accepted and ignored, as above.
    #[arg(long, env = "MEILI_ENV", default_value = "development", hide = true)]
    env: String,
}

fn main() -> std::process::ExitCode {
    match run(Args::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("miroir-node: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), String> {
    let app = app::App::open(&args.db_path, args.master_key).map_err(|error| error.message)?;
    let app = Arc::new(app);
    worker::start(app.clone()).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime
        .map_err(|error| error.to_string())?
        .block_on(serve(app, &args.http_addr))
}

/// Serves until SIGTERM or SIGINT. The process then ends at once: every accepted task is on disk, and whatever is
/// being indexed is rolled back and runs again at the next start.
async fn serve(app: Arc<app::App>, address: &str) -> Result<(), String> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| format!("{address}: {error}"))?;
    println!(
        "miroir-node listens on {}",
        listener.local_addr().map_err(|error| error.to_string())?
    );
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let service = ServiceExt::<Request>::into_make_service(routes::service(app));
    tokio::select! {
        served = axum::serve(listener, service) => served.map_err(|error| error.to_string())?,
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    std::process::exit(0)
}
