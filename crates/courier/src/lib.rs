//! Webhooks: what happened in a book, told to its platforms.
