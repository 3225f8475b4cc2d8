//! Messages as bytes: without one of their fields, at any depth, or cut off.

/// Every way to leave something of a message out, in which a field may itself be a message.
pub(super) fn changes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let cut = (0..bytes.len()).map(|length| bytes[..length].to_vec());
    cut.chain(without_one(bytes)).collect()
}

fn without_one(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Some(fields) = fields(bytes) else { return Vec::new() };
    let mut changed = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        let around = |inner: &[u8]| {
            let before = fields[..place].iter().flat_map(|field| field.whole);
            let after = fields[place + 1..].iter().flat_map(|field| field.whole);
            before.chain(inner).chain(after).copied().collect::<Vec<u8>>()
        };
        changed.push(around(&[]));
        for content in field.content.map(without_one).unwrap_or_default() {
            let mut inner = field.key.to_vec();
            varint(content.len(), &mut inner);
            inner.extend(content);
            changed.push(around(&inner));
        }
    }
    changed
}

struct Field<'a> {
    whole: &'a [u8],
    key: &'a [u8],
    /// Of those that have a length.
    content: Option<&'a [u8]>,
}

/// The fields of a message, if it is one.
fn fields(bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (key, key_length) = read_varint(rest)?;
        let (value, value_length) = read_varint(&rest[key_length..])?;
        let head = key_length + value_length;
        let (length, content) = match key & 7 {
            0 => (head, None),
            2 => {
                let end = head.checked_add(value)?;
                (end, Some(rest.get(head..end)?))
            }
            _ => return None,
        };
        fields.push(Field { whole: &rest[..length], key: &rest[..key_length], content });
        rest = &rest[length..];
    }
    Some(fields)
}

fn read_varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let length = bytes.iter().position(|byte| *byte < 0x80)? + 1;
    let digits = bytes.get(..length.min(8))?.iter().rev();
    Some((digits.fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f)), length))
}

fn varint(mut number: usize, bytes: &mut Vec<u8>) {
    while 0x80 <= number {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
