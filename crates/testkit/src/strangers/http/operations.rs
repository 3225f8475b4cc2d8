//! What the API says that can be asked of it.

use serde_json::Value;

/// A method and a path.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// In capital letters.
    pub(super) method: String,
    /// With names of ids in braces.
    pub(super) path: String,
    /// Whether it answers whoever has no key.
    pub(super) is_open: bool,
    /// Whether a form is sent.
    pub(super) is_upload: bool,
    example: Option<Value>,
}

/// All of them but those that make books, of which there would soon be too many.
///
/// # Panics
///
/// When the description is none.
pub(super) fn operations(described: &[u8]) -> Vec<Operation> {
    let described: Value = serde_json::from_slice(described).expect("the description is JSON");
    let paths = described["paths"].as_object().expect("it has paths");
    let all = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("a path has methods");
        let operations =
            methods.iter().filter(|(_, operation)| operation.get("responses").is_some());
        operations.map(move |(method, operation)| {
            let content = &operation["requestBody"]["content"];
            Operation {
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                is_open: operation["security"].as_array().is_some_and(Vec::is_empty),
                is_upload: content.get("multipart/form-data").is_some(),
                example: content["application/json"].get("example").cloned(),
            }
        })
    });
    let operations: Vec<_> = all.filter(|operation| operation.path != "/v1/books").collect();
    assert!(50 < operations.len(), "the description has {} operations", operations.len());
    operations
}

impl Operation {
    /// Whether it may change something.
    pub(super) fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// A body that was once accepted, with other ids.
    pub(super) fn example(&self) -> String {
        if self.is_upload {
            let part = |name: &str, content: &str| {
                let disposition = "Content-Disposition: form-data; name=";
                format!("--part\r\n{disposition}\"{name}\"\r\n\r\n{content}\r\n")
            };
            let kind = part("documentType", "passport");
            return format!("{kind}{}--part--\r\n", part("file", "%PDF-1.7"));
        }
        self.example.as_ref().map(Value::to_string).unwrap_or_default()
    }
}
