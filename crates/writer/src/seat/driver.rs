//! Does what the seat's machine says.

use std::error::Error;
use std::mem;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use journal::postgres::{Leaders, Standing};
use journal::{DatabaseError, Epoch, Failure, OpenError, WriterId};
use ledger::BookId;
use rpc::Role;
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::led::{Led, LedBooks};
use super::machine::{Effect, Happened, Machine};
use super::tenure::{Opener, Tenure, open};
use super::{Candidate, Event};
use crate::driver::WriterStopped;
use crate::measures;
use crate::start::{self, Home, Loaded, StartError};

/// What hinders a seat that has only been taken.
pub(super) const NOT_LOADED: &str = "the book is not loaded";

pub(super) struct Driver {
    book: BookId,
    address: String,
    opener: Opener,
    open_leaders: Box<dyn FnMut() -> Result<Leaders, OpenError> + Send>,
    led: LedBooks,
    role: watch::Sender<Role>,
    hindrance: watch::Sender<Option<&'static str>>,
    events: Sender<Event>,
    machine: Machine,
    began: Instant,
    leaders: Option<Leaders>,
    /// Where the leader is reached, if it is another process.
    leader: Option<String>,
    /// The book, while another process writes it.
    standby: Option<(Home, Loaded)>,
    /// The writer, while this process has one.
    tenure: Option<Tenure>,
    /// The writer that this process had.
    ended: Option<WriterId>,
    /// Whether it was told that the database is away.
    is_cut_off: bool,
    /// Shows whether this process leads.
    leads: metrics::Gauge,
}

impl Driver {
    pub(super) fn new(
        candidate: Candidate,
        (role, hindrance): (watch::Sender<Role>, watch::Sender<Option<&'static str>>),
        events: Sender<Event>,
    ) -> Self {
        let Candidate { book, home, leaders: open_leaders, address, led } = candidate;
        Self {
            book,
            machine: Machine::new(address.clone()),
            address,
            opener: Arc::new(Mutex::new(home)),
            open_leaders,
            led,
            role,
            hindrance,
            events,
            began: Instant::now(),
            leaders: None,
            leader: None,
            standby: None,
            tenure: None,
            ended: None,
            is_cut_off: false,
            leads: measures::leads(book),
        }
    }

    pub(super) fn run(mut self, heard: &Receiver<Event>) -> Result<(), WriterStopped> {
        let ended = self.go_round(heard);
        if let Err(stopped) = &ended {
            let (book, error) = (self.book, stopped as &dyn Error);
            error!(%book, error, "this process has given the book up: somebody must look");
        }
        self.role.send_replace(Role::Follows { leader: None });
        self.leads.set(0.0);
        ended
    }

    fn go_round(&mut self, heard: &Receiver<Event>) -> Result<(), WriterStopped> {
        loop {
            while let Ok(event) = heard.try_recv() {
                self.hear(event)?;
            }
            if let Some(tenure) = &self.tenure {
                self.machine.happened(self.now(), Happened::Turned(tenure.turns()));
            }
            self.publish();
            let led = self.led.count();
            let happened = match self.machine.next(self.now(), led) {
                Effect::Look => Some(self.look()?),
                Effect::Load => Some(self.load()?),
                Effect::Follow => self.follow()?,
                Effect::TakeOver { orphaned } => self.take_over(orphaned, led)?,
                Effect::Beat => self.beat()?,
                Effect::CloseWriter => {
                    self.tenure.iter_mut().for_each(Tenure::close);
                    None
                }
                Effect::Resign => Some(self.resign()?),
                Effect::Wait { until } => {
                    let wait = until.saturating_sub(self.now());
                    heard.recv_timeout(wait).map_or(Ok(()), |event| self.hear(event))?;
                    None
                }
                Effect::End => break,
            };
            if let Some(happened) = happened {
                self.machine.happened(self.now(), happened);
            }
        }
        if let Some((home, Loaded { book, head, seen })) = &self.standby {
            start::save(home.snapshot.as_deref(), home.incarnation, book, *head, seen.filed());
        }
        Ok(())
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn hear(&mut self, event: Event) -> Result<(), WriterStopped> {
        let happened = match event {
            Event::StopAsked => Happened::StopAsked,
            Event::WriterEnded(ended) => {
                let tenure = self.tenure.take();
                self.ended = tenure.as_ref().map(|tenure| tenure.writer);
                tenure.into_iter().for_each(Tenure::end);
                match ended {
                    Ok(()) | Err(WriterStopped::Fenced) => {}
                    Err(stopped) => return Err(stopped),
                }
                info!(book = %self.book, "this process leads the book no more");
                Happened::WriterEnded
            }
        };
        self.machine.happened(self.now(), happened);
        Ok(())
    }

    /// Tells what the process is to the book, and what hinders it, if it is something else than before.
    fn publish(&self) {
        let fit = self.tenure.as_ref().filter(|_| !self.machine.is_unfit(self.now()));
        let hindrance = self.hindrance(fit);
        self.hindrance.send_if_modified(|told| mem::replace(told, hindrance) != hindrance);
        let is_told = match (&*self.role.borrow(), fit) {
            (Role::Leads { epoch, .. }, Some(tenure)) => *epoch == tenure.epoch,
            (Role::Follows { leader }, None) => *leader == self.leader,
            (Role::Leads { .. }, None) | (Role::Follows { .. }, Some(_)) => false,
        };
        if !is_told {
            let follows = || Role::Follows { leader: self.leader.clone() };
            self.role.send_replace(fit.map_or_else(follows, Tenure::role));
            self.leads.set(if fit.is_some() { 1.0 } else { 0.0 });
        }
    }

    fn hindrance(&self, fit: Option<&Tenure>) -> Option<&'static str> {
        match (&self.tenure, fit, &self.standby) {
            _ if self.is_cut_off => Some("who leads the book can't be asked"),
            (Some(_), None, _) => Some("the writer has not got its book, or is about to end"),
            (None, _, None) => Some(NOT_LOADED),
            (Some(_), Some(_), _) | (None, _, Some(_)) => None,
        }
    }

    fn look(&mut self) -> Result<Happened, StartError> {
        let book = self.book;
        let Some(leader) = self.ask(|leaders| leaders.look(book))?.flatten() else {
            return Ok(Happened::Unseen);
        };
        self.leader = match &leader.standing {
            // What an earlier process at this address has said, maybe.
            Standing::Leads { address } if *address != self.address => Some(address.clone()),
            Standing::Leads { .. } | Standing::Silent | Standing::Vacant => None,
        };
        Ok(Happened::Looked(leader))
    }

    fn beat(&mut self) -> Result<Option<Happened>, StartError> {
        let Some(writer) = self.tenure.as_ref().map(|tenure| tenure.writer) else {
            return Ok(None);
        };
        match self.announce(writer)? {
            None => Ok(None),
            Some(None) => {
                warn!(book = %self.book, "another process has claimed the book");
                Ok(Some(Happened::Replaced))
            }
            Some(Some(epoch)) => {
                self.tenure.iter_mut().for_each(|tenure| tenure.epoch = epoch);
                Ok(Some(Happened::BeatAnswered))
            }
        }
    }

    /// Under which claim this writer leads, if it does. `None` when nobody can be told.
    fn announce(&mut self, writer: WriterId) -> Result<Option<Option<Epoch>>, StartError> {
        let (book, address) = (self.book, self.address.clone());
        self.ask(|leaders| leaders.beat(book, writer, &address))
    }

    fn resign(&mut self) -> Result<Happened, StartError> {
        let book = self.book;
        if let Some(writer) = self.ended.take() {
            // Where nobody can be told, the silence will tell.
            self.ask(|leaders| leaders.resign(book, writer))?;
        }
        Ok(Happened::Resigned)
    }

    /// Asks the table of leaders. `None` while the database is away.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut Leaders) -> Result<T, DatabaseError>,
    ) -> Result<Option<T>, StartError> {
        let answer = match &mut self.leaders {
            Some(leaders) => question(leaders),
            None => match (self.open_leaders)() {
                Ok(leaders) => question(self.leaders.insert(leaders)),
                Err(OpenError::Database(error)) => Err(error),
                Err(error) => return Err(error.into()),
            },
        };
        match answer {
            Ok(answer) => {
                if mem::take(&mut self.is_cut_off) {
                    info!(book = %self.book, "who leads the book is known again");
                }
                Ok(Some(answer))
            }
            Err(error) => {
                if !mem::replace(&mut self.is_cut_off, true) {
                    let error = &error as &dyn Error;
                    warn!(book = %self.book, error, "who leads the book can't be asked");
                }
                Ok(None)
            }
        }
    }

    fn load(&mut self) -> Result<Happened, StartError> {
        self.standby = None;
        let loaded = open(&self.opener).and_then(|mut home| {
            let loaded = start::load_beside(&mut home)?;
            Ok((home, loaded))
        });
        match loaded {
            Ok(standby) => {
                self.standby = Some(standby);
                info!(book = %self.book, "this process stands by");
                Ok(Happened::Loaded)
            }
            Err(error) => {
                self.passing(error, "the book can't be loaded")?;
                Ok(Happened::NotLoaded)
            }
        }
    }

    fn follow(&mut self) -> Result<Option<Happened>, StartError> {
        let Some((home, loaded)) = &mut self.standby else { return Ok(None) };
        match start::follow(home, loaded) {
            Ok(()) => Ok(None),
            Err(error) => {
                // What is loaded is what was read before.
                self.passing(error, "the journal can't be followed")?;
                Ok(None)
            }
        }
    }

    /// Makes this process the one that leads, if nobody has claimed the book after `orphaned`, and no other seat of the
    /// process has been quicker.
    fn take_over(&mut self, orphaned: Epoch, led: usize) -> Result<Option<Happened>, StartError> {
        let Some(led) = self.led.one_more_than(led) else { return Ok(None) };
        match self.try_to_take_over(orphaned, led) {
            Ok(happened) => Ok(Some(happened)),
            // Whoever it was is seen at the next look.
            Err(StartError::Claim(Failure::Fenced)) => Ok(None),
            Err(error) => {
                self.passing(error, "the book can't be taken over")?;
                let is_loaded = self.standby.is_some();
                Ok(Some(if is_loaded { Happened::NotTakenOver } else { Happened::NotLoaded }))
            }
        }
    }

    fn try_to_take_over(&mut self, orphaned: Epoch, led: Led) -> Result<Happened, StartError> {
        let (home, writer) = (open(&self.opener)?, start::new_writer()?);
        let started = start::take_over(home, &mut self.standby, writer, orphaned)?;
        let Some(started) = started else { return Ok(Happened::NotLoaded) };
        // Nobody who has claimed the book since would let this writer answer.
        if self.announce(writer)?.flatten().is_none() {
            return Ok(Happened::NotLoaded);
        }
        let (book, epoch, position) = (self.book, started.epoch, started.head.position);
        let tenure = Tenure::begin(started, self.opener.clone(), self.events.clone(), led)?;
        self.tenure = Some(tenure);
        self.leader = None;
        info!(%book, epoch = epoch.0, position = position.0, "this process leads the book");
        Ok(Happened::TakenOver)
    }

    /// Says what has failed. A failure that stays ends the seat.
    fn passing(&mut self, error: StartError, what: &'static str) -> Result<(), StartError> {
        if !error.is_passing() {
            return Err(error);
        }
        // While the database is away, once is enough.
        if !self.is_cut_off {
            warn!(book = %self.book, error = &error as &dyn Error, "{what}");
        }
        Ok(())
    }
}
