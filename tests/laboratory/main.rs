//! A fleet of twelve instances behind five proxies, a database, a kubelet's rules, and the faults that all of them meet.
//! `tests/scripts/laboratory` installs the servers and starts it; the table that it prints goes to its first argument.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a fault of the laboratory ends it")]

mod fleet;
mod instance;
mod kubelet;
mod load;
mod monitoring;
mod observation;
mod proxies;
mod scenarios;
mod table;

use std::error::Error;
use std::fs;
use std::time::Duration;

use self::instance::Variant;
use self::scenarios::Laboratory;

const PATIENCE: Duration = Duration::from_mins(2);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        ["instance", variant, address, database] => instance::serve(variant.parse()?, address.parse()?, database),
        [file] => {
            let mut laboratory = Laboratory::start();
            let restarted = laboratory.rolling_restart();
            let rolling = table::rolling_restart(laboratory.proxies(), &restarted);
            print!("{rolling}\n{}", table::HEAD);
            let rows: Vec<_> = Variant::ALL.into_iter().flat_map(|variant| laboratory.faults(variant)).collect();
            let wanted = table::wanted(&restarted, &rows);
            print!("\n{wanted}");
            let rows: String = rows.iter().map(ToString::to_string).collect();
            Ok(fs::write(file, format!("{rolling}\n{}{rows}\n{wanted}", table::HEAD))?)
        }
        _ => Err("usage: laboratory FILE".into()),
    }
}
