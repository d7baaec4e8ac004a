//! The command line. It stands in the library, because a program that runs the library's futures compiles all of it again.

mod divisions;
mod households;

use std::fs::File;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand, ValueEnum};

use crate::actor::Actor;
use crate::calendar;
use crate::clock::Clock;
use crate::config::{Counting, Demonstration, Serving, Storage};
use crate::crypt::Keyring;
use crate::db::describe;
use crate::error::{Error, Language};
use crate::guide;
use crate::import;
use crate::officer::{self, NewOfficer};
use crate::request::Request;
use crate::service::{Service, connect};
use crate::{Caller, demo, schema, serve, tally, telemetry};

/// Huhutong (户户通): village police officers in one-to-one contact with every household.
#[derive(Parser)]
#[command(version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve GraphQL at /graphql, for HTTP, WebSocket and server-sent events.
    Serve {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        serving: Serving,
    },
    /// Fill a database of its own with the county of Yongcheng, and serve it. The people are made up.
    Demo {
        #[command(flatten)]
        demonstration: Demonstration,
        #[command(flatten)]
        serving: Serving,
    },
    /// Bring the database to this program's version.
    Migrate {
        #[command(flatten)]
        storage: Storage,
    },
    /// Print the contract (GraphQL schema definition language).
    Schema,
    /// Print a new key to seal personal data with, for HUHUTONG_KEYS.
    NewKey {
        /// The id of the key: 1 to 16 letters or digits, new for each key.
        #[arg(default_value = "k1")]
        id: String,
    },
    /// Make a new key that signs access tokens. Older tokens stay good until they expire.
    RotateSigningKey {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        serving: Serving,
    },
    /// Count the dashboards' numbers anew from the event log.
    RebuildTallies {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        counting: Counting,
    },
    /// Compare the dashboards' numbers with a count of the tables and of the whole event log. Prints
    /// each difference, and fails when there is one.
    VerifyStats {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        counting: Counting,
    },
    /// Import from files.
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Keep staff accounts.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
}

#[derive(Subcommand)]
enum ImportCommand {
    /// Import the division tree from CSV or XLSX: the official codes of counties, townships and villages,
    /// and their names. Adds what is missing, and a station for each township. Without a file: Yongcheng.
    Divisions {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        serving: Serving,
        /// The file.
        file: Option<PathBuf>,
    },
    /// Import households from CSV or XLSX, into the whole county.
    Households {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        serving: Serving,
        #[command(flatten)]
        asked: households::Asked,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a staff account. Asks for the password, or reads it from standard input.
    Add {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        serving: Serving,
        /// The name to sign in with.
        #[arg(long)]
        username: String,
        /// The officer's name.
        #[arg(long)]
        name: String,
        /// What the account is for.
        #[arg(long)]
        role: RoleArgument,
        /// The township of the officer's station, by its code of 9 digits.
        #[arg(long)]
        township: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArgument {
    Officer,
    StationChief,
    CountyAdmin,
    Analyst,
    Auditor,
}

impl From<RoleArgument> for entity::officer::Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Officer => Self::Officer,
            RoleArgument::StationChief => Self::StationChief,
            RoleArgument::CountyAdmin => Self::CountyAdmin,
            RoleArgument::Analyst => Self::Analyst,
            RoleArgument::Auditor => Self::Auditor,
        }
    }
}

type Outcome = Result<(), String>;

/// Does what the arguments say.
pub fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("cannot start threads: {error}")),
    };
    match runtime.block_on(run(command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => failed(&text),
    }
}

fn failed(text: &str) -> ExitCode {
    eprintln!("huhutong: {text}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> Outcome {
    match command {
        Command::Serve { storage, serving } => serve(&storage, &serving).await,
        Command::Demo { demonstration, serving } => {
            demo::run(&demonstration, &serving).await.map_err(text)
        }
        Command::Migrate { storage } => migrate(&storage).await,
        Command::Schema => print(&schema::sdl()),
        Command::NewKey { id } => {
            let key = Keyring::generate(&id).map_err(text)?;
            Keyring::parse(&key).map_err(text)?;
            print(&key)
        }
        Command::RotateSigningKey { storage, serving } => {
            let service = start(&storage, &serving).await?;
            service.tokens.rotate().await.map_err(say)
        }
        Command::VerifyStats { storage, counting } => verify(&storage, counting).await,
        Command::RebuildTallies { storage, counting } => {
            let database = connect(&storage).await.map_err(text)?;
            let now = Clock::System.now();
            tally::rebuild(&database, counting.confirmed_days, now).await.map_err(say)
        }
        Command::Import { command } => match command {
            ImportCommand::Divisions { storage, serving, file } => {
                let service = start(&storage, &serving).await?;
                print(&divisions::divisions(service, file.as_deref()).await?)
            }
            ImportCommand::Households { storage, serving, asked } => {
                let service = start(&storage, &serving).await?;
                print(&households::households(service, asked).await?)
            }
        },
        Command::User {
            command: UserCommand::Add { storage, serving, username, name, role, township },
        } => {
            let service = start(&storage, &serving).await?;
            let password = Some(read_password()?);
            let role = role.into();
            add_user(service, username, name, role, township, password).await
        }
    }
}

async fn start(storage: &Storage, serving: &Serving) -> Result<Arc<Service>, String> {
    let database = connect(storage).await.map_err(text)?;
    serve::start(database, serving).await.map_err(text)
}

async fn serve(storage: &Storage, serving: &Serving) -> Outcome {
    let _telemetry = telemetry::init();
    let service = start(storage, serving).await?;
    let listener = serve::listen(serving).await.map_err(text)?;
    serve::until_stopped(service, listener, serving).await.map_err(text)
}

async fn migrate(storage: &Storage) -> Outcome {
    let database = connect(storage).await.map_err(text)?;
    database.migrate().await.map_err(|error| describe(&error))?;
    guide::ship(&database, Clock::System.now()).await.map_err(say)?;
    calendar::ship(&database, Clock::System.now()).await.map_err(say)?;
    database.close().await;
    print("the database is of this program's version")
}

async fn verify(storage: &Storage, counting: Counting) -> Outcome {
    let database = connect(storage).await.map_err(text)?;
    let now = Clock::System.now();
    let wrong = tally::verify(&database, counting.confirmed_days, now).await.map_err(say)?;
    database.close().await;
    if wrong.is_empty() {
        return print("the numbers are those of the tables and of the event log");
    }
    print(&format!("{:<14}{:<20}{:>10}{:>10}  counted from", "code", "number", "kept", "counted"))?;
    for one in &wrong {
        let source = match one.source {
            tally::Source::Tables => "the tables",
            tally::Source::Log => "the event log",
            tally::Source::Today => "the numbers of today",
        };
        print(&format!(
            "{:<14}{:<20}{:>10}{:>10}  {source}",
            one.code, one.number, one.kept, one.counted
        ))?;
    }
    Err(format!("{} numbers differ", wrong.len()))
}

async fn add_user(
    service: Arc<Service>,
    username: String,
    name: String,
    role: entity::officer::Role,
    township: Option<String>,
    password: Option<String>,
) -> Outcome {
    let request = own_request(service);
    let station_id = match &township {
        Some(code) => Some(officer::station_of(&request, code).await.map_err(say)?),
        None => None,
    };
    let new = NewOfficer { username, name, phone: None, role, station_id, password };
    officer::create(&request, new, None).await.map_err(say)?;
    print("added")
}

/// A request of the service's own, whose errors are read on a terminal.
fn own_request(service: Arc<Service>) -> Arc<Request> {
    let caller = Caller { actor: Arc::new(Actor::SYSTEM), language: Language::English };
    Request::new(service, caller)
}

/// Opens a file that is to be imported.
fn open(path: &Path) -> Result<File, String> {
    let file = File::open(path).map_err(|error| format!("cannot open the file: {error}"))?;
    if file.metadata().is_ok_and(|file| file.len() > import::MAX_BYTES) {
        return Err(say(import::too_large()));
    }
    Ok(file)
}

fn read_password() -> Result<String, String> {
    if std::io::stdin().is_terminal() {
        print!("password: ");
        std::io::stdout().flush().map_err(text)?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(text)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn print(line: &str) -> Outcome {
    writeln!(std::io::stdout(), "{}", line.trim_end()).map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn say(error: Error) -> String {
    error.say(Language::English).to_owned()
}
