//! What the fuzz targets try, on their seeds and on some thousand values that are nearly such: without `cargo fuzz`, in
//! seconds.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use servers::Random;
use testkit::strangers::{ALL, Target, target};

/// How many changed values of each are tried: those that ask the disk or a server take longer.
const TRIED: [(&str, usize); 9] = [
    ("entry", 20_000),
    ("grpc", 500),
    ("history", 50),
    ("http", 500),
    ("anchor", 200),
    ("note", 1_000),
    ("proof", 500),
    ("snapshot", 300),
    ("word", 20_000),
];

fn try_all(name: &str) {
    let tried = TRIED.iter().find(|(tried, _)| *tried == name).expect("it is in the table").1;
    let times = servers::times("LEDGEROS_TRIED", tried);
    let mut random = Random::for_test("testkit", &format!("{name} --nocapture"));
    let target = target(name);
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    seeds.iter().for_each(|seed| attempt(target, seed));
    for _ in 0..times {
        let mut value = random.one_of(&seeds).clone();
        for _ in 0..=random.below(4) {
            change(&mut value, &seeds, &mut random);
        }
        attempt(target, &value);
    }
}

fn attempt(target: Target, value: &[u8]) {
    let tried = catch_unwind(AssertUnwindSafe(|| (target.try_on)(value)));
    if tried.is_err() {
        let mut hex = String::new();
        value.iter().for_each(|byte| write!(hex, "{byte:02x}").expect("a text takes it"));
        panic!("`{}` fails on {hex}", target.name);
    }
}

/// Changes a value a little, as fuzzers do.
fn change(value: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let place = random.below(value.len() + 1);
    let any = random.number() as u8;
    let byte = *random.one_of(&[0, 1, 0x7f, 0x80, 0xff, b'0', b'9', b'"', b'-', any]);
    match random.below(7) {
        0 if place < value.len() => value[place] ^= 1 << random.below(8),
        1 if place < value.len() => value[place] = byte,
        2 => value.insert(place, byte),
        3 if place < value.len() => drop(value.remove(place)),
        4 => value.truncate(place),
        5 => {
            let other = random.one_of(seeds);
            let from = random.below(other.len() + 1);
            value.truncate(place);
            value.extend_from_slice(&other[from..]);
        }
        _ => {
            let end = (place + random.below(16)).min(value.len());
            let again = value[place..end].to_vec();
            value.splice(place..place, again);
        }
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                try_all(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_tried_and_has_a_program() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(ALL.iter().map(|target| target.name).collect::<Vec<_>>(), tested);
            let manifest = include_str!("../fuzz/Cargo.toml");
            for name in tested {
                let program = format!("name = \"{name}\"\npath = \"targets/{name}.rs\"");
                assert!(manifest.contains(&program), "{name}");
            }
        }
    };
}

targets! { entry anchor note grpc history http proof snapshot word }
