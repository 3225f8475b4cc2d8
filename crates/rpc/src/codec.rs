//! How messages become bytes: as protobuf, and back only when nothing of them is left out.

use std::marker::PhantomData;

use bytes::Buf;
use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::ProstEncoder;

/// Protobuf in which a field that this build does not know is an error: whoever left it out would do less than was asked.
#[derive(Debug, Clone)]
pub(crate) struct Strict<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Strict<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for Strict<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = StrictDecoder<U>;

    fn encoder(&mut self) -> ProstEncoder<T> {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> StrictDecoder<U> {
        StrictDecoder(PhantomData)
    }
}

/// The half that reads.
#[derive(Debug)]
pub(crate) struct StrictDecoder<U>(PhantomData<U>);

impl<U: Message + Default> Decoder for StrictDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let length = buffer.remaining();
        let message = U::decode(buffer)
            .map_err(|error| Status::invalid_argument(format!("not a message: {error}")))?;
        // Unknown fields are left out of the message, which is then shorter than what it was read from.
        if message.encoded_len() != length {
            return Err(Status::invalid_argument("the message has a field that is not known here"));
        }
        Ok(Some(message))
    }
}
