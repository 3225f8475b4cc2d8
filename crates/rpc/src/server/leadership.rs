//! Who leads a book.

use tonic::{Request, Response, Status};

use super::Shelf;
use crate::Role;
use crate::proto::leadership_server::Leadership;
use crate::proto::{self, LeaderRequest, LeaderResponse};

/// Answers from what this process knows.
pub(super) struct Service {
    books: Shelf,
}

impl Service {
    pub(super) fn new(books: Shelf) -> Self {
        Self { books }
    }
}

#[tonic::async_trait]
impl Leadership for Service {
    async fn leader(
        &self,
        request: Request<LeaderRequest>,
    ) -> Result<Response<LeaderResponse>, Status> {
        let served = self.books.get(&request.get_ref().book)?;
        let response = match &*served.role.borrow() {
            Role::Leads { epoch, .. } => LeaderResponse {
                role: proto::Role::Leads.into(),
                epoch: Some(epoch.0),
                leader: None,
            },
            Role::Follows { leader } => LeaderResponse {
                role: proto::Role::Follows.into(),
                epoch: None,
                leader: leader.clone(),
            },
        };
        Ok(Response::new(response))
    }
}
