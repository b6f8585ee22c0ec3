//! Nightbell's own REST API, `/api/v1`: wire types of its own (I10), bearer tokens, problems as RFC 9457 has them.
//!
//! Reading order: `auth` says who calls and what they may do; `input` and `page` are what all resources share;
//! then one file per resource. Nothing here writes to the store: changes are submitted to the pipeline's door, like
//! everybody's, and reading goes to the published state and the store.
//!
//! Every route needs a token; GET needs any, everything else needs `person` or `admin`, and what only admins may do
//! says so by its `auth::Admin` argument. One table test walks every route with every kind of token.

mod absences;
mod analytics;
mod auth;
mod channels;
mod deliveries;
mod duration;
mod events;
mod explain;
mod fairness;
mod feeds;
mod handoffs;
mod incident_life;
mod incidents;
mod input;
mod maintenance;
mod oncall;
mod outlook;
mod overrides;
mod page;
mod people;
mod plugins;
mod policies;
mod preferences;
mod preview;
mod problem;
mod quiet;
mod reach;
mod refusal;
mod responders;
mod schedules;
mod services;
mod silences;
mod standing;
mod status;
mod swaps;
mod temporaries;
mod timeline;
mod tokens;
mod verification;
pub mod words;

pub use auth::Caller;
pub(crate) use auth::{Admin, caller};
pub use problem::Problem;

use crate::server::Doors;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::routing::get;
use axum::{Router, middleware};
use std::sync::Arc;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// Body of an API request, in bytes.
const BODY_MAX_BYTES: usize = 64 << 10;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Nightbell",
        description = "On-call: incidents, schedules, people, silences, maintenance windows, tokens. Errors are RFC 9457 problems. \
            Lists are `{items, next}`; give `next` back as `cursor` for the following page.",
        version = "1",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    components(schemas(Problem)),
    security(("token" = [])),
    modifiers(&Bearer)
)]
struct Base;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("`nb_<read|person|admin>_…`, made with `POST /api/v1/tokens`"))
            .build();
        let components = api.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(token));
    }
}

fn described() -> OpenApiRouter<Arc<Doors>> {
    OpenApiRouter::with_openapi(Base::openapi())
        .routes(routes!(status::status))
        .routes(routes!(incidents::list))
        .routes(routes!(incidents::show))
        .routes(routes!(timeline::timeline))
        .routes(routes!(incidents::acknowledge))
        .routes(routes!(incidents::resolve))
        .routes(routes!(incidents::snooze))
        .routes(routes!(incidents::reassign))
        .routes(routes!(incidents::escalate))
        .routes(routes!(incidents::note))
        .routes(routes!(responders::add))
        .routes(routes!(incident_life::merge))
        .routes(routes!(incident_life::split))
        .routes(routes!(incident_life::priority))
        .routes(routes!(incident_life::subscribe))
        .routes(routes!(incident_life::unsubscribe))
        .routes(routes!(incident_life::update))
        .routes(routes!(analytics::analytics))
        .routes(routes!(events::list))
        .routes(routes!(explain::explain))
        .routes(routes!(plugins::list))
        .routes(routes!(channels::list))
        .routes(routes!(plugins::one))
        .routes(routes!(plugins::logs))
        .routes(routes!(plugins::differences))
        .routes(routes!(plugins::reset))
        .routes(routes!(channels::hook))
        .routes(routes!(oncall::oncall))
        .routes(routes!(people::list))
        .routes(routes!(people::one))
        .routes(routes!(reach::reach))
        .routes(routes!(preferences::show, preferences::prefer))
        .routes(routes!(verification::send))
        .routes(routes!(verification::confirm))
        .routes(routes!(verification::test))
        .routes(routes!(people::methods, people::add_method))
        .routes(routes!(people::remove_method))
        .routes(routes!(people::rules, people::set_rules))
        .routes(routes!(services::list))
        .routes(routes!(services::integrations))
        .routes(routes!(policies::list))
        .routes(routes!(policies::explain))
        .routes(routes!(schedules::list))
        .routes(routes!(schedules::shifts))
        .routes(routes!(schedules::gaps))
        .routes(routes!(overrides::list, overrides::add))
        .routes(routes!(overrides::remove))
        .routes(routes!(outlook::outlook))
        .routes(routes!(fairness::fairness))
        .routes(routes!(temporaries::list, temporaries::add))
        .routes(routes!(temporaries::remove))
        .routes(routes!(feeds::list_of_schedule, feeds::make_for_schedule))
        .routes(routes!(feeds::list_of_person, feeds::make_for_person))
        .routes(routes!(feeds::revoke))
        .routes(routes!(absences::list, absences::add))
        .routes(routes!(absences::remove))
        .routes(routes!(absences::import).layer(DefaultBodyLimit::max(absences::IMPORT_MAX_BYTES)))
        .routes(routes!(handoffs::show_wish, handoffs::set_wish))
        .routes(routes!(swaps::list, swaps::offer))
        .routes(routes!(swaps::show_one))
        .routes(routes!(swaps::accept))
        .routes(routes!(swaps::decline))
        .routes(routes!(swaps::withdraw))
        .routes(routes!(silences::list, silences::add))
        .routes(routes!(silences::replace, silences::expire))
        .routes(routes!(silences::preview))
        .routes(routes!(maintenance::list, maintenance::add))
        .routes(routes!(maintenance::replace, maintenance::end))
        .routes(routes!(maintenance::preview))
        .routes(routes!(deliveries::list))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
}

/// The API's description, as `/api/v1/openapi.json` answers it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    named(described().into_openapi())
}

/// Gives every operation a name of its own, made of method and path: `getIncidentsIdTimeline`.
fn named(mut api: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    api.info.contact = None;
    for (path, item) in &mut api.paths.paths {
        let words = path.trim_start_matches("/api/v1").split(['/', '-', '{', '}']);
        let path: String = words.filter_map(capitalised).collect();
        for (method, operation) in [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ] {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}{path}"));
            }
        }
    }
    api
}

fn capitalised(word: &str) -> Option<String> {
    let mut letters = word.chars();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}

/// All routes of the API, authenticated; and its description, which needs no token.
pub fn routes(doors: &Arc<Doors>) -> Router<Arc<Doors>> {
    let (router, api) = described().split_for_parts();
    let authenticate = middleware::from_fn_with_state(doors.clone(), auth::authenticate);
    let text = bytes::Bytes::from(named(api).to_json().unwrap_or_default());
    let json = [(header::CONTENT_TYPE, "application/json")];
    router
        .route_layer(authenticate)
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .route("/api/v1/openapi.json", get(async move || (json, text)))
}

#[cfg(test)]
mod tests;
