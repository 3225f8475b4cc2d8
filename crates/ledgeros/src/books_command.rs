//! `ledgeros books`: the books of a service, in its folder or at its address. Both ways print the same: a line of JSON a book.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use gateway::{BookCode, BookView};
use ledger::book::Environment;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::client::{Client, Response};
use crate::output::print;
use crate::{folder, library, service_key};

#[derive(Debug, Subcommand)]
pub(crate) enum Books {
    /// Makes a book, and prints it with its first keys.
    Create {
        /// What it is called: 1 to 40 of a-z, 0-9 and -, the first a letter.
        code: String,
        /// Its money is real.
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        of: Shelf,
    },
    /// Prints the books.
    List {
        #[command(flatten)]
        of: Shelf,
    },
}

/// Where books are.
#[derive(Debug, Args)]
pub(crate) struct Shelf {
    /// The folder of `serve`, which must not be running.
    #[arg(long, required_unless_present = "url", conflicts_with = "url")]
    data: Option<PathBuf>,
    /// Where `serve` is running, such as `http://127.0.0.1:8080`.
    #[arg(long, requires = "key_file")]
    url: Option<String>,
    /// A file with the service's key: `service.key` of its folder, or a copy.
    #[arg(long, requires = "url")]
    key_file: Option<PathBuf>,
}

impl Books {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let runtime = Runtime::new()?;
        match self {
            Self::Create { code, live, of } => {
                let environment = if live { Environment::Live } else { Environment::Sandbox };
                runtime.block_on(create(&code, environment, &of))
            }
            Self::List { of } => runtime.block_on(list(&of)),
        }
    }
}

async fn create(text: &str, environment: Environment, of: &Shelf) -> Result<ExitCode> {
    let code = BookCode::parse(text).with_context(|| format!("`{text}` is no code for a book"))?;
    let Some(data) = &of.data else {
        let environment = match environment {
            Environment::Sandbox => "test",
            Environment::Live => "live",
        };
        let body = json!({ "code": code.as_str(), "environment": environment });
        let created = of.connect().await?.post("/v1/books", &body).await?;
        return say(&answered(created)?);
    };
    let _lock = lock(data)?;
    ensure!(code != BookCode::default_book(), "the folder's own book is called `default`");
    let keys = library::make(data, &code, environment).await?;
    say(&view(&code, &library::place(data, &code))?.with_keys(keys))
}

async fn list(of: &Shelf) -> Result<ExitCode> {
    if let Some(data) = &of.data {
        let _lock = lock(data)?;
        let own = (BookCode::default_book(), data.clone());
        for (code, path) in [vec![own], library::further(data)?].concat() {
            say(&view(&code, &path)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut client = of.connect().await?;
    let mut path = "/v1/books?limit=100".to_owned();
    loop {
        let part = answered(client.get(&path).await?)?;
        for book in part["data"].as_array().context("the answer has no books")? {
            say(book)?;
        }
        match part["cursor"].as_str() {
            Some(cursor) => path = format!("/v1/books?limit=100&cursor={cursor}"),
            None => return Ok(ExitCode::SUCCESS),
        }
    }
}

impl Shelf {
    async fn connect(&self) -> Result<Client> {
        let (url, key) = self.url.as_ref().zip(self.key_file.as_ref()).context("no `--url`")?;
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.with_context(|| format!("`{url}` is not `http://HOST:PORT`"))?;
        Client::connect(authority, &service_key::read(key)?).await
    }
}

fn lock(data: &Path) -> Result<std::fs::File> {
    let served = "a service that is running is asked with `--url` and `--key-file`";
    folder::lock(data).context(served)
}

fn view(code: &BookCode, path: &Path) -> Result<BookView> {
    let opening = folder::opening(path).with_context(|| format!("`{}`", path.display()))?;
    let opening = opening.with_context(|| format!("`{}` has no book yet", path.display()))?;
    Ok(BookView::new(code, opening.book, opening.environment, opening.at))
}

fn answered(response: Response) -> Result<Value> {
    let body = response.json();
    if !response.status.is_success() {
        let message = body["error"]["message"].as_str().unwrap_or("no reason is given");
        bail!("the service answered `{}`: {message}", response.status.as_u16());
    }
    Ok(body)
}

fn say(book: &impl Serialize) -> Result<ExitCode> {
    print(&format!("{}\n", serde_json::to_string(book)?))
}
