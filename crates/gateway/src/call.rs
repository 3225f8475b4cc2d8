//! What a handler gets, and what it can do.

use std::sync::Arc;

use axum::extract::RawPathParams;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use bytes::Bytes;
use ledger::book::Environment;
use ledger::{
    AgentId, CardId, Command, CommandId, Entry, Event, Origin, Position, Rejection, Request,
    Sealed, Timestamp,
};
use projector::directory::Card;
use projector::{At, Directory};
use rpc::{Answer as Submitted, Refusal};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

use crate::error::Error;
use crate::gateway::{Followed, Gateway, ReadModels, blocking};
use crate::input::json::Json;
use crate::input::read::{self, Id};
use crate::input::{Field, Fields};
use crate::keys::Caller;
use crate::request_id::RequestId;
use crate::routes::Route;
use crate::{clock, dialect};

/// A request of someone who may come here: a [`Read`] or a [`Write`].
pub(crate) struct Call<Kind> {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) id: RequestId,
    pub(crate) caller: Caller,
    pub(crate) path: RawPathParams,
    /// What it sees of the read models, at least.
    pub(crate) min_position: Position,
    pub(crate) kind: Kind,
}

/// A question.
pub(crate) struct Read {
    pub(crate) uri: Uri,
    /// What it wants to see at least, if it says so.
    pub(crate) asked: Option<Position>,
    pub(crate) parameters: Vec<(String, String)>,
}

/// A command.
pub(crate) struct Write {
    pub(crate) route: Route,
    pub(crate) command: CommandId,
    pub(crate) body: Bytes,
    pub(crate) head: Parts,
    /// Gives its place back when the call ends.
    pub(crate) _upload: Option<OwnedSemaphorePermit>,
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    pub(crate) position: Option<Position>,
    pub(crate) is_replay: bool,
}

impl<Kind> Call<Kind> {
    /// An id in the path.
    pub(crate) fn path_id<T: Id>(&self, name: &str) -> Result<T, Error> {
        self.path_with(name, read::id)
    }

    /// A part of the path.
    pub(crate) fn path_with<T>(
        &self,
        name: &str,
        read: impl FnOnce(Field) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (_, text) = self
            .path
            .iter()
            .find(|(parameter, _)| *parameter == name)
            .expect("the route has this parameter");
        read(Field { name: name.to_owned(), value: Json::Text(text.to_owned()) })
    }

    /// Refuses another agent's things, as if they were not there.
    pub(crate) fn require_own(&self, agent: AgentId, noun: &'static str) -> Result<(), Error> {
        match self.caller.agent {
            Some(own) if own != agent => Err(Error::UnknownId { noun }),
            Some(_) | None => Ok(()),
        }
    }

    /// Asks a read model, once it shows what it must.
    pub(crate) async fn ask<Q: Send + Sync + 'static, T: Send + 'static>(
        &self,
        model: impl FnOnce(&ReadModels) -> &Followed<Q>,
        ask: impl FnOnce(&Q) -> Result<At<T>, projector::Error> + Send + 'static,
    ) -> Result<At<T>, Error> {
        model(&self.gateway.models).ask_at(self.min_position, ask).await
    }

    /// The book's time, as far as the directory knows of it. Where money is real, nobody moves it.
    pub(crate) async fn now(&self) -> Result<Timestamp, Error> {
        if self.gateway.environment == Environment::Live {
            return Ok(clock::wall());
        }
        let book = self.ask(|models| &models.directory, Directory::book).await?.value;
        Ok(clock::wall().plus_ms(book.map_or(0, |book| book.clock_offset_ms)))
    }

    /// Does something with the gateway on a thread that may wait for the disk.
    pub(crate) async fn blocking<T, E>(
        &self,
        work: impl FnOnce(&Gateway) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        let gateway = self.gateway.clone();
        blocking(move || work(&gateway)).await
    }
}

impl Call<Read> {
    /// Reads the parameters of the query.
    pub(crate) fn query<T>(
        &mut self,
        read: impl FnOnce(&mut Fields) -> Result<T, Error>,
    ) -> Result<T, Error> {
        Fields::of_query(self.take_parameters(), read)
    }

    /// The parameters of the query, once.
    pub(crate) fn take_parameters(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.kind.parameters)
    }

    /// The path as it was asked for.
    pub(crate) fn uri_path(&self) -> &str {
        self.kind.uri.path()
    }

    /// A card that the caller may see.
    pub(crate) async fn own_card(&self, card: CardId) -> Result<At<Card>, Error> {
        let found = self.ask(|models| &models.directory, move |d| d.card(card)).await?;
        let value = found.value.ok_or(Error::UnknownId { noun: CardId::NOUN })?;
        self.require_own(value.agent, CardId::NOUN)?;
        Ok(At { position: found.position, value })
    }

    /// Refuses any parameter.
    pub(crate) fn no_query(&mut self) -> Result<(), Error> {
        self.query(|_| Ok(()))
    }
}

/// An entry that a call wrote, or had written before.
pub(crate) struct Written {
    pub(crate) entry: Arc<Entry>,
    pub(crate) is_replay: bool,
}

impl Call<Write> {
    /// Reads the fields of the body.
    pub(crate) fn body<T>(
        &self,
        read: impl FnOnce(&mut Fields) -> Result<T, Error>,
    ) -> Result<T, Error> {
        Fields::of_body(&self.kind.body, read)
    }

    /// Refuses any field.
    pub(crate) fn no_body(&self) -> Result<(), Error> {
        self.body(|_| Ok(()))
    }

    /// Asks a read model for something of which only that counts which never changes: as it is now, where it has it, so
    /// that no command fails because the model stands still, and otherwise once it shows what it must.
    pub(crate) async fn known<Q: Send + Sync + 'static, T: Send + 'static>(
        &self,
        model: impl Fn(&ReadModels) -> &Followed<Q>,
        ask: impl Fn(&Q) -> Result<At<Option<T>>, projector::Error> + Clone + Send + 'static,
    ) -> Result<Option<T>, Error> {
        match model(&self.gateway.models).ask(ask.clone()).await?.value {
            Some(found) => Ok(Some(found)),
            None => Ok(self.ask(model, ask).await?.value),
        }
    }

    /// A card that the caller may see; what can change of it may be older.
    pub(crate) async fn own_card(&self, card: CardId) -> Result<Card, Error> {
        let found = self.known(|models| &models.directory, move |d| d.card(card)).await?;
        let found = found.ok_or(Error::UnknownId { noun: CardId::NOUN })?;
        self.require_own(found.agent, CardId::NOUN)?;
        Ok(found)
    }

    /// Refuses an agent another one's card. Platforms are not asked: the book itself knows which cards it has.
    pub(crate) async fn require_own_card(&self, card: CardId) -> Result<(), Error> {
        if self.caller.agent.is_some() {
            self.own_card(card).await?;
        }
        Ok(())
    }

    /// Sends the command. The body is what a repetition is compared by.
    pub(crate) async fn submit(&self, command: Command) -> Result<Written, Error> {
        self.submit_with(command, &[&self.kind.body]).await
    }

    /// Sends the command. A repetition is compared by `content`.
    pub(crate) async fn submit_with(
        &self,
        command: Command,
        content: &[&[u8]],
    ) -> Result<Written, Error> {
        let sealed = command.sealed();
        let submitted = self.gateway.commands.submit(self.request(command, content)).await;
        self.discard_unnamed(sealed, &submitted).await;
        let answer = submitted.map_err(|refusal| self.refused(refusal))?;
        self.gateway.note(&self.caller, answer.entry.position);
        Ok(Written { entry: answer.entry, is_replay: answer.is_replay })
    }

    /// Takes from the vault what it was given for a command and no entry names: it was refused, or done before. What nobody
    /// knows of, and what can't be taken now, is swept before somebody is erased.
    async fn discard_unnamed(&self, sealed: Vec<Sealed>, submitted: &Result<Submitted, Refusal>) {
        let named: Vec<Sealed> = match submitted {
            Ok(answer) => answer.entry.events.iter().flat_map(Event::sealed).collect(),
            Err(Refusal::Unknown) => return,
            Err(_) => Vec::new(),
        };
        let unnamed = sealed.into_iter().filter(|item| !named.contains(item));
        let unnamed: Vec<_> = unnamed.map(|item| vault::Reference(item.reference)).collect();
        if unnamed.is_empty() {
            return;
        }
        let discarded = self.blocking(move |gateway| gateway.vault.discard(&unnamed)).await;
        if let Err(error) = discarded {
            tracing::warn!(%error, "what no entry names stays in the vault");
        }
    }

    /// The entry that the command would write if it were sent now. Nothing is written, nor is the key of the call used.
    pub(crate) async fn try_out(&self, command: Command) -> Result<Arc<Entry>, Error> {
        let request = self.request(command, &[&self.kind.body]);
        let tried = self.gateway.commands.try_out(request).await;
        let answer = tried.map_err(|refusal| self.refused(refusal))?;
        Ok(answer.entry)
    }

    /// What the writer's refusal is to the caller. That the caller's key was revoked, the directory may not show yet.
    fn refused(&self, refusal: Refusal) -> Error {
        if matches!(refusal, Refusal::Rejected(Rejection::CallerIsRevoked)) {
            self.gateway.note_revoked(self.caller.id);
        }
        Error::refused(refusal, self.kind.route)
    }

    fn request(&self, command: Command, content: &[&[u8]]) -> Request {
        let Write { route, command: id, ref head, .. } = self.kind;
        let parts = [&[head.uri.path().as_bytes()], content].concat();
        let origin = Origin {
            route: route.number(),
            fingerprint: self.gateway.vault.fingerprint(&parts),
            request: self.id.0,
            actor: Some(self.caller.id),
        };
        Request { id, origin, command }
    }
}

impl Written {
    /// The event that the answer tells of. An entry without it was written for something else, under an id from outside
    /// that `field` names.
    pub(crate) fn event<'a, T>(
        &'a self,
        field: &'static str,
        pick: impl Fn(&'a Event) -> Option<T>,
    ) -> Result<T, Error> {
        self.entry.events.iter().find_map(pick).ok_or(Error::CountedBefore { field })
    }

    /// What is to be answered of the entry, as the vault or a read model shows it. Who is told that it can't be read is told
    /// that it was done.
    pub(crate) fn shown<T, E: Into<Error>>(&self, read: Result<T, E>) -> Result<T, Error> {
        let position = self.entry.position;
        read.map_err(|error| Error::DoneNotShown { position, source: Box::new(error.into()) })
    }

    /// The time of the entry, in milliseconds since 1970.
    pub(crate) fn at_ms(&self) -> u64 {
        self.entry.at.as_millis()
    }

    /// Answers with what was made of the entry.
    pub(crate) fn answer(&self, body: &impl Serialize) -> Answer {
        Answer {
            status: StatusCode::OK,
            body: dialect::json(body),
            position: Some(self.entry.position),
            is_replay: self.is_replay,
        }
    }

    /// Answers, on the surface of Ledgers, with what was created.
    pub(crate) fn created(&self, body: &impl Serialize) -> Answer {
        Answer { status: StatusCode::CREATED, ..self.answer(body) }
    }
}

impl Answer {
    /// Answers with what a read model shows at `position`.
    pub(crate) fn shown(position: Position, body: &impl Serialize) -> Self {
        let body = dialect::json(body);
        Self { status: StatusCode::OK, body, position: Some(position), is_replay: false }
    }
}
