//! The schemas of bodies in `schemas/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

/// The formats that have a schema.
pub(crate) const FORMATS: [&str; 3] = ["health+json", "microprofile", "spring"];

static SCHEMAS: LazyLock<(Schemas, BTreeMap<&str, SchemaIndex>)> = LazyLock::new(|| {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let indices = FORMATS.map(|format| {
        let file = format!("{}/http/schemas/{format}.json", env!("CARGO_MANIFEST_DIR"));
        (format, compiler.compile(&file, &mut schemas).unwrap())
    });
    (schemas, indices.into())
});

/// Returns the contradictions between a body and the schema of its format.
pub(crate) fn validate(format: &str, body: &Value) -> Result<(), String> {
    let (schemas, indices) = &*SCHEMAS;
    schemas.validate(body, indices[format]).map_err(|error| error.to_string())
}
