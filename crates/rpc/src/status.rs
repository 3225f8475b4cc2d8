//! What goes wrong on the way, as gRPC says it.

use journal::{OpenError, ReadError, Undecodable};
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

use crate::Refusal;

/// The metadata that names a book's leader to whoever came to another process.
const LEADER: &str = "ledgeros-leader";

/// The metadata that says when to come again (gRPC proposal A6), and when that is: a full queue of commands takes its
/// writer less than this.
const PUSHBACK: (&str, &str) = ("grpc-retry-pushback-ms", "100");

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The message is none.
    #[error(transparent)]
    Invalid(#[from] Undecodable),
    /// A message has more than it may have.
    #[error("`{field}` has more than `{max}`")]
    TooMany { field: &'static str, max: usize },
    /// This process does not have the book.
    #[error("no book here has this id")]
    UnknownBook,
    /// Another process decides the book's commands, or none.
    #[error("this process does not lead the book")]
    NotLeading { leader: Option<String> },
    /// Its time was over before anything was done.
    #[error("the deadline had passed when the command came")]
    TooLate,
    /// As many journals are being read as may be.
    #[error("too many journals are being read")]
    TooManyReaders,
    /// The process is about to end.
    #[error("this process is stopping")]
    Stopping,
    /// A failure, or what only an outcome can say.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal can't be opened.
    #[error("the journal can't be opened")]
    Open(#[from] OpenError),
    /// The journal can't be read.
    #[error("the journal can't be read")]
    Read(#[from] ReadError),
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Invalid(_) | Error::TooMany { .. } => Code::InvalidArgument,
            Error::UnknownBook => Code::NotFound,
            Error::NotLeading { .. } => Code::FailedPrecondition,
            Error::TooLate => Code::DeadlineExceeded,
            Error::TooManyReaders | Error::Refused(Refusal::Busy) => Code::ResourceExhausted,
            Error::Stopping | Error::Open(_) | Error::Refused(Refusal::Unavailable) => {
                Code::Unavailable
            }
            Error::Refused(Refusal::Unknown) => Code::Unknown,
            Error::Refused(Refusal::Rejected(_)) => Code::FailedPrecondition,
            Error::Refused(Refusal::Reused { .. }) => Code::AlreadyExists,
            Error::Read(ReadError::Database(_)) => Code::Unavailable,
            Error::Read(
                ReadError::Changed { .. }
                | ReadError::Missing { .. }
                | ReadError::Undecodable { .. }
                | ReadError::NoTree
                | ReadError::Misfiled { .. },
            ) => Code::DataLoss,
        };
        if let Error::Open(_) | Error::Read(_) = error {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "journal not served");
        }
        let mut status = Self::new(code, error.to_string());
        if code == Code::ResourceExhausted {
            let (name, value) = PUSHBACK;
            status.metadata_mut().insert(name, MetadataValue::from_static(value));
        }
        if let Error::NotLeading { leader: Some(leader) } = error
            && let Ok(leader) = MetadataValue::try_from(leader)
        {
            status.metadata_mut().insert(LEADER, leader);
        }
        status
    }
}

/// Where the leader is, as the process says that was asked instead.
pub(crate) fn leader(status: &Status) -> Option<&str> {
    status.metadata().get(LEADER)?.to_str().ok()
}
