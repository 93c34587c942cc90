//! Who is told of what happens in the account: from the trail over its log group, a metric filter and an alarm to somebody who
//! listens. What a filter counts is [`crate::log_pattern`]'s.

use serde_json::{Value as Json, json};

use super::{Function, Null, Param, Returns, Shape};
use crate::estate::Resource;
use crate::log_pattern::LogPattern;
use crate::rules::evaluate::{Machine, unread};
use crate::rules::value::{Items, List, Unknown, Value};

const PLAIN: Function = Function {
    name: "",
    on: None,
    null: Null::Unknown,
    params: &[],
    optional: 0,
    returns: Returns::Texts,
    needs_resource: false,
    about: "",
    run: |_, _| Ok(Value::Null),
};

/// The table.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "trail_alarms",
        about: "Names of the metric filters on the log group of a running trail of all regions whose metric has an alarm that tells \
                somebody.",
        run: |m, _| {
            let watch = watch(m);
            let gaps = watch.gaps.into_iter().chain(watch.perhaps.into_iter().flat_map(|(_, cause)| cause.0)).collect();
            Ok(texts(watch.filters.iter().map(|f| f.label().to_string()).collect(), gaps))
        },
        ..PLAIN
    },
    Function {
        name: "unwatched",
        params: &[Param { name: "events", shape: Shape::List, null: Null::Refused }],
        about: "Those events of a list that none of these filters counts: each is an operation (\"cloudtrail:StopLogging\") or a record \
                of CloudTrail (JSON text; what it leaves out is that of an ordinary call).",
        run: |m, v| {
            let Some(Value::List(events)) = v.first() else { return Err(Unknown::because("no list")) };
            let watch = watch(m);
            let account = &m.world.estate.snapshot().meta.account;
            let (mut missed, mut gaps) = (Vec::new(), Vec::new());
            for event in events.iter() {
                let text = event.display();
                match watch.sees(&record(&text, account)?) {
                    Ok(true) => {}
                    Ok(false) => missed.push(text),
                    Err(cause) => gaps.extend(cause.0.into_iter().filter(|c| !gaps.contains(c)).collect::<Vec<_>>()),
                }
            }
            let shown: Vec<Json> = missed.iter().map(|text| Json::String(text.clone())).collect();
            m.note(None, "unwatched", || Json::Array(shown));
            Ok(texts(missed, gaps))
        },
        ..PLAIN
    },
];

fn texts<'a>(items: Vec<String>, gaps: Vec<String>) -> Value<'a> {
    let items: Vec<Value<'a>> = items.into_iter().map(Value::text).collect();
    Value::List(List { items: Items::Values(items.into()), gaps, of: None, path: String::new() })
}

/// The metric filters that lead from the trail to somebody.
struct Watch<'a> {
    filters: Vec<&'a Resource>,
    /// Those of which something was not read.
    perhaps: Vec<(&'a Resource, Unknown)>,
    /// Why there may be more.
    gaps: Vec<String>,
}

impl Watch<'_> {
    fn sees(&self, event: &Json) -> Result<bool, Unknown> {
        let mut causes = self.gaps.clone();
        for filter in &self.filters {
            match counts(filter, event) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(cause) => causes.extend(cause.0),
            }
        }
        for (filter, why) in &self.perhaps {
            match counts(filter, event) {
                Ok(true) => causes.extend(why.0.clone()),
                Ok(false) => {}
                Err(cause) => causes.extend(cause.0),
            }
        }
        if causes.is_empty() { Ok(false) } else { Err(Unknown(causes)) }
    }
}

fn counts(filter: &Resource, event: &Json) -> Result<bool, Unknown> {
    let pattern = read(filter, "config.pattern")?.and_then(Json::as_str).unwrap_or_default();
    match LogPattern::parse(pattern) {
        Ok(pattern) => Ok(pattern.takes_in(event)),
        Err(cause) => Err(Unknown::because(format!("the pattern of {} {} holds {cause}, which is not understood", filter.kind, filter.id))),
    }
}

/// An event as CloudTrail writes it.
fn record(text: &str, account: &str) -> Result<Json, Unknown> {
    let given = match text.split_once(':') {
        _ if text.starts_with('{') => serde_json::from_str(text).ok(),
        Some((service, operation)) => Some(json!({ "eventSource": format!("{service}.amazonaws.com"), "eventName": operation })),
        None => None,
    };
    let Some(Json::Object(given)) = given else {
        return Err(Unknown::because(format!("\"{text}\" is neither an operation nor a record of CloudTrail")));
    };
    let mut record = json!({
        "eventVersion": "1.11",
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "managementEvent": true,
        "readOnly": false,
        "recipientAccountId": account,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.0",
        "userIdentity": { "type": "IAMUser", "accountId": account, "userName": "somebody" },
    });
    if let Json::Object(fields) = &mut record {
        fields.extend(given);
    }
    Ok(record)
}

/// A value that was read, or why it was not.
fn read<'r>(r: &'r Resource, path: &str) -> Result<Option<&'r Json>, Unknown> {
    match unread(r, path) {
        Some(cause) => Err(Unknown::because(format!("{} {}: {path} not read: {cause}", r.kind, r.id))),
        None => Ok(r.get(path).filter(|v| !v.is_null())),
    }
}

fn is_true(r: &Resource, path: &str) -> Result<bool, Unknown> {
    match read(r, path)?.map(Json::as_bool) {
        Some(Some(truth)) => Ok(truth),
        _ => Err(Unknown::because(format!("{} {}: {path} is missing", r.kind, r.id))),
    }
}

/// Both, where a false decides.
fn both(a: Result<bool, Unknown>, b: Result<bool, Unknown>) -> Result<bool, Unknown> {
    match (a, b) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (Ok(true), b) => b,
        (Err(a), Ok(true)) => Err(a),
        (Err(a), Err(b)) => Err(a.and(b)),
    }
}

/// Either, where a true decides.
fn either(a: Result<bool, Unknown>, b: Result<bool, Unknown>) -> Result<bool, Unknown> {
    match (a, b) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (Ok(false), b) => b,
        (Err(a), Ok(false)) => Err(a),
        (Err(a), Err(b)) => Err(a.and(b)),
    }
}

fn resources<'a>(list: &List<'a>) -> Vec<&'a Resource> {
    list.iter().filter_map(|v| if let Value::Resource(r) = v { Some(r) } else { None }).collect()
}

fn watch<'a>(m: &mut Machine<'a>) -> Watch<'a> {
    m.asked_estate = true;
    let trails = m.world.all("aws_cloudtrail", None);
    let filters = m.world.all("aws_cloudwatch_log_metric_filter", None);
    let mut watch = Watch { filters: Vec::new(), perhaps: Vec::new(), gaps: trails.gaps.clone() };
    m.note(None, "all aws_cloudtrail", || Value::List(trails.clone()).to_json());
    for trail in resources(&trails) {
        let every_region = both(is_true(trail, "config.is_multi_region_trail"), is_true(trail, "facts.is_logging"));
        let runs = both(every_region, is_true(trail, "facts.records_management_events"));
        if runs == Ok(false) {
            continue;
        }
        let group = match read(trail, "config.cloud_watch_logs_group_arn") {
            Ok(group) => group.and_then(Json::as_str).filter(|arn| !arn.is_empty()),
            Err(cause) => {
                watch.gaps.extend(cause.0);
                continue;
            }
        };
        m.note(Some(trail), "config.cloud_watch_logs_group_arn", || json!(group));
        // arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*
        let parts: Vec<&str> = group.unwrap_or_default().split(':').collect();
        let [_, _, _, region, account, _, name, ..] = parts[..] else { continue };
        if account != m.world.estate.snapshot().meta.account {
            watch.gaps.push(format!("the log group of trail {} belongs to account {account}", trail.label()));
            continue;
        }
        watch.gaps.extend(m.world.gaps("aws_cloudwatch_log_metric_filter", Some(region)).iter().cloned());
        let on_group = |f: &&Resource| f.region == region && f.str("config.log_group_name") == Some(name);
        for filter in resources(&filters).into_iter().filter(on_group) {
            let told = both(runs.clone(), tells(m, filter));
            m.note(Some(filter), "config.pattern", || filter.get("config.pattern").cloned().unwrap_or_default());
            match told {
                Ok(true) => watch.filters.push(filter),
                Ok(false) => {}
                Err(cause) => watch.perhaps.push((filter, cause)),
            }
        }
    }
    watch
}

/// Whether an alarm on a filter's metric tells somebody.
fn tells(m: &Machine<'_>, filter: &Resource) -> Result<bool, Unknown> {
    let metrics: Vec<(&Json, &Json)> = read(filter, "config.metric_transformation")?
        .and_then(Json::as_array)
        .map(|all| all.iter().filter_map(|t| Some((t.get("namespace")?, t.get("name")?))).collect())
        .unwrap_or_default();
    let alarms = m.world.all("aws_cloudwatch_metric_alarm", Some(&filter.region));
    let composites = m.world.all("aws_cloudwatch_composite_alarm", Some(&filter.region));
    let mut answer = alarms.whole().map(|()| false);
    for alarm in resources(&alarms) {
        let watches =
            |of: &Json| metrics.iter().any(|(space, name)| of.get("namespace") == Some(space) && of.get("metric_name") == Some(name));
        let config = json!({ "namespace": alarm.get("config.namespace"), "metric_name": alarm.get("config.metric_name") });
        let queries = alarm.get("config.metric_query").and_then(Json::as_array);
        let queried = queries.is_some_and(|all| all.iter().filter_map(|q| q["metric"].as_array()).flatten().any(watches));
        if !watches(&config) && !queried {
            continue;
        }
        answer = either(answer, speaks(m, alarm));
        // An alarm without actions of its own may be part of one that has some.
        let name = alarm.str("config.alarm_name").unwrap_or(&alarm.id);
        let mut within = composites.whole().map(|()| false);
        for composite in resources(&composites) {
            let names = [format!("({name})"), format!("\"{name}\""), format!(":alarm:{name}")];
            if composite.str("config.alarm_rule").is_some_and(|rule| names.iter().any(|n| rule.contains(n))) {
                within = either(within, speaks(m, composite));
            }
        }
        answer = either(answer, within);
    }
    answer
}

/// Whether an alarm has an action that reaches somebody: a topic with a confirmed subscriber, a function, an incident.
fn speaks(m: &Machine<'_>, alarm: &Resource) -> Result<bool, Unknown> {
    let enabled = read(alarm, "config.actions_enabled").map(|v| v.and_then(Json::as_bool).unwrap_or(true));
    let mut reached = Ok(false);
    match read(alarm, "config.alarm_actions") {
        Ok(actions) => {
            for action in actions.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
                reached = either(reached, reaches(m, action));
            }
        }
        Err(cause) => reached = Err(cause),
    }
    both(enabled, reached)
}

fn reaches(m: &Machine<'_>, action: &str) -> Result<bool, Unknown> {
    let parts: Vec<&str> = action.split(':').collect();
    let [_, _, service, region, account, ..] = parts[..] else { return Ok(false) };
    match service {
        "lambda" | "ssm" | "ssm-incidents" => Ok(true),
        "sns" => match m.world.estate.by_arn(action) {
            Some(topic) => Ok(read(topic, "facts.subscriptions_confirmed")?.and_then(Json::as_f64).unwrap_or(0.0) > 0.0),
            None if account != m.world.estate.snapshot().meta.account => {
                Err(Unknown::because(format!("who listens to {action} is known in account {account}")))
            }
            None => m.world.all("aws_sns_topic", Some(region)).whole().map(|()| false),
        },
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_stands_for_a_whole_record() {
        let event = record("cloudtrail:StopLogging", "123456789012").unwrap();
        assert_eq!((&event["eventSource"], &event["eventName"]), (&json!("cloudtrail.amazonaws.com"), &json!("StopLogging")));
        assert_eq!(event["userIdentity"]["accountId"], "123456789012");
        let event = record(r#"{"eventName":"ConsoleLogin","userIdentity":{"type":"Root"}}"#, "123456789012").unwrap();
        assert_eq!((&event["userIdentity"], &event["eventType"]), (&json!({ "type": "Root" }), &json!("AwsApiCall")));
        assert!(record("StopLogging", "123456789012").is_err() && record("{", "123456789012").is_err());
    }
}
