//! How much goes into one message.

/// The largest message that is taken. The largest command is a journal with 1,000 lines, whose texts of 200 characters
/// and its metadata come to less than 1 MiB; its entry, with its postings, to less than 2 MiB. A message begins
/// another one only below [`BATCH_BYTES`].
pub(crate) const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// What a message of many may have before the last of them is put in.
pub(crate) const BATCH_BYTES: usize = 1 << 20;

/// The most commands or results in one message: the writer's batches are larger, but more in a message saves nothing.
pub(crate) const BATCH_MAX: usize = 1_024;
