//! serde_json with the order of the text and with numbers of any length.

fn main() {
    us::start("redis://127.0.0.1:1/");
    let text = r#"{"b":1.10,"a":123456789012345678901234567890}"#;
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    println!("{value}");
    println!("{value:?}");
}
