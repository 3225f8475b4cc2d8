//! How often the rare paths were gone.

use std::fmt;

macro_rules! counters {
    ($($(#[$doc:meta])* $path:ident $name:literal,)*) => {
        /// A path that is rarely gone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Path { $($(#[$doc])* $path,)* }

        impl Path {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$path),*];

            /// The words for it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$path => $name),* }
            }
        }
    };
}

counters! {
    /// An append ended unknown, and was there.
    UnknownThere "append unknown, and there",
    /// An append ended unknown, and was not there.
    UnknownLost "append unknown, and not there",
    /// An append ended unknown, and came later.
    LaterThere "append unknown, and there later",
    /// One that would have come later was fenced by a claim.
    LaterFenced "append unknown, and fenced before it came",
    /// An append failed.
    AppendFailed "append failed",
    /// An append under an old claim was refused.
    AppendFenced "append of a fenced writer refused",
    /// A confirmation under an old claim was refused: the writer answered nothing.
    ConfirmFenced "stale writer refused to answer",
    /// A claim was lost to another one.
    ClaimLost "two seats raced for a claim",
    /// A zombie's lock kept a claim waiting.
    ClaimLocked "claim waited for a zombie",
    /// A claim failed, and had been made.
    ClaimUnsure "claim failed, and was made",
    /// A standby took the book over.
    TakenOver "book taken over",
    /// A writer opened its journal again.
    Reopened "journal opened again",
    /// Somebody was left in doubt.
    Doubt "client left in doubt",
    /// A start from a restored journal was refused.
    RestoreRefused "restored journal refused",
    /// A start from one was refused by what the bus has seen.
    WitnessRefused "restored journal refused by a witness",
    /// The database came back without what was not acknowledged.
    FailedOver "database failed over",
    /// The queue was full.
    QueueFull "queue full",
    /// A start used a snapshot.
    SnapshotUsed "snapshot used",
    /// A snapshot was thrown away.
    SnapshotRejected "snapshot thrown away",
    /// A deadline was written before a command.
    DeadlineFirst "deadline written before a command",
    /// A replay was answered.
    Replayed "replay answered",
    /// Another body under the same key was refused.
    Reused "changed body refused",
    /// A command was refused by the rules.
    Rejected "command refused by the rules",
    /// A command was refused because it would give an id once more.
    IdTaken "id refused that is taken",
    /// A command was decided when nobody waited for its answer any more.
    Late "decided when nobody waited",
    /// A process died between the commit and the anchor.
    DiedUnanchored "crash between commit and anchor",
    /// A process died at an effect.
    DiedAtEffect "crash at an effect",
    /// An anchor's write failed.
    AnchorFailed "anchor not written",
    /// A writer's anchor was lost for good.
    AnchorLost "anchor lost",
    /// An anchor was torn.
    AnchorTorn "anchor torn by a crash",
    /// A process went on after a pause.
    Resumed "process went on after a pause",
    /// A clock jumped back.
    ClockBack "clock jumped back",
    /// Somebody asked again after a timeout.
    TimedOut "client timed out and asked again",
    /// A message was lost on its way to the stream.
    BusLost "message to the bus lost",
    /// Messages were brought again.
    BusRepeated "messages of the bus repeated",
    /// Messages were brought in another order.
    BusReordered "messages of the bus reordered",
    /// A message was replaced by a forged one.
    BusForged "message of the bus forged",
    /// A stream was wiped, and filled again from the journal.
    Refilled "stream wiped and refilled",
    /// A relay found a stream that had what the journal lacked, and sent it nothing.
    NotBuried "stream ahead of the journal left alone",
    /// A stream went back to an older copy.
    WentBack "stream went back to an older copy",
    /// A gap was filled from the journal.
    GapFilled "gap filled from the journal",
    /// A projector was killed.
    ProjectorDied "projector killed",
    /// The power of a projector's machine failed.
    PowerCut "power of a projector cut",
    /// A read model showed what a failover had lost, and was made again.
    ModelMadeAgain "read model made again",
    /// A read model was compared with a fold in other code.
    ModelCompared "read model compared",
    /// Somebody gave up.
    Cancelled "client gave up",
}

/// How often each path was gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters(Vec<u64>);

impl Default for Counters {
    fn default() -> Self {
        Self(vec![0; Path::ALL.len()])
    }
}

impl Counters {
    /// Counts one.
    pub fn add(&mut self, path: Path) {
        self.0[path as usize] += 1;
    }

    /// Counts those of another world.
    pub fn add_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, count)| *sum += count);
    }

    /// How often it was gone.
    pub fn of(&self, path: Path) -> u64 {
        self.0[path as usize]
    }

    /// Those that were never gone.
    pub fn missing(&self) -> Vec<Path> {
        Path::ALL.iter().copied().filter(|path| self.of(*path) == 0).collect()
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for path in Path::ALL {
            writeln!(f, "{:>12}  {}", self.of(*path), path.name())?;
        }
        Ok(())
    }
}
