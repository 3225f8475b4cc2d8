//! Connections: what they insist on, and how a database is prepared for them.

use std::collections::BTreeMap;
use std::time::Duration;

use postgres::{NoTls, Statement};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, LoadBalanceHosts, TargetSessionAttrs};

use super::client::Client;
use crate::store::{DatabaseError, OpenError};

/// Brings a database from each version to the next. None of them touches an entry.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../../../migrations/journal/postgres/0001_journal.sql"),
    include_str!("../../../../migrations/journal/postgres/0002_leader.sql"),
];
/// The version of a database after all of them.
const VERSION: i64 = MIGRATIONS.len() as i64;

/// What a connection that writes must find.
const SETTINGS: [(&str, &str); 3] =
    [("fsync", "on"), ("full_page_writes", "on"), ("data_checksums", "on")];
const SYNCHRONOUS_COMMIT: &str = "synchronous_commit";
/// The oldest release that is known to do what is asked of it.
const OLDEST: &str = "150000";

/// How long a server that does not answer is waited for, unless the URL says another `connect_timeout`. Longer than a
/// server waits for a lock.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// The same for who leads, at most: a beat that nobody answers and the connection after it take no longer than the silence
/// for which a leader is replaced. Longer than a server waits for a lock, here too.
const LEADER_SILENCE_MAX: Duration = Duration::from_secs(1);

/// A transaction that is left open ends by itself, a lock is not waited for without end.
///
/// A statement has no end: a commit that waits for a synchronous standby would be told as done when it ends. What commits
/// wait for stays as it is found, whatever the server is told later.
const WRITER_SESSION: &str = "set idle_in_transaction_session_timeout = '10s';
    set lock_timeout = '5s'; set statement_timeout = 0;
    select set_config('synchronous_commit', current_setting('synchronous_commit'), false)";
const READER_SESSION: &str = "set default_transaction_read_only = on";
const LEADER_SESSION: &str = "set lock_timeout = '500ms';
    set idle_in_transaction_session_timeout = '10s'";

/// What a connection is for.
#[derive(Debug, Clone, Copy)]
enum Access {
    Append,
    Read,
    Lead,
}

/// A connection that is made anew when it was lost.
pub(super) struct Connection {
    config: Config,
    access: Access,
    /// What a new connection does first.
    greeting: String,
    client: Client,
    statements: BTreeMap<&'static str, Statement>,
}

impl Connection {
    /// One that may append.
    pub(super) fn to_write(url: &str) -> Result<Self, OpenError> {
        Self::open(url, Access::Append)
    }

    /// One that can only read.
    pub(super) fn to_read(url: &str) -> Result<Self, OpenError> {
        Self::open(url, Access::Read)
    }

    /// One that may say who leads.
    pub(super) fn to_lead(url: &str) -> Result<Self, OpenError> {
        Self::open(url, Access::Lead)
    }

    /// The connection as it is: who loses it has lost it.
    pub(super) fn into_client(self) -> Client {
        self.client
    }

    /// Another one, to the same database, that can only read.
    pub(super) fn reader(&self) -> Result<Self, DatabaseError> {
        let (config, access) = (self.config.clone(), Access::Read);
        let client = connect(&config, access, READER_SESSION).map_err(unfit)?;
        let greeting = READER_SESSION.to_owned();
        Ok(Self { config, access, greeting, client, statements: BTreeMap::new() })
    }

    fn open(url: &str, access: Access) -> Result<Self, OpenError> {
        let mut config = parse_url(url)?;
        let silence_max = match access {
            Access::Append | Access::Read => silence_max(&config),
            Access::Lead => silence_max(&config).min(LEADER_SILENCE_MAX),
        };
        config.connect_timeout(silence_max).tcp_user_timeout(silence_max);
        config.keepalives_idle(silence_max);
        let greeting = match access {
            Access::Append => {
                // Also for who reads beside it: a standby may lag behind what it is asked about.
                config.target_session_attrs(TargetSessionAttrs::ReadWrite);
                WRITER_SESSION
            }
            Access::Read => {
                // Of several, one that lags behind may be first; a single one is whatever it is said to be.
                if 1 < config.get_hosts().len() {
                    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
                }
                READER_SESSION
            }
            Access::Lead => {
                config.target_session_attrs(TargetSessionAttrs::ReadWrite);
                LEADER_SESSION
            }
        };
        let client = connect(&config, access, greeting)?;
        let greeting = greeting.to_owned();
        Ok(Self { config, access, greeting, client, statements: BTreeMap::new() })
    }

    /// Has every new connection do this, too.
    pub(super) fn greet_with(&mut self, sql: &str) {
        if !self.greeting.ends_with(sql) {
            self.greeting.push(';');
            self.greeting.push_str(sql);
        }
    }

    /// Whether it was lost, as far as that was noticed.
    pub(super) fn is_lost(&self) -> bool {
        self.client.is_closed()
    }

    /// The connection. That one was lost is noticed when it is used: the next use has a new one.
    pub(super) fn client(&mut self) -> Result<&mut Client, DatabaseError> {
        if self.client.is_closed() {
            self.client = connect(&self.config, self.access, &self.greeting).map_err(unfit)?;
            self.statements.clear();
        }
        Ok(&mut self.client)
    }

    /// The connection and a statement that is prepared on it once.
    pub(super) fn with(
        &mut self,
        sql: &'static str,
    ) -> Result<(&mut Client, Statement), DatabaseError> {
        self.client()?;
        let statement = self.statement(sql)?;
        Ok((&mut self.client, statement))
    }

    /// Begins a transaction, on a new connection if the old one was lost. All of it happens on the connection that is
    /// returned: on another one, it would not be a transaction.
    pub(super) fn begin<const N: usize>(
        &mut self,
        statements: [&'static str; N],
    ) -> Result<(&mut Client, [Statement; N]), DatabaseError> {
        let mut begun = self.try_begin(statements);
        if begun.is_err() && self.client.is_closed() {
            begun = self.try_begin(statements);
        }
        begun.map(|statements| (&mut self.client, statements))
    }

    fn try_begin<const N: usize>(
        &mut self,
        statements: [&'static str; N],
    ) -> Result<[Statement; N], DatabaseError> {
        self.client()?;
        for sql in statements {
            self.statement(sql)?;
        }
        self.client.batch_execute("begin")?;
        Ok(statements.map(|sql| self.statements[sql].clone()))
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement, DatabaseError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// What the URL of a database says. The client's own error is not passed on: it quotes what may be a password.
pub fn parse_url(url: &str) -> Result<Config, DatabaseError> {
    url.parse().map_err(|_| DatabaseError::Url)
}

fn silence_max(config: &Config) -> Duration {
    config.get_connect_timeout().copied().unwrap_or(SILENCE_MAX)
}

/// The servers that a URL names, in order, to be tried one by one. Together they would have as long as one may take, and a
/// first one that does not answer would leave nothing to the others.
fn servers(config: &Config) -> Vec<Config> {
    let (hosts, ports) = (config.get_hosts(), config.get_ports());
    let has_each = ports.len() == hosts.len() && config.get_hostaddrs().is_empty();
    let in_order = config.get_load_balance_hosts() == LoadBalanceHosts::Disable;
    if hosts.len() <= 1 || !has_each || !in_order {
        return vec![config.clone()];
    }
    let server = |(host, port): (&Host, &u16)| {
        let mut server = without_hosts(config);
        match host {
            Host::Tcp(name) => server.host(name),
            Host::Unix(path) => server.host_path(path),
        };
        server.port(*port);
        server
    };
    hosts.iter().zip(ports).map(server).collect()
}

/// All else that a URL says.
fn without_hosts(config: &Config) -> Config {
    let mut rest = Config::new();
    config.get_user().map(|user| rest.user(user));
    config.get_password().map(|password| rest.password(password));
    config.get_dbname().map(|name| rest.dbname(name));
    config.get_options().map(|options| rest.options(options));
    config.get_application_name().map(|name| rest.application_name(name));
    config.get_connect_timeout().map(|timeout| rest.connect_timeout(*timeout));
    config.get_tcp_user_timeout().map(|timeout| rest.tcp_user_timeout(*timeout));
    config.get_keepalives_interval().map(|interval| rest.keepalives_interval(interval));
    config.get_keepalives_retries().map(|retries| rest.keepalives_retries(retries));
    rest.keepalives(config.get_keepalives()).keepalives_idle(config.get_keepalives_idle());
    rest.ssl_mode(config.get_ssl_mode()).ssl_negotiation(config.get_ssl_negotiation());
    rest.channel_binding(config.get_channel_binding());
    rest.target_session_attrs(config.get_target_session_attrs());
    rest
}

/// Connects, and looks whether the server still is what it must be: another may have taken its place.
fn connect(config: &Config, access: Access, greeting: &str) -> Result<Client, OpenError> {
    let mut client = Client::connect(servers(config), silence_max(config))?;
    client.batch_execute(greeting)?;
    match access {
        Access::Append => {
            require_settings(&mut client)?;
            require_version(&mut client)?;
            require_append_only(&mut client)?;
        }
        Access::Read | Access::Lead => require_version(&mut client)?,
    }
    Ok(client)
}

pub(super) fn unfit(error: OpenError) -> DatabaseError {
    match error {
        OpenError::Database(error) => error,
        error => DatabaseError::Unfit(Box::new(error)),
    }
}

/// Makes the tables of journals, or brings them to this version, and lets `role` append to them and read them, and
/// keep the writer's state, and nothing else. `url` is of the database's owner. It may be done again.
pub fn prepare(url: &str, role: &str) -> Result<(), OpenError> {
    let mut client = postgres::Config::from(parse_url(url)?).connect(NoTls)?;
    let mut tx = client.transaction()?;
    tx.batch_execute(
        "select pg_advisory_xact_lock(hashtext('journal'));
         create schema if not exists journal;
         create table if not exists journal.version (number bigint not null)",
    )?;
    let found = tx.query_opt("select number from journal.version", &[])?;
    let found = found.map_or(Ok(0), |row| row.try_get(0))?;
    if !(0..=VERSION).contains(&found) {
        return Err(OpenError::Version { found });
    }
    for migration in &MIGRATIONS[usize::try_from(found).unwrap_or_default()..] {
        tx.batch_execute(migration)?;
    }
    tx.batch_execute("delete from journal.version")?;
    tx.execute("insert into journal.version values ($1)", &[&VERSION])?;
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    tx.batch_execute(&format!(
        "grant usage on schema journal to {role};
         grant select on all tables in schema journal to {role};
         grant insert on journal.book, journal.entry, journal.lookup, journal.tree,
             journal.checkpoint, journal.leader to {role};
         grant update (epoch, writer, incarnation) on journal.book to {role};
         grant update (size, peaks, note) on journal.tree to {role};
         grant update (epoch, beat, address) on journal.leader to {role}"
    ))?;
    Ok(tx.commit()?)
}

fn require_settings(client: &mut Client) -> Result<(), OpenError> {
    let mut setting = |name: &'static str| -> Result<String, OpenError> {
        let row = client.query_one("select current_setting($1)", &[&name])?;
        Ok(row.try_get(0)?)
    };
    for (name, wanted) in SETTINGS {
        let found = setting(name)?;
        if found != wanted {
            return Err(OpenError::Setting { name, wanted, found });
        }
    }
    require_durable(setting(SYNCHRONOUS_COMMIT)?)?;
    let (name, found) = ("server_version_num", setting("server_version_num")?);
    if found.parse::<u32>().ok() < OLDEST.parse().ok() {
        return Err(OpenError::Setting { name, wanted: OLDEST, found });
    }
    Ok(())
}

/// That a commit waits for the disk, at least.
pub(super) fn require_durable(synchronous_commit: String) -> Result<(), OpenError> {
    let (name, found) = (SYNCHRONOUS_COMMIT, synchronous_commit);
    if found == "off" { Err(OpenError::Setting { name, wanted: "on", found }) } else { Ok(()) }
}

fn require_version(client: &mut Client) -> Result<(), OpenError> {
    let is_prepared: bool =
        client.query_one("select to_regclass('journal.version') is not null", &[])?.try_get(0)?;
    let found = match is_prepared {
        true => client.query_one("select number from journal.version", &[])?.try_get(0)?,
        false => 0,
    };
    if found == VERSION { Ok(()) } else { Err(OpenError::Version { found }) }
}

/// That the role can't change what is recorded is PostgreSQL's promise, not only ours.
fn require_append_only(client: &mut Client) -> Result<(), OpenError> {
    for privilege in ["update", "delete", "truncate"] {
        let row = client.query_one(
            "select current_user::text, bool_or(
                 has_table_privilege(name, $1)
                 or $1 = 'update' and has_any_column_privilege(name, 'update')
             ) from unnest(array['journal.entry', 'journal.lookup', 'journal.checkpoint']) name",
            &[&privilege],
        )?;
        if row.try_get(1)? {
            return Err(OpenError::MayChange { role: row.try_get(0)?, privilege });
        }
    }
    Ok(())
}
