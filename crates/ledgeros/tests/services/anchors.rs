//! What a writer's own anchor and the folder's say of each other.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use gateway::BookCode;
use journal::anchor::{self, Mark, Mismatch};
use journal::{Anchor, Hash, Head};
use ledger::Position;
use ledgeros::site::SiteBook;
use servers::Database;
use tempfile::TempDir;
use writer::{StartError, Writer};

use crate::cluster::{prepare, run};
use crate::restores::accept_loss;

/// A folder with a book, whose journal is in a database.
struct Home {
    folder: TempDir,
    _database: Database,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let database = prepare(&data, servers::shared(), None);
        run(&["books", "create", "default", "--data", data.to_str().unwrap()]);
        Self { folder, _database: database }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn book(&self) -> SiteBook {
        SiteBook::open(BookCode::default_book(), self.data()).unwrap()
    }

    /// The anchor of the writer with this state.
    fn own(&self, state: &str) -> PathBuf {
        self.folder.path().join(state).join(self.book().id().to_string()).join("anchor")
    }

    /// Starts a writer with this state, and ends it.
    fn write(&self, state: &str) -> anyhow::Result<()> {
        let (writer, commands, _) =
            Writer::start(self.book().home(&self.folder.path().join(state))?)?;
        drop(commands);
        Ok(writer.join()?)
    }
}

/// Lets an anchor know of entries that the journal does not have.
fn advance(anchor: &Path) -> Mark {
    let (mut anchor, mark) = Anchor::open(anchor).unwrap();
    let head = Head { position: Position(mark.head.position.0 + 7), hash: Hash([7; 32]) };
    anchor.advance(head).unwrap();
    Mark { head, ..mark }
}

#[test]
fn what_was_written_to_the_folder_without_the_roles_is_asked_for_when_they_start() {
    let home = Home::new();
    home.write("state").unwrap();
    let own = anchor::read(&home.own("state")).unwrap();
    let known = advance(&home.data().join("anchor")).head.position;

    let refused = home.write("state").unwrap_err();
    let Some(StartError::Witness { name, source }) = refused.downcast_ref() else {
        panic!("{refused:#}")
    };
    assert_eq!(name, "the folder's anchor");
    let found = own.head.position;
    assert!(matches!(source, Mismatch::Behind { anchored, found: end }
        if (*anchored, *end) == (known, found)));
    assert_eq!(anchor::read(&home.own("state")).unwrap(), own);
}

#[test]
fn a_writer_moves_the_folders_anchor_on_and_never_back_nor_over_a_loss() {
    let home = Home::new();
    for state in ["ahead", "behind"] {
        home.write(state).unwrap();
    }
    let mover = |state: &str| home.book().folders_anchor(&home.folder.path().join(state));
    let folders = || anchor::read(&home.data().join("anchor")).unwrap();
    let first = folders();
    drop(Anchor::replace(&home.own("behind"), Mark { head: Head::EMPTY, ..first }).unwrap());
    mover("behind").move_on().unwrap();
    assert_eq!(folders(), first);

    let (ahead, known) = (mover("ahead"), advance(&home.own("ahead")));
    let held = File::open(home.data()).unwrap();
    held.lock().unwrap();
    ahead.move_on().unwrap_err();
    assert_eq!(folders(), first, "who makes the folder's keys has it");
    drop(held);
    ahead.move_on().unwrap();
    assert_eq!(folders(), known);

    // The journal does not have that: the next writer has not been told of a loss.
    advance(&home.own("behind"));
    let refused = mover("behind").move_on().unwrap_err();
    assert!(matches!(refused.downcast_ref(), Some(Mismatch::Behind { .. })), "{refused:#}");
    assert_eq!(folders(), known);
    let later = advance(&home.own("ahead"));
    ahead.move_on().unwrap();
    assert_eq!(folders(), later, "who has told it knows what it says");
}

#[test]
fn a_writer_gives_its_anchor_up_once_the_journal_says_that_its_loss_was_accepted() {
    let home = Home::new();
    let folders = home.data().join("anchor");
    for state in ["ahead", "behind"] {
        home.write(state).unwrap();
    }
    // The one of them went on after a recovery, of which database and folder know nothing any more.
    let ahead = home.own("ahead");
    let first = anchor::read(&ahead).unwrap();
    drop(Anchor::replace(&ahead, Mark { incarnation: [9; 16], ..first }).unwrap());
    let survivor = advance(&ahead);

    let refused = format!("{:#}", home.write("ahead").unwrap_err());
    assert!(refused.contains("ledgeros recover --accept-loss"), "{refused}");
    assert_eq!(anchor::read(&ahead).unwrap(), survivor);

    // What it says is to be done.
    fs::copy(&ahead, &folders).unwrap();
    let refused = home.write("ahead").unwrap_err();
    assert!(
        matches!(refused.downcast_ref(), Some(StartError::Mismatch(Mismatch::OtherIncarnation))),
        "{refused:#}"
    );
    accept_loss(&home.data());
    let recovered = anchor::read(&folders).unwrap();
    assert!(![first.incarnation, survivor.incarnation].contains(&recovered.incarnation));
    for state in ["ahead", "behind"] {
        home.write(state).unwrap();
        assert_eq!(anchor::read(&home.own(state)).unwrap(), recovered);
    }
}
