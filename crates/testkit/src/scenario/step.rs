//! The left side of a line: what happens. A family of steps is read and played by one file.

use super::cards::Handling;
use super::ledgers::Bookkeeping;
use super::network::Message;
use super::people::Case;
use super::plans::Plan;
use super::time::Pass;
use super::tokens::Tokens;
use super::wallets::Movement;
use super::webhooks::Telling;

/// What happens. Things are named, not yet bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// With people and the dollars they bring.
    Case(Case),
    /// With agents and cards.
    Handling(Handling),
    /// With declared purchases.
    Plan(Plan),
    /// On the card network.
    Message(Message),
    /// With tokens and the programme's own money.
    Movement(Movement),
    /// With the platform's ledgers.
    Bookkeeping(Bookkeeping),
    /// With webhooks.
    Telling(Telling),
    Clock {
        by: Pass,
    },
    Again,
    Restart,
    Recover,
    /// Nothing happens, to what is named or to nobody.
    Look {
        subject: Option<String>,
    },
}

pub(super) fn parse(text: &str) -> Result<Step, String> {
    let mut tokens = Tokens::new(text)?;
    let verb = tokens.word("a verb")?;
    let step = step(&verb, &mut tokens)?;
    tokens.end()?;
    Ok(step)
}

fn step(verb: &str, tokens: &mut Tokens) -> Result<Step, String> {
    Ok(match verb {
        "clock" => Step::Clock { by: Pass::parse(tokens)? },
        "again" => Step::Again,
        "restart" => Step::Restart,
        "recover" => Step::Recover,
        "state" | "balance" => Step::Look { subject: tokens.next() },
        "postings" | "trial" => Step::Look { subject: None },
        verb => {
            let mut families = FAMILIES.iter().map(|family| family(verb, tokens));
            let found = families.find_map(Result::transpose).transpose()?;
            found.ok_or_else(|| format!("`{verb}` is no verb"))?
        }
    })
}

/// Reads a step, unless the verb is another family's.
type Family = fn(&str, &mut Tokens) -> Result<Option<Step>, String>;

const FAMILIES: [Family; 7] = [
    |verb, tokens| Ok(Case::parse(verb, tokens)?.map(Step::Case)),
    |verb, tokens| Ok(Handling::parse(verb, tokens)?.map(Step::Handling)),
    |verb, tokens| Ok(Plan::parse(verb, tokens)?.map(Step::Plan)),
    |verb, tokens| Ok(Message::parse(verb, tokens)?.map(Step::Message)),
    |verb, tokens| Ok(Movement::parse(verb, tokens)?.map(Step::Movement)),
    |verb, tokens| Ok(Bookkeeping::parse(verb, tokens)?.map(Step::Bookkeeping)),
    |verb, tokens| Ok(Telling::parse(verb, tokens)?.map(Step::Telling)),
];
