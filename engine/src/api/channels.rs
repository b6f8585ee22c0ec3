//! Channels as people see them who enter an address: what it is called, how one looks, and whether the channel works; and
//! what an operator tells the other side about them.

use super::auth::Admin;
use super::input::{Asked, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::plugin::{ChannelStatus, Kind};
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use nightbell_pack::{AddressForm, Setting};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// A channel plugin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Channel {
    name: String,
    description: String,
    /// `running`, `disabled`, `failed`, `quarantined` or `waiting-for-grant`.
    state: &'static str,
    /// Why it does not run.
    error: Option<String>,
    /// How to ask for an address; null when the plugin does not say.
    address: Option<Address>,
    /// What the operator can set in the configuration, by name.
    settings: Vec<ChannelSetting>,
}

/// A form for an address.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Address {
    /// What an address is called, in English.
    label: String,
    /// A sentence more; may be empty.
    hint: String,
    /// How one looks; may be empty.
    example: String,
    /// `text`, `email`, `tel` or `url`.
    input: &'static str,
    /// Label and hint in other languages, by language tag.
    translations: BTreeMap<String, Words>,
}

/// Label and hint in one language.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Words {
    label: String,
    hint: String,
}

/// A setting, as the plugin's manifest describes it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChannelSetting {
    name: String,
    /// Of `string`, `integer`, `number`, `boolean`, `array`, `table`.
    types: Vec<&'static str>,
    description: String,
    /// Without it the plugin does not load.
    required: bool,
    /// What holds when it is not set.
    default: Option<serde_json::Value>,
    /// The only texts it may be; empty: any.
    values: Vec<String>,
}

fn address(form: AddressForm) -> Address {
    let words = form.translations.into_iter();
    let words = words.map(|(tag, words)| (tag, Words { label: words.label, hint: words.hint }));
    Address {
        label: form.label,
        hint: form.hint,
        example: form.example,
        input: form.input.name(),
        translations: words.collect(),
    }
}

fn setting((name, setting): (String, Setting)) -> ChannelSetting {
    ChannelSetting {
        name,
        types: setting.types.into_iter().map(|one| one.name()).collect(),
        description: setting.description,
        required: setting.required,
        default: setting.default,
        values: setting.values,
    }
}

fn show(channel: ChannelStatus) -> Channel {
    Channel {
        name: channel.name,
        description: channel.description,
        state: channel.state.as_str(),
        error: channel.error,
        address: channel.address.map(address),
        settings: channel.settings.into_iter().map(setting).collect(),
    }
}

/// Lists channel plugins by name, with the form for an address and the settings that each takes.
#[utoipa::path(get, path = "/api/v1/channels", tag = "plugins", params(Paging),
    responses((status = 200, body = List<Channel>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Channel>>, Problem> {
    let all = doors.plugins.channels();
    paging.cut(all.into_iter(), |channel| &channel.name, show).map(Json)
}

/// A channel's own door.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hook {
    /// Where the other side may send answers about any delivery of the channel. It stays the same until `link.key` is
    /// replaced; whoever knows it can talk to the channel's plugin.
    url: String,
}

/// Shows the address of a channel's own door, to be written into the other side's settings. Admins only.
#[utoipa::path(get, path = "/api/v1/channels/{name}/hook", tag = "plugins",
    params(("name" = String, Path)), responses((status = 200, body = Hook), Refused))]
pub(super) async fn hook(
    State(doors): State<Arc<Doors>>,
    _: Admin,
    Path(name): Path<String>,
) -> Result<Json<Hook>, Problem> {
    let all = doors.plugins.list();
    let known = all.iter().any(|one| one.name == name && one.kind == Some(Kind::Channel));
    if !known {
        return Err(unknown("channel", &name));
    }
    let url = doors.links.channel_url(&doors.door.plan().public_url, &name);
    Ok(Json(Hook { url }))
}
