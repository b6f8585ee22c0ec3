use super::*;
use clap::error::ErrorKind;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_commands_fit_together() {
    Cli::command().debug_assert();
}

#[test]
fn what_the_documentation_shows_is_understood() {
    for line in [
        "nightbell serve --config x.toml --log-format json --log debug",
        "nightbell demo --once --port 7171",
        "nightbell check -o json",
        "nightbell doctor --config x.toml",
        "nightbell incident list --status all --service shop --limit 5 -o json",
        "nightbell incidents list --server http://127.0.0.1:7171",
        "nightbell incident --token T ack #12 13",
        "nightbell incident snooze 12 --for 2h",
        "nightbell incident snooze 12 --until 09:00",
        "nightbell incident reassign 12 --to alice,bob --to carol",
        "nightbell incident note 12 the disk is full",
        "nightbell event send --integration nagios --title Full --severity critical --label team=shop",
        "nightbell event send --key K --file payload.json --content-type application/json",
        "nightbell event list --unparsed",
        "nightbell event explain 41",
        "nightbell oncall --at 18:00 --schedule primary",
        "nightbell schedule list",
        "nightbell schedule gaps primary --from 2026-03-01T00:00:00Z --until 30d",
        "nightbell schedule override add primary --person bob --until 18:00",
        "nightbell schedule override remove primary 3fa9",
        "nightbell silence add team=shop name=~Disk.* --for 2h --comment moving",
        "nightbell silence add team=shop --for 2h --dry-run",
        "nightbell silence add team=shop --days sat-sun --hours 22:00-06:00 --zone Asia/Tokyo -m backups",
        "nightbell silence list --all",
        "nightbell silence edit 3fa9 --for 1h --comment longer",
        "nightbell silence preview team=shop --past 48h",
        "nightbell maintenance add --service shop,db --from 22:00 --for 4h -m disks",
        "nightbell maintenance add --integration nagios --hours 02:00-03:00 -m backups",
        "nightbell maintenance list",
        "nightbell maintenance edit 3fa9 --until 06:00",
        "nightbell maintenance end 3fa9",
        "nightbell maintenance preview --service shop",
        "nightbell plugin inspect x.wasm",
        "nightbell channel hook slack",
        "nightbell plugin disable by-label --config x.toml",
        "nightbell person method add alice --channel email --address a@example.org --verified",
        "nightbell person rules alice --set high:email --set low:email:30m",
        "nightbell token create ci --kind read --expires 90d",
        "nightbell token create phone --person alice",
        "nightbell status --ca ca.pem",
        "nightbell completions bash",
    ] {
        if let Err(error) = parse(line) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_asked_wrongly() {
    for line in [
        "nightbell incident ack",
        "nightbell incident ack twelve",
        "nightbell incident snooze 12",
        "nightbell incident snooze 12 --for 1h --until 09:00",
        "nightbell incident list --limit 0",
        "nightbell incident list --limit 201",
        "nightbell incident note 12",
        "nightbell silence add --for 2h --comment x",
        "nightbell silence add team --for 2h --comment x",
        "nightbell silence add team=shop --comment x",
        "nightbell silence add team=shop --for 2h",
        "nightbell silence add team=shop --for 2h --until 09:00 --comment x",
        "nightbell silence add team=shop --days sat --for 2h --comment x",
        "nightbell silence add team=shop --hours 22-06 --comment x",
        "nightbell silence add team=shop --hours 22:00-06:00 --days someday --comment x",
        "nightbell maintenance add --for 2h --comment x",
        "nightbell maintenance add --service shop --comment x",
        "nightbell schedule override add primary --person bob",
        "nightbell plugin disable ../x",
        "nightbell token create ci",
        "nightbell token create ci --kind person",
        "nightbell person rules alice --set loud:email",
        "nightbell demo --port 99999",
        "nightbell nonsense",
    ] {
        match parse(line) {
            Ok(_) => panic!("{line}: was understood"),
            Err(error) => assert_eq!(error.exit_code(), 2, "{line}: {error}"),
        }
    }
}

#[test]
fn help_is_no_mistake_and_shows_no_token() {
    let error = parse("nightbell incident list --help").err().expect("help");
    assert_eq!(error.kind(), ErrorKind::DisplayHelp);
    assert_eq!(error.exit_code(), 0);
    let mut command = Cli::command();
    let incident = command.find_subcommand_mut("incident").expect("there");
    let token = incident.get_arguments().find(|arg| arg.get_id() == "token").expect("there");
    assert!(token.is_hide_env_values_set(), "a token in the environment must not show in help");
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
        assert!(completions(shell).contains("nightbell"), "{shell}");
    }
}
