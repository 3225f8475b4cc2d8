//! `ledgeros books`: the books of a service, in its folder or at its address. Both ways print the same: a line of JSON a book.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use gateway::{BookCode, BookView};
use hyper::Method;
use ledger::book::Environment;
use serde::Serialize;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::output::print;
use crate::place::{Found, Place, SERVED};
use crate::{folder, library};

#[derive(Debug, Subcommand)]
pub(crate) enum Books {
    /// Makes a book, and prints it with its first keys.
    Create {
        /// What it is called: 1 to 40 of a-z, 0-9 and -, the first a letter. `default` is the folder's own book, with which a
        /// folder begins.
        code: String,
        /// Its money is real.
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        of: Place,
    },
    /// Prints the books.
    List {
        #[command(flatten)]
        of: Place,
    },
}

impl Books {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Create { code, live, of } => {
                let environment = if live { Environment::Live } else { Environment::Sandbox };
                create(&code, environment, &of)
            }
            Self::List { of } => list(&of),
        }
    }
}

fn create(text: &str, environment: Environment, of: &Place) -> Result<ExitCode> {
    let code = BookCode::parse(text).with_context(|| format!("`{text}` is no code for a book"))?;
    match of.found()? {
        Found::Folder(data) => {
            let runtime = Runtime::new()?;
            let keys = if code == BookCode::default_book() {
                runtime.block_on(library::make_own(data, environment))?
            } else {
                let _lock = folder::lock(data).context(SERVED)?;
                runtime.block_on(library::make(data, &code, environment))?
            };
            say(&view(&code, &library::place(data, &code))?.with_keys(keys))
        }
        Found::Served(service) => {
            let environment = match environment {
                Environment::Sandbox => "test",
                Environment::Live => "live",
            };
            let body = json!({ "code": code.as_str(), "environment": environment });
            say(&service.ask(Method::POST, "/v1/books", body.to_string().into())?)
        }
    }
}

fn list(of: &Place) -> Result<ExitCode> {
    match of.found()? {
        Found::Folder(data) => {
            let _lock = folder::lock(data).context(SERVED)?;
            let own = (BookCode::default_book(), data.to_owned());
            for (code, path) in [vec![own], library::further(data)?].concat() {
                say(&view(&code, &path)?)?;
            }
        }
        Found::Served(service) => service.list("/v1/books", |book| say(book).map(drop))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn view(code: &BookCode, path: &Path) -> Result<BookView> {
    let opening = folder::opening(path).with_context(|| format!("`{}`", path.display()))?;
    let opening = opening.with_context(|| format!("`{}` has no book yet", path.display()))?;
    Ok(BookView::new(code, opening.book, opening.environment, opening.at))
}

fn say(book: &impl Serialize) -> Result<ExitCode> {
    print(&format!("{}\n", serde_json::to_string(book)?))
}
