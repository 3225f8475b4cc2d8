//! What a seed expands to: which faults there are, and how often.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use projector::ReadModel;

use crate::random::Random;

/// Commands of a seed, unless something else is said: enough for everything to meet everything, few enough for books that
/// are summed up anew.
pub const COMMANDS: usize = 3_000;

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident $name:literal [$rare:literal $often:literal],)*) => {
        /// Something that goes wrong in a world.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault { $($(#[$doc])* $fault,)* }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$fault),*];

            /// The word for it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$fault => $name),* }
            }

            /// How many times in a million of those at which it may happen, at least and at most.
            fn rates(self) -> (u32, u32) {
                match self { $(Self::$fault => ($rare, $often)),* }
            }
        }
    };
}

faults! {
    /// An append fails, and nothing is there.
    AppendFails "append-fails" [200 5_000],
    /// It ends unknown, and all of it is there.
    UnknownThere "unknown-there" [200 5_000],
    /// It ends unknown, and nothing is there.
    UnknownLost "unknown-lost" [200 5_000],
    /// It ends unknown, and is there later, unless a claim comes first.
    UnknownLater "unknown-later" [200 5_000],
    /// A read fails.
    ReadFails "read-fails" [100 4_000],
    /// A claim fails; it may have been made.
    ClaimFails "claim-fails" [10_000 300_000],
    /// A question to the table of leaders fails.
    LeadersFail "leaders-fail" [1_000 100_000],
    /// The database takes long.
    SlowDatabase "slow-database" [1_000 50_000],
    /// The database's server is killed; each disaster may be one.
    Restart "restart" [2_000 30_000],
    /// The database is put back to an older copy that lacks what was acknowledged.
    Restore "restore" [500 5_000],
    /// The database loses the copy that must have all that it writes, before an append is there; perhaps it falls back on that copy,
    /// which lacks only what was not acknowledged.
    Failover "failover" [500 10_000],
    /// A write of an anchor fails, at its sync or before.
    AnchorFails "anchor-fails" [100 3_000],
    /// An anchor is written some time after the commit.
    AnchorLate "anchor-late" [10_000 300_000],
    /// What was written of an anchor and not synced is torn by a crash.
    AnchorTorn "anchor-torn" [100_000 900_000],
    /// A process is killed, at any moment.
    Crash "crash" [2_000 40_000],
    /// A process is killed at the next effect that it has, or one of those after it.
    CrashAtEffect "crash-at-effect" [2_000 60_000],
    /// A process stands still for up to a minute, and goes on.
    Pause "pause" [2_000 30_000],
    /// A writer is stopped in order, and started again.
    Stop "stop" [2_000 30_000],
    /// Another process claims the book without having waited.
    Usurp "usurp" [1_000 20_000],
    /// A writer takes long to go round.
    SlowWriter "slow-writer" [1_000 100_000],
    /// A snapshot is damaged, or replaced by an older one.
    Snapshot "snapshot" [100_000 500_000],
    /// A clock jumps by up to an hour.
    ClockJump "clock-jump" [5_000 50_000],
    /// Clocks go too fast or too slow.
    ClockDrift "clock-drift" [1_000_000 1_000_000],
    /// A message between client and writer is lost.
    MessageLost "message-lost" [100 10_000],
    /// A client asks a process that does not lead, for all that is known.
    WrongProcess "wrong-process" [1_000 100_000],
    /// A client gives up, and comes back or not.
    Cancel "cancel" [1_000 20_000],
    /// A message on its way to the stream is lost.
    BusLoses "bus-loses" [500 20_000],
    /// One is brought late.
    BusDelays "bus-delays" [1_000 100_000],
    /// Some are brought again.
    BusRepeats "bus-repeats" [1_000 100_000],
    /// Some are brought in another order.
    BusReorders "bus-reorders" [1_000 200_000],
    /// One is replaced by a forged one.
    BusForges "bus-forges" [1_000 100_000],
    /// The bus is away for a while.
    BusAway "bus-away" [2_000 40_000],
    /// The stream is wiped.
    BusWiped "bus-wiped" [1_000 20_000],
    /// The stream goes back to an older copy.
    BusOld "bus-old" [2_000 40_000],
    /// A projector is killed, or its machine loses its power.
    ProjectorCrash "projector-crash" [1_000 20_000],
    /// A client sends the same twice at once.
    Twice "twice" [1_000 50_000],
    /// A writer's machine is lost, and its anchor with it, when the database is put back; each writer's may be.
    AnchorLost "anchor-lost" [100_000 600_000],
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|fault| fault.name() == name);
        found.copied().ok_or_else(|| format!("there is no fault `{name}`"))
    }
}

/// Which faults are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Those that the seed has.
    #[default]
    Swarm,
    /// All.
    All,
    /// These.
    Those(Vec<Fault>),
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "swarm" => Ok(Self::Swarm),
            "all" => Ok(Self::All),
            "none" => Ok(Self::Those(Vec::new())),
            names => names.split(',').map(str::parse).collect::<Result<_, _>>().map(Self::Those),
        }
    }
}

/// What a world is like.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed.
    pub seed: u64,
    /// How many commands are sent.
    pub commands: usize,
    /// What goes wrong, and how many times in a million.
    pub faults: BTreeMap<Fault, u32>,
    /// How many processes can be the writer.
    pub writers: usize,
    /// How many clients there are. Each waits for one answer at a time.
    pub clients: usize,
    /// How long a client thinks, at most, in microseconds.
    pub think_us: u64,
    /// How many commands may wait at a writer.
    pub queue_max: usize,
    /// Whether entries go over a bus.
    pub has_bus: bool,
    /// Which read models there are.
    pub models: Vec<ReadModel>,
}

impl Options {
    /// Those of a seed.
    pub fn of(seed: u64, commands: usize, wanted: &Wanted) -> Self {
        // Another sequence than the world's own.
        let mut random = Random::new(seed ^ 0x6f70_7469_6f6e_7321);
        let is_calm = random.below(4) == 0;
        let mut faults = BTreeMap::new();
        for fault in Fault::ALL {
            let (rare, often) = fault.rates();
            let rate = random.between(rare.into(), often.into()) as u32;
            let is_on = random.below(2) == 0;
            let is_on = match wanted {
                Wanted::Swarm => is_on && !is_calm,
                Wanted::All => true,
                Wanted::Those(those) => those.contains(fault),
            };
            if is_on {
                faults.insert(*fault, rate);
            }
        }
        let writers = random.between(1, 3) as usize;
        let clients = random.between(2, 24) as usize;
        let think_us = random.between(1, 60) * 1_000;
        let queue_max = [2, 8, 64, 8_192][random.index(4)];
        let has_bus = random.below(2) == 0;
        let has_model = random.below(8) == 0;
        // A read model without a bus has little to do.
        let has_bus = has_bus || (has_model && random.below(4) != 0);
        let model = ReadModel::ALL[random.index(ReadModel::ALL.len())];
        let models = if has_model { vec![model] } else { Vec::new() };
        Self { seed, commands, faults, writers, clients, think_us, queue_max, has_bus, models }
    }

    /// How many times in a million a fault happens.
    pub fn rate(&self, fault: Fault) -> u32 {
        self.faults.get(&fault).copied().unwrap_or(0)
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, commands, writers, clients, think_us, queue_max, .. } = self;
        write!(f, "seed {seed}: {commands} commands, {clients} clients who think {think_us} µs, ")?;
        let bus = if self.has_bus { "a bus" } else { "no bus" };
        write!(f, "{writers} writers with room for {queue_max}, {bus}, read models:")?;
        self.models.iter().try_for_each(|model| write!(f, " {model}"))?;
        write!(f, "; faults:")?;
        self.faults.iter().try_for_each(|(fault, rate)| write!(f, " {}={rate}", fault.name()))
    }
}
