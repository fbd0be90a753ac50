//! Where a flag's value comes from: the command line, then an environment variable, then a file, then
//! its default.
//!
//! Variables and the file are turned into the flags that they stand for, in front of the one parser:
//! so every flag has both, and a value is judged the same wherever it comes from.

use std::{
    ffi::{OsStr, OsString},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use clap::{
    Arg, ArgAction, ArgMatches, Command,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};
use toml::{Table, Value};
use tracing_subscriber::EnvFilter;

use crate::{command_error::CommandError, logs::Refilter};

/// What the variables' names begin with.
const PREFIX: &str = "SINCH_CALLBACK_";
/// The flag that names the file.
const CONFIG: &str = "config";
/// Tables of the file that are about one concern: `[recovery]` with `mode` is `--recovery-mode`.
const SECTIONS: [&str; 1] = ["recovery"];
/// Flags that say what one call is to do, and not how things are set up: a variable that is left
/// over must not delete anything.
const ONE_CALL: [&str; 16] = [
    "help",
    "version",
    "all",
    "batch",
    "check",
    "correlation",
    "client-reference",
    "dry-run",
    "edit",
    "field",
    "identity",
    "last-hours",
    "list",
    "message",
    "print-scenario",
    "given-up",
];

/// The names and values of the environment. Handed in, so that tests need not change their own.
pub(crate) type Environment = Vec<(OsString, OsString)>;

/// The environment of this process.
pub(crate) fn environment() -> Environment {
    std::env::vars_os().collect()
}

/// The variables of this process that set something for a receiver.
pub(crate) fn variables_set() -> impl Iterator<Item = OsString> {
    let names = environment().into_iter().map(|(name, _)| name);
    names.filter(|name| {
        name == "NOTIFY_SOCKET" || name.to_str().is_some_and(|name| name.starts_with(PREFIX))
    })
}

/// A flag that the command line does not have and a variable or the file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its long name.
    pub(crate) flag: String,
    pub(crate) values: Vec<OsString>,
    pub(crate) origin: String,
}

/// The arguments of a call, completed.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) matches: ArgMatches,
    pub(crate) settings: Vec<Setting>,
    /// Variables of our prefix that stand for no flag.
    pub(crate) unknown: Vec<String>,
}

/// Why the arguments cannot be used.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// What the parser says, or what was asked for: help, a version.
    Parser(clap::Error),
    /// What it cannot know.
    Told(String),
}

/// The settings of a running process, to be read again.
pub(crate) struct Settings {
    command: Command,
    call: Vec<OsString>,
    /// What was taken at the start, or when they were read again.
    taken: Vec<Setting>,
    refilter: Refilter,
}

/// What has changed since the settings were last read.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Flags that count from now on.
    pub(crate) taken: Vec<String>,
    /// Flags that count at the next start.
    pub(crate) at_restart: Vec<String>,
}

impl Settings {
    pub(crate) fn new(
        command: Command,
        call: Vec<OsString>,
        taken: Vec<Setting>,
        refilter: Refilter,
    ) -> Self {
        Self {
            command,
            call,
            taken,
            refilter,
        }
    }

    /// Reads the file again, the same call and the same variables before it. What `apply` takes, with
    /// the flag's name and the arguments as they are now, counts at once; so does what is logged.
    ///
    /// # Errors
    /// Where the file cannot be used: then everything stays as it is.
    pub(crate) fn read_again(
        &mut self,
        mut apply: impl FnMut(&str, &ArgMatches) -> bool,
    ) -> Result<Changes, CommandError> {
        let resolved = resolve(&self.command, &self.call, &environment()).map_err(|unusable| {
            CommandError::Misuse(match unusable {
                Unusable::Parser(error) => error.to_string(),
                Unusable::Told(text) => text,
            })
        })?;
        let mut changes = Changes::default();
        let values = |settings: &[Setting], flag: &str| {
            let found = settings.iter().find(|setting| setting.flag == flag);
            found.map(|setting| setting.values.clone())
        };
        let both = self.taken.iter().chain(&resolved.settings);
        let mut flags: Vec<_> = both.map(|setting| setting.flag.clone()).collect();
        flags.sort();
        flags.dedup();
        for flag in flags {
            if values(&self.taken, &flag) == values(&resolved.settings, &flag) {
                continue;
            }
            let mut matches = &resolved.matches;
            while let Some((_, below)) = matches.subcommand() {
                matches = below;
            }
            let filter = matches.try_get_one::<EnvFilter>("filter").ok().flatten();
            let applied = match filter.filter(|_| flag == "log") {
                Some(filter) => {
                    (self.refilter)(filter.clone());
                    true
                }
                None => apply(&flag, matches),
            };
            if applied {
                changes.taken.push(flag);
            } else {
                changes.at_restart.push(flag);
            }
        }
        // What waits for a restart is told again each time, until it is taken.
        self.taken
            .retain(|setting| !changes.taken.contains(&setting.flag));
        let now = resolved.settings.into_iter();
        self.taken
            .extend(now.filter(|setting| changes.taken.contains(&setting.flag)));
        Ok(changes)
    }
}

/// The variable that stands for a flag.
pub(crate) fn variable(flag: &str) -> String {
    format!("{PREFIX}{}", flag.replace('-', "_").to_uppercase())
}

/// Whether a flag can be set by a variable and in a file.
fn is_setting(arg: &Arg) -> bool {
    arg.get_long().is_some_and(|flag| !ONE_CALL.contains(&flag))
}

/// The command with each flag's variable in its help.
pub(crate) fn with_variables(command: Command) -> Command {
    let names: Vec<_> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    let mut command = command.mut_args(|arg| match (is_setting(&arg), arg.get_long()) {
        (true, Some(flag)) => {
            let variable = variable(flag);
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            arg.help(format!("{help} [env: {variable}]"))
        }
        _ => arg,
    });
    for name in names {
        command = command.mut_subcommand(name, with_variables);
    }
    command
}

/// Completes the arguments of a call.
pub(crate) fn resolve(
    command: &Command,
    arguments: &[OsString],
    environment: &[(OsString, OsString)],
) -> Result<Resolved, Unusable> {
    let mut built = command.clone();
    built.build();
    let given = command.clone().ignore_errors(true);
    // Where the parser wants to say something, as help, it does so below.
    let settings = match given.try_get_matches_from(arguments) {
        Ok(given) => settings(&built, &given, environment)?,
        Err(_) => Vec::new(),
    };
    let matches = command
        .clone()
        .try_get_matches_from(completed(arguments, &settings))
        .map_err(|error| Unusable::of(error, &settings))?;
    Ok(Resolved {
        matches,
        settings,
        unknown: unknown(&built, environment),
    })
}

/// The arguments with the settings behind them.
fn completed(arguments: &[OsString], settings: &[Setting]) -> Vec<OsString> {
    let flags = settings.iter().flat_map(|setting| {
        setting.values.iter().map(|value| {
            let mut flag = OsString::from(format!("--{}", setting.flag));
            if !value.is_empty() {
                flag.push("=");
                flag.push(value);
            }
            flag
        })
    });
    // Behind "--" there are no flags.
    let end = arguments
        .iter()
        .position(|argument| argument == "--")
        .unwrap_or(arguments.len());
    let (before, behind) = arguments.split_at(end);
    let before = before.iter().cloned();
    before.chain(flags).chain(behind.iter().cloned()).collect()
}

/// The settings for the command that was called.
fn settings(
    root: &Command,
    given: &ArgMatches,
    environment: &[(OsString, OsString)],
) -> Result<Vec<Setting>, Unusable> {
    let (path, command, given) = called(root, given);
    let Some(top) = path.first() else {
        return Ok(Vec::new());
    };
    let variable_of = |flag: &str| {
        let name = variable(flag);
        let found = environment.iter().find(|(found, _)| *found == *name);
        found.map(|(_, value)| (name, value.as_os_str()))
    };
    let named = given
        .try_get_one::<PathBuf>(CONFIG)
        .ok()
        .flatten()
        .cloned()
        .or_else(|| {
            let (_, value) = variable_of(CONFIG).filter(|(_, value)| !value.is_empty())?;
            Some(value.into())
        });
    let file = named.map(|path| File::read(root, &path)).transpose()?;
    let explicit = |arg: &Arg| {
        given.try_contains_id(arg.get_id().as_str()).is_ok()
            && given.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let mut settings = Vec::new();
    for arg in command.get_arguments().filter(|arg| is_setting(arg)) {
        let Some(flag) = arg.get_long() else { continue };
        let contradicts = command
            .get_arg_conflicts_with(arg)
            .into_iter()
            .any(explicit);
        if explicit(arg) || contradicts {
            continue;
        }
        let chosen = if let Some((name, value)) = variable_of(flag) {
            Some((of_text(arg, value), name))
        } else {
            let value = file.as_ref().and_then(|file| file.value(top, flag));
            value.map(|(value, origin)| (of_value(arg, value), origin))
        };
        if let Some((values, origin)) = chosen {
            let values = values.map_err(|wanted| {
                Unusable::Told(format!("{origin} (for --{flag}): expected {wanted}"))
            })?;
            if !values.is_empty() {
                settings.push(Setting {
                    flag: flag.to_owned(),
                    values,
                    origin,
                });
            }
        }
    }
    Ok(settings)
}

/// The command that was called, the names that lead to it, and what it was given.
fn called<'a>(
    root: &'a Command,
    given: &'a ArgMatches,
) -> (Vec<&'a str>, &'a Command, &'a ArgMatches) {
    let (mut path, mut command, mut given) = (Vec::new(), root, given);
    while let Some((name, below)) = given.subcommand()
        && let Some(found) = command.find_subcommand(name)
    {
        path.push(name);
        (command, given) = (found, below);
    }
    (path, command, given)
}

/// The values that a variable's text gives a flag; for a switch that is on, one that is empty.
fn of_text(arg: &Arg, text: &OsStr) -> Result<Vec<OsString>, &'static str> {
    match arg.get_action() {
        ArgAction::SetTrue => match text.to_str().map(str::to_lowercase).as_deref() {
            Some("1" | "true" | "yes" | "on") => Ok(vec![OsString::new()]),
            Some("" | "0" | "false" | "no" | "off") => Ok(Vec::new()),
            _ => Err("true or false"),
        },
        ArgAction::Append => match text.to_str() {
            Some(text) => {
                let values = text.split(',').map(str::trim);
                let values = values.filter(|value| !value.is_empty());
                Ok(values.map(OsString::from).collect())
            }
            None => Ok(vec![text.to_owned()]),
        },
        _ if text.is_empty() => Ok(Vec::new()),
        _ => Ok(vec![text.to_owned()]),
    }
}

/// The values that the file gives a flag.
fn of_value(arg: &Arg, value: &Value) -> Result<Vec<OsString>, &'static str> {
    match (arg.get_action(), value) {
        (ArgAction::SetTrue, Value::Boolean(true)) => Ok(vec![OsString::new()]),
        (ArgAction::SetTrue, Value::Boolean(false)) => Ok(Vec::new()),
        (ArgAction::SetTrue, _) => Err("true or false"),
        (ArgAction::Append, Value::Array(values)) => {
            let texts = values.iter().map(listed).collect::<Option<Vec<_>>>();
            texts.ok_or("a list of texts")
        }
        (_, value) => match plain(value) {
            Some(text) => Ok(vec![text]),
            None => Err("a text or a number"),
        },
    }
}

/// One of several values; a table is told as JSON.
fn listed(value: &Value) -> Option<OsString> {
    match value {
        Value::Table(table) => serde_json::to_string(table).ok().map(OsString::from),
        value => plain(value),
    }
}

fn plain(value: &Value) -> Option<OsString> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.into()),
        Value::Integer(number) => Some(number.to_string().into()),
        Value::Float(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// Variables of our prefix that stand for no flag of any command. What Kubernetes makes of a service
/// that is called as we are does not count.
fn unknown(root: &Command, environment: &[(OsString, OsString)]) -> Vec<String> {
    let known = flags(root);
    let names = environment.iter().filter_map(|(name, _)| name.to_str());
    names
        .filter(|name| {
            name.strip_prefix(PREFIX).is_some_and(|rest| {
                let flag = rest.to_lowercase().replace('_', "-");
                !known.contains(&flag) && !rest.starts_with("SERVICE_") && !rest.starts_with("PORT")
            })
        })
        .map(
            |name| match nearest(&name.replacen(PREFIX, "", 1), &known) {
                Some(flag) => format!("{name} (did you mean {}?)", variable(&flag)),
                None => name.to_owned(),
            },
        )
        .collect()
}

/// The long names of all flags of a command and of those below it that can be set.
fn flags(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter(|arg| is_setting(arg));
    let own = own.filter_map(|arg| arg.get_long().map(str::to_owned));
    let mut flags: Vec<_> = own
        .chain(command.get_subcommands().flat_map(flags))
        .collect();
    flags.sort();
    flags.dedup();
    flags
}

/// A file of settings: at its top for all commands, in a table for the command of its name.
struct File {
    path: PathBuf,
    table: Table,
}

impl File {
    fn read(root: &Command, path: &Path) -> Result<Self, Unusable> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| {
            Unusable::Told(format!("--config: {shown} cannot be read: {error}"))
        })?;
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            // Without the line itself, which may hold anything.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.split('\n').count());
            Unusable::Told(format!("{shown}, line {line}: {}", error.message().trim()))
        })?;
        let file = Self {
            path: path.to_owned(),
            table,
        };
        file.check(root)?;
        Ok(file)
    }

    /// Refuses what no flag stands for: it would be passed over in silence.
    fn check(&self, root: &Command) -> Result<(), Unusable> {
        for (section, value) in &self.table {
            let key = section;
            match (value, root.find_subcommand(key)) {
                (Value::Table(table), Some(command)) => {
                    let known = flags(command);
                    for key in table.keys() {
                        self.check_key(key, &known, &format!(" of {}", command.get_name()))?;
                    }
                }
                (Value::Table(table), None) if SECTIONS.contains(&section.as_str()) => {
                    let prefix = section_prefix(section);
                    let known = flags(root);
                    let known = known.iter().filter_map(|flag| flag.strip_prefix(&prefix));
                    let known: Vec<_> = known.map(str::to_owned).collect();
                    for key in table.keys() {
                        self.check_key(key, &known, &format!(" of [{section}]"))?;
                    }
                }
                (Value::Table(_), None) => {
                    let commands = root.get_subcommands().map(|c| c.get_name().to_owned());
                    return self.unknown("table", key, "command", commands.collect());
                }
                (_, Some(_)) => {
                    return Err(Unusable::Told(format!(
                        "{}: {key} is a command: [{key}] begins its settings",
                        self.path.display()
                    )));
                }
                _ => self.check_key(key, &flags(root), "")?,
            }
        }
        Ok(())
    }

    fn check_key(&self, key: &str, known: &[String], of: &str) -> Result<(), Unusable> {
        let flag = key.replace('_', "-");
        if flag == CONFIG {
            return Err(Unusable::Told(format!(
                "{}: a file cannot name another one (config)",
                self.path.display()
            )));
        }
        if known.contains(&flag) {
            return Ok(());
        }
        self.unknown("key", key, &format!("flag{of}"), known.to_vec())
    }

    fn unknown(
        &self,
        what: &str,
        key: &str,
        stands_for: &str,
        known: Vec<String>,
    ) -> Result<(), Unusable> {
        let mut text = format!(
            "{}: unknown {what} \"{key}\": there is no such {stands_for}",
            self.path.display()
        );
        if let Some(near) = nearest(key, &known) {
            // Writing into a string has no way to fail.
            let _ = write!(text, "; did you mean \"{near}\"?");
        }
        Err(Unusable::Told(text))
    }

    /// What the file has for a flag of a command, and where.
    fn value(&self, command: &str, flag: &str) -> Option<(&Value, String)> {
        let find = |table: &'_ Table| -> Option<String> {
            table
                .keys()
                .find(|key| key.replace('_', "-") == flag)
                .cloned()
        };
        let path = self.path.display();
        if let Some(Value::Table(table)) = self.table.get(command)
            && let Some(key) = find(table)
        {
            return Some((table.get(&key)?, format!("{key} in [{command}] of {path}")));
        }
        if let Some(key) = find(&self.table) {
            return Some((self.table.get(&key)?, format!("{key} in {path}")));
        }
        self.table.iter().find_map(|(section, value)| {
            let rest = flag.strip_prefix(&section_prefix(section))?;
            let table = value
                .as_table()
                .filter(|_| SECTIONS.contains(&section.as_str()))?;
            let key = table.keys().find(|key| key.replace('_', "-") == rest)?;
            Some((table.get(key)?, format!("{key} in [{section}] of {path}")))
        })
    }
}

/// What the flags begin with that a table about one concern is for.
fn section_prefix(section: &str) -> String {
    format!("{section}-")
}

impl Unusable {
    /// What the parser says, and where the value that it complains of came from.
    fn of(error: clap::Error, settings: &[Setting]) -> Self {
        let about = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(text)) => Some(text.clone()),
            _ => None,
        };
        let from = about.and_then(|about| {
            let named = |setting: &&Setting| {
                let rest = about.strip_prefix("--")?.strip_prefix(&*setting.flag)?;
                Some(rest.is_empty() || rest.starts_with(' '))
            };
            settings.iter().find(|setting| named(setting) == Some(true))
        });
        match from {
            Some(setting) => {
                let text = error.to_string();
                let line = text.lines().next().unwrap_or_default();
                let line = line.strip_prefix("error: ").unwrap_or(line);
                Self::Told(format!("{line}, from {}", setting.origin))
            }
            None => Self::Parser(error),
        }
    }
}

/// The known name that a mistyped one is nearest to, if any is near.
fn nearest(name: &str, known: &[String]) -> Option<String> {
    let name = name.to_lowercase().replace('_', "-");
    let near = |candidate: &&String| {
        let distance = distance(&name, candidate);
        // A third of the letters, or one is the beginning or the end of the other.
        let third = candidate.len().max(name.len()) / 3;
        let part = name.len() >= 3 && (candidate.contains(&name) || name.contains(&***candidate));
        (distance <= third || part).then_some((distance, (*candidate).clone()))
    };
    known
        .iter()
        .filter_map(|candidate| near(&candidate))
        .min()
        .map(|(_, name)| name)
}

/// How many letters have to be changed, added or left out.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (b, cell) in right.chars().zip(row.iter_mut().skip(1)) {
            let changed = diagonal.saturating_add(usize::from(a != b));
            diagonal = *cell;
            before = changed
                .min(before.saturating_add(1))
                .min(cell.saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::Arguments;

    fn resolved(
        arguments: &[&str],
        environment: &[(&str, &str)],
        file: Option<&str>,
    ) -> Result<Resolved, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let mut arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
        arguments.insert(0, "sinch-callback".into());
        if let Some(text) = file {
            fs::write(&path, text).unwrap();
            arguments.extend(["--config".into(), path.clone().into_os_string()]);
        }
        let environment: Environment = environment
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        resolve(
            &with_variables(Arguments::command()),
            &arguments,
            &environment,
        )
        .map_err(|error| {
            match error {
                Unusable::Parser(error) => error.to_string(),
                Unusable::Told(text) => text,
            }
            .replace(&path.display().to_string(), "FILE")
        })
    }

    fn serve_value(resolved: &Resolved, id: &str) -> String {
        let serve = resolved.matches.subcommand_matches("serve").unwrap();
        let values = serve.get_raw(id).unwrap();
        let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
        values.join(" ")
    }

    /// Every command below `command`, with the names that lead to it.
    fn commands(command: &Command, path: &[String]) -> Vec<(Vec<String>, Command)> {
        let below = command.get_subcommands().filter(|c| c.get_name() != "help");
        below
            .flat_map(|below| {
                let mut path = path.to_vec();
                path.push(below.get_name().to_owned());
                let mut found = commands(below, &path);
                if !below.has_subcommands() {
                    found.push((path, below.clone()));
                }
                found
            })
            .collect()
    }

    #[test]
    fn each_flag_of_each_command_is_set_by_its_variable_and_in_a_file() {
        let mut root = with_variables(Arguments::command());
        root.build();
        let mut tried = 0;
        for (path, command) in commands(&root, &[]) {
            for arg in command.get_arguments().filter(|arg| is_setting(arg)) {
                let flag = arg.get_long().unwrap();
                if flag == CONFIG {
                    continue;
                }
                let switch = matches!(arg.get_action(), ArgAction::SetTrue);
                let text = if switch { "true" } else { "7" };
                let mut matches = &Arguments::command()
                    .ignore_errors(true)
                    .get_matches_from([&["sinch-callback".to_owned()], &path[..]].concat());
                let whole = matches;
                while let Some((_, below)) = matches.subcommand() {
                    matches = below;
                }
                let environment = vec![(variable(flag).into(), text.into())];
                let by_variable = settings(&root, whole, &environment).unwrap();
                assert_eq!(by_variable.len(), 1, "{path:?} --{flag}");
                assert_eq!(by_variable[0].origin, variable(flag));

                let table: Table = format!("[{}]\n{flag} = {text}", path[0]).parse().unwrap();
                let file = File {
                    path: "FILE".into(),
                    table,
                };
                file.check(&root)
                    .unwrap_or_else(|error| panic!("{error:?}"));
                let (value, origin) = file.value(&path[0], flag).unwrap();
                assert_eq!(of_value(arg, value).unwrap(), by_variable[0].values);
                assert_eq!(origin, format!("{flag} in [{}] of FILE", path[0]));
                let help = arg.get_help().unwrap().to_string();
                assert!(
                    help.ends_with(&format!("[env: {}]", variable(flag))),
                    "{help}"
                );
                tried += 1;
            }
        }
        // What serve alone has.
        assert!(tried > 20, "{tried}");
    }

    #[test]
    fn a_flag_goes_before_a_variable_before_the_command_s_table_before_the_top_before_the_default()
    {
        let file = "data = 'of the top'\n[serve]\ndata = 'of the table'\nmax_age = 60\n";
        let variables = [("SINCH_CALLBACK_DATA", "of the variable")];
        let data = |arguments: &[&str], variables: &[(&str, &str)], file| {
            serve_value(&resolved(arguments, variables, file).unwrap(), "data")
        };
        assert_eq!(
            data(&["serve", "--data", "of the flag"], &variables, Some(file)),
            "of the flag"
        );
        assert_eq!(data(&["serve"], &variables, Some(file)), "of the variable");
        assert_eq!(data(&["serve"], &[], Some(file)), "of the table");
        assert_eq!(
            data(&["serve"], &[], Some("data = 'of the top'")),
            "of the top"
        );
        assert_eq!(data(&["serve"], &[], None), "sinch-callback-data");
        let all = resolved(&["serve"], &[], Some(file)).unwrap();
        assert_eq!(serve_value(&all, "max_age"), "60");
    }

    #[test]
    fn a_table_about_one_concern_has_its_flags_without_their_prefix() {
        let file = "[recovery]\nper_hour = 7\nmode = 'dry-run'\n[serve]\nrecovery_mode = 'off'\n";
        let of_file = resolved(&["serve"], &[], Some(file)).unwrap();
        assert_eq!(serve_value(&of_file, "recovery_per_hour"), "7");
        assert_eq!(serve_value(&of_file, "recovery_mode"), "off");
        let mistyped = resolved(&["serve"], &[], Some("[recovery]\nmod = 'on'")).unwrap_err();
        assert_eq!(
            mistyped,
            "FILE: unknown key \"mod\": there is no such flag of [recovery]; did you mean \"mode\"?"
        );
        let wrong = resolved(&["serve"], &[], Some("[recovery]\nper_hour = 'many'")).unwrap_err();
        assert!(
            wrong.ends_with("from per_hour in [recovery] of FILE"),
            "{wrong}"
        );
    }

    #[test]
    fn lists_and_switches_are_written_as_each_place_writes_them() {
        let two = resolved(
            &["serve"],
            &[
                ("SINCH_CALLBACK_SECRET_FILE", "new.txt, old.txt"),
                ("SINCH_CALLBACK_REQUIRE_ALGORITHM", "yes"),
            ],
            None,
        )
        .unwrap();
        assert_eq!(serve_value(&two, "files"), "new.txt old.txt");
        let serve = two.matches.subcommand_matches("serve").unwrap();
        assert!(serve.get_flag("require_algorithm"));
        let file = "secret-file = ['new.txt', 'old.txt']\n[serve]\nrequire-algorithm = false\n";
        let two = resolved(&["serve"], &[], Some(file)).unwrap();
        assert_eq!(serve_value(&two, "files"), "new.txt old.txt");
        let serve = two.matches.subcommand_matches("serve").unwrap();
        assert!(!serve.get_flag("require_algorithm"));
    }

    #[test]
    fn what_is_wrong_names_its_place_and_what_was_likely_meant() {
        for (file, told) in [
            (
                "lisen = '[::]:80'",
                "FILE: unknown key \"lisen\": there is no such flag; did you mean \"listen\"?",
            ),
            (
                "[serve]\nmaxage = 5",
                "FILE: unknown key \"maxage\": there is no such flag of serve; did you mean \"max-age\"?",
            ),
            (
                "[server]\nlisten = 'x'",
                "FILE: unknown table \"server\": there is no such command; did you mean \"serve\"?",
            ),
            (
                "secret-fil = 'x'",
                "FILE: unknown key \"secret-fil\": there is no such flag; did you mean \"secret-file\"?",
            ),
            (
                "retain-days = 0",
                "invalid value '0' for '--retain-days <DAYS>': 0 is not in 1..=36500, from retain-days in FILE",
            ),
            (
                "listen = [1]",
                "listen in FILE (for --listen): expected a text or a number",
            ),
            (
                "require-algorithm = 'yes'",
                "require-algorithm in FILE (for --require-algorithm): expected true or false",
            ),
            (
                "serve = 1",
                "FILE: serve is a command: [serve] begins its settings",
            ),
            (
                "config = 'x'",
                "FILE: a file cannot name another one (config)",
            ),
            ("[serve]\n\nlisten = ", "FILE, line 3: "),
        ] {
            let error = resolved(&["serve"], &[], Some(file)).unwrap_err();
            assert!(error.starts_with(told), "{file}: {error}");
        }
        let error =
            resolved(&["serve"], &[("SINCH_CALLBACK_RETAIN_DAYS", "soon")], None).unwrap_err();
        assert!(
            error.ends_with("from SINCH_CALLBACK_RETAIN_DAYS"),
            "{error}"
        );
        let error = resolved(&["serve", "--retain-days", "soon"], &[], None).unwrap_err();
        assert!(error.starts_with("error: invalid value 'soon'"), "{error}");
        let known = resolved(
            &["serve"],
            &[
                ("SINCH_CALLBACK_LISTN", "x"),
                ("SINCH_CALLBACK_SERVICE_HOST", "x"),
                ("SINCH_CALLBACK_PORT", "x"),
            ],
            None,
        )
        .unwrap();
        assert_eq!(
            known.unknown,
            ["SINCH_CALLBACK_LISTN (did you mean SINCH_CALLBACK_LISTEN?)"]
        );
    }

    #[test]
    fn a_variable_never_does_what_only_a_call_says() {
        let variables = [
            ("SINCH_CALLBACK_ALL", "true"),
            ("SINCH_CALLBACK_DATA", "there"),
        ];
        let error = resolved(&["events", "resend"], &variables, None).unwrap_err();
        assert!(error.contains("<ID>"), "{error}");
        let one = resolved(&["events", "resend", "x"], &variables, None).unwrap();
        let (_, events) = one.matches.subcommand().unwrap();
        let (_, resend) = events.subcommand().unwrap();
        assert_eq!(resend.get_raw("data").unwrap().next().unwrap(), "there");
    }
}
