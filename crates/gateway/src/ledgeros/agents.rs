//! Agents: programs that spend for a user, within a limit.

use ledger::agents::{
    AgentPolicy, AgentPolicyChanged, AgentProfile, AgentRegistered, AgentStatus, ChangeAgent,
    ChangeAgentPolicy, OnExceeded, RegisterAgent,
};
use ledger::cards::Setting;
use ledger::keys::{Family, Scope};
use ledger::limits::{Limit, Window};
use ledger::{AgentId, Command, Entry, Event, HolderId};
use projector::At;
use projector::directory::Agent;
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::{Answer, Call, Read, Write};
use crate::error::Error;
use crate::input::Fields;
use crate::input::fields::NOTHING_CHANGED;
use crate::input::read::{Id, cents, count, id, nullable, text, word};
use crate::keys;
use crate::openapi::schema::{self, Describe, object};
use crate::openapi::{Operation, Tag};
use crate::reference;
use crate::words::Word;

/// More open cards than any agent needs.
const CARDS_MAX: u32 = 1_000_000;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Agent)]
struct AgentView {
    object: &'static str,
    id: String,
    user_id: String,
    name: String,
    description: Option<String>,
    external_id: Option<String>,
    spending_limit: u128,
    #[schema(schema_with = schema::word::<Window>)]
    spending_limit_frequency: &'static str,
    #[schema(schema_with = schema::word::<OnExceeded>)]
    on_limit_exceeded: &'static str,
    max_cards: Option<u32>,
    #[schema(schema_with = schema::word::<AgentStatus>)]
    status: &'static str,
    created_at: u64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RegisteredAgent)]
struct RegisteredView {
    #[serde(flatten)]
    agent: AgentView,
    /// Null in a replay.
    agent_token: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentPolicy)]
struct PolicyView {
    object: &'static str,
    id: String,
    spending_limit: u128,
    #[schema(schema_with = schema::word::<Window>)]
    spending_limit_frequency: &'static str,
    #[schema(schema_with = schema::word::<OnExceeded>)]
    on_limit_exceeded: &'static str,
    max_cards: Option<u32>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AgentStatus)]
struct StatusView {
    object: &'static str,
    id: String,
    #[schema(schema_with = schema::word::<AgentStatus>)]
    status: &'static str,
}

/// `POST /v1/agents/register`
pub(super) async fn register(call: Call<Write>) -> Result<Answer, Error> {
    let (holder, profile, policy) = call.body(|fields| {
        let holder = fields.required("userId", id::<HolderId>)?;
        let profile = AgentProfile {
            name: fields.required("name", text)?,
            description: fields.optional("description", text)?,
            external_id: fields.optional("externalId", text)?,
        };
        let limit = limit(fields)?;
        let on_exceeded = fields.optional("onLimitExceeded", word)?;
        let policy = AgentPolicy {
            limit,
            // A limit that nobody said anything about is one.
            on_exceeded: on_exceeded.unwrap_or(OnExceeded::Suspend),
            cards_max: fields.optional("maxCards", count(1, CARDS_MAX))?,
        };
        Ok((holder, profile, policy))
    })?;
    let reference = profile.external_id.as_ref().map(|id| reference::agent(holder, id));
    let (agent_token, token) =
        keys::generate(Family::LedgerOs, call.gateway.environment, Scope::Write);
    let command = RegisterAgent { holder, profile, policy, token, reference };
    let written = call.submit(Command::RegisterAgent(command)).await?;

    let registered = written.event("externalId", |event| match event {
        Event::AgentRegistered(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&RegisteredView {
        agent: AgentView::from(as_registered(registered, &written.entry)),
        agent_token: (!written.is_replay).then_some(agent_token),
    }))
}

/// What [`register`] does.
pub(super) fn describe_register() -> Operation {
    Operation::new(Tag::Agents, "registerAgent", "Register an agent")
        .about(
            "The same `externalId` of a user is the same agent. `agentToken` is shown once: it reaches \
             this agent's things only.",
        )
        .takes(
            object()
                .required("userId", schema::id::<HolderId>())
                .required("name", schema::lasting_text(100))
                .optional("description", schema::lasting_text(500))
                .optional("externalId", schema::lasting_text(100))
                .required("spendingLimit", schema::cents())
                .required("spendingLimitFrequency", schema::word::<Window>())
                .optional("onLimitExceeded", schema::word::<OnExceeded>())
                .optional("maxCards", schema::count(1, CARDS_MAX)),
        )
        .creates::<RegisteredView>()
}

/// `GET /v1/agents`: newest first.
pub(super) async fn list(mut call: Call<Read>) -> Result<Answer, Error> {
    let listing = call.listing(|fields| fields.optional("userId", id))?;
    let (holder, page) = (listing.filters, listing.page);
    let found = call.ask(|models| &models.directory, move |d| d.agents(holder, page)).await?;
    Ok(Answer::shown(found.position, &listing.view_of::<_, AgentView>(found.value)))
}

/// What [`list`] does.
pub(super) fn describe_list() -> Operation {
    Operation::new(Tag::Agents, "listAgents", "List agents")
        .about("Newest first.")
        .filter("userId", schema::id::<HolderId>())
        .lists::<AgentView>()
}

/// `GET /v1/agents/{agentId}`
pub(super) async fn show(mut call: Call<Read>) -> Result<Answer, Error> {
    let agent = call.path_id("agentId")?;
    call.no_query()?;
    call.require_own(agent, AgentId::NOUN)?;
    let At { position, value } =
        call.ask(|models| &models.directory, move |d| d.agent(agent)).await?;
    let agent = value.ok_or(Error::UnknownId { noun: AgentId::NOUN })?;
    Ok(Answer::shown(position, &AgentView::from(agent)))
}

/// What [`show`] does.
pub(super) fn describe_show() -> Operation {
    Operation::new(Tag::Agents, "getAgent", "Show an agent").answers::<AgentView>()
}

/// `PATCH /v1/agents/{agentId}`
pub(super) async fn change_policy(call: Call<Write>) -> Result<Answer, Error> {
    let agent = call.path_id("agentId")?;
    let command = call.body(|fields| policy_changes(agent, fields))?;
    let ChangeAgentPolicy { limit, on_exceeded, cards_max, .. } = &command;
    if (limit, on_exceeded, cards_max) == (&Setting::Keep, &Setting::Keep, &Setting::Keep) {
        return Err(Error::invalid("body", NOTHING_CHANGED));
    }
    let written = call.submit(Command::ChangeAgentPolicy(command)).await?;
    let changed = written.event("Idempotency-Key", |event| match event {
        Event::AgentPolicyChanged(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&PolicyView::from(changed)))
}

/// What [`change_policy`] does.
pub(super) fn describe_change_policy() -> Operation {
    Operation::new(Tag::Agents, "changeAgent", "Change what an agent may spend")
        .about("A limit and what it is counted over are said together; `maxCards` of `null` is no limit.")
        .takes(
            object()
                .optional("spendingLimit", schema::cents())
                .optional("spendingLimitFrequency", schema::word::<Window>())
                .optional("onLimitExceeded", schema::word::<OnExceeded>())
                .optional("maxCards", schema::count(1, CARDS_MAX).nullable())
                .together(["spendingLimit", "spendingLimitFrequency"])
                .at_least_one(),
        )
        .answers::<PolicyView>()
}

/// `POST /v1/agents/{agentId}/suspend`
pub(super) async fn suspend(call: Call<Write>) -> Result<Answer, Error> {
    change(call, AgentStatus::Suspended).await
}

/// What [`suspend`] does.
pub(super) fn describe_suspend() -> Operation {
    Operation::new(Tag::Agents, "suspendAgent", "Suspend an agent")
        .about("None of its cards can pay; what they hold stays held. Their own status stays what it was.")
        .answers::<StatusView>()
}

/// `POST /v1/agents/{agentId}/reactivate`
pub(super) async fn reactivate(call: Call<Write>) -> Result<Answer, Error> {
    change(call, AgentStatus::Active).await
}

/// What [`reactivate`] does.
pub(super) fn describe_reactivate() -> Operation {
    Operation::new(Tag::Agents, "reactivateAgent", "Let a suspended agent go on")
        .answers::<StatusView>()
}

async fn change(call: Call<Write>, status: AgentStatus) -> Result<Answer, Error> {
    let agent = call.path_id("agentId")?;
    call.no_body()?;
    let written = call.submit(Command::ChangeAgent(ChangeAgent { agent, status })).await?;
    let changed = written.event("Idempotency-Key", |event| match event {
        Event::AgentStatusChanged(event) => Some(event),
        _ => None,
    })?;
    Ok(written.answer(&StatusView {
        object: "agent",
        id: changed.agent.to_string(),
        status: changed.status.word(),
    }))
}

/// A limit and what it is counted over are said together.
fn limit(fields: &mut Fields) -> Result<Limit, Error> {
    Ok(Limit {
        amount: fields.required("spendingLimit", cents)?,
        window: fields.required("spendingLimitFrequency", word)?,
    })
}

/// A number of cards that is `null` is not limited.
fn policy_changes(agent: AgentId, fields: &mut Fields) -> Result<ChangeAgentPolicy, Error> {
    let says_limit = fields.has("spendingLimit") || fields.has("spendingLimitFrequency");
    let limit = if says_limit { Setting::Set(limit(fields)?) } else { Setting::Keep };
    Ok(ChangeAgentPolicy {
        agent,
        limit,
        on_exceeded: fields.setting("onLimitExceeded", word)?,
        cards_max: fields.setting("maxCards", nullable(count(1, CARDS_MAX)))?,
    })
}

/// The row that a read model makes of it.
fn as_registered(event: &AgentRegistered, entry: &Entry) -> Agent {
    let AgentProfile { name, description, external_id } = event.profile.clone();
    let AgentPolicy { limit, on_exceeded, cards_max } = event.policy.clone();
    Agent {
        id: event.agent,
        position: entry.position,
        at: entry.at,
        holder: event.holder,
        name,
        description,
        external_id,
        limit_window: limit.window,
        limit_amount: limit.amount,
        on_exceeded,
        cards_max,
        status: AgentStatus::Active,
    }
}

impl From<&AgentPolicyChanged> for PolicyView {
    fn from(event: &AgentPolicyChanged) -> Self {
        let AgentPolicy { limit, on_exceeded, cards_max } = event.policy;
        Self {
            object: "agent",
            id: event.agent.to_string(),
            spending_limit: limit.amount.0,
            spending_limit_frequency: limit.window.word(),
            on_limit_exceeded: on_exceeded.word(),
            max_cards: cards_max,
        }
    }
}

impl From<Agent> for AgentView {
    fn from(agent: Agent) -> Self {
        Self {
            object: "agent",
            id: agent.id.to_string(),
            user_id: agent.holder.to_string(),
            name: agent.name.as_str().to_owned(),
            description: agent.description.map(|text| text.as_str().to_owned()),
            external_id: agent.external_id.map(|text| text.as_str().to_owned()),
            spending_limit: agent.limit_amount.0,
            spending_limit_frequency: agent.limit_window.word(),
            on_limit_exceeded: agent.on_exceeded.word(),
            max_cards: agent.cards_max,
            status: agent.status.word(),
            created_at: agent.at.as_millis(),
        }
    }
}
