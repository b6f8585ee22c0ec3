//! Teams, and rooms: addresses that belong to nobody.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::Raw;
use super::super::value::is_id;
use super::Context;
use super::people::check_person;
use super::secrets::{Literal, secret};
use nightbell_core::model::{PersonId, Room, RoomId, Team, TeamId};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;

/// Members of one team.
const MEMBERS_MAX: usize = 200;

/// All teams.
pub(super) fn teams(raw: &Raw, context: &Context<'_>) -> BTreeMap<TeamId, Team> {
    let mut teams = BTreeMap::new();
    for team in &raw.teams {
        let id = team.name.id.as_ref().map_or("", |id| id.value.as_str());
        let resolved = Team {
            id: id.into(),
            name: team.name.name.as_ref().map_or(id, |name| name.value.as_str()).to_owned(),
            members: team.members.as_ref().map(|list| members(list, context)).unwrap_or_default(),
        };
        teams.insert(resolved.id.clone(), resolved);
    }
    teams
}

fn members(list: &At<Vec<At<String>>>, context: &Context<'_>) -> Vec<PersonId> {
    let count = list.value.len();
    if count == 0 || count > MEMBERS_MAX {
        context.add(
            Mistake::error(list.at, format!("expected 1 to {MEMBERS_MAX} members, got {count}"))
                .hint("name people by their ids: `members = [\"alice\", \"bob\"]`"),
        );
    }
    let mut members: Vec<PersonId> = Vec::new();
    for written in &list.value {
        check_person(written, context);
        let person = PersonId::new(written.as_str());
        if members.contains(&person) {
            context.add(
                Mistake::warning(written.at, format!("{} is listed twice", quoted(written)))
                    .hint("everybody is told once; remove one"),
            );
        } else {
            members.push(person);
        }
    }
    members
}

/// All rooms.
pub(super) fn rooms(raw: &Raw, context: &Context<'_>) -> BTreeMap<RoomId, Room> {
    let mut rooms = BTreeMap::new();
    for room in &raw.rooms {
        let id = room.name.id.as_ref().map_or("", |id| id.value.as_str());
        let channel = room.channel.as_ref().filter(|channel| {
            let fine = is_id(channel);
            if !fine {
                context.add(
                    Mistake::error(channel.at, format!("{} is no channel", quoted(channel)))
                        .hint("write a channel plugin's name, such as `webhook` or `slack`"),
                );
            }
            fine
        });
        let address = room.address.as_ref();
        let address = address.and_then(|address| secret(address, Literal::Allowed, context));
        let resolved = Room {
            id: id.into(),
            name: room.name.name.as_ref().map_or(id, |name| name.value.as_str()).to_owned(),
            channel: channel.map_or("", |channel| channel.value.as_str()).to_owned(),
            address: address.map(|text| text.expose_secret().to_owned()).unwrap_or_default(),
        };
        rooms.insert(resolved.id.clone(), resolved);
    }
    rooms
}
