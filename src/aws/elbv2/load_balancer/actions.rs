//! Actions and conditions of listeners and rules in the shape of the provider's state.

use aws_sdk_elasticloadbalancingv2::types as elb;
use serde_json::{Map, Value, json};

use crate::aws::value::{block, set};
use crate::estate::Resource;

/// Target groups that actions forward to.
pub(super) fn target_groups(actions: &[elb::Action]) -> Vec<String> {
    let mut all = Vec::new();
    for action in actions {
        all.extend(action.target_group_arn().map(str::to_owned));
        let groups = action.forward_config().map_or(&[][..], |f| f.target_groups());
        all.extend(groups.iter().filter_map(|g| g.target_group_arn().map(str::to_owned)));
    }
    all
}

/// The one form in which a forward to a single target group was answered, where it was not answered in both.
pub(super) fn single_form(actions: &[elb::Action]) -> Option<&'static str> {
    actions.iter().find_map(|action| match (action.target_group_arn(), action.forward_config()) {
        (Some(_), None) => Some("target_group_arn"),
        (None, Some(forward)) if forward.target_groups().len() == 1 => Some("forward"),
        _ => None,
    })
}

/// All actions; what AWS keeps to itself is marked unread below `path`.
pub(super) fn actions(actions: &[elb::Action], path: &str, r: &mut Resource) -> Value {
    let mut sorted: Vec<&elb::Action> = actions.iter().collect();
    sorted.sort_by_key(|a| a.order());
    let shaped = sorted.iter().enumerate().map(|(i, action)| {
        if action.authenticate_oidc_config().is_some() {
            let secret = format!("{path}.{i}.authenticate_oidc.0.client_secret");
            r.mark_unread(&[&secret], "AWS never gives a client secret back");
        }
        one(action)
    });
    Value::Array(shaped.collect())
}

fn one(action: &elb::Action) -> Value {
    let groups = action.forward_config().map_or(&[][..], |f| f.target_groups());
    let stickiness = action.forward_config().and_then(|f| f.target_group_stickiness_config()).filter(|s| s.enabled() == Some(true));
    // One group without stickiness is what `target_group_arn` alone says.
    let plain = groups.len() <= 1 && stickiness.is_none();
    let single = action.target_group_arn().or_else(|| groups.first().and_then(|g| g.target_group_arn()));
    let forward = (!plain).then(|| {
        let mut targets: Vec<Value> = groups.iter().map(|g| json!({ "arn": g.target_group_arn(), "weight": g.weight() })).collect();
        targets.sort_by_cached_key(Value::to_string);
        let stickiness = stickiness.map(|s| json!({ "enabled": true, "duration": s.duration_seconds() }));
        json!({ "target_group": targets, "stickiness": block(stickiness) })
    });
    let redirect = action.redirect_config().map(|r| {
        json!({
            "host": r.host(),
            "path": r.path(),
            "port": r.port(),
            "protocol": r.protocol(),
            "query": r.query(),
            "status_code": r.status_code().map(|c| c.as_str()),
        })
    });
    let fixed = action
        .fixed_response_config()
        .map(|f| json!({ "content_type": f.content_type(), "message_body": f.message_body(), "status_code": f.status_code() }));
    json!({
        "type": action.r#type().map(|t| t.as_str()),
        "order": action.order(),
        "target_group_arn": if plain { single } else { None },
        "forward": block(forward),
        "redirect": block(redirect),
        "fixed_response": block(fixed),
        "authenticate_cognito": block(action.authenticate_cognito_config().map(cognito)),
        "authenticate_oidc": block(action.authenticate_oidc_config().map(oidc)),
    })
}

fn cognito(c: &elb::AuthenticateCognitoActionConfig) -> Value {
    let extra: Option<Map<String, Value>> =
        c.authentication_request_extra_params().map(|p| p.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect());
    json!({
        "authentication_request_extra_params": extra,
        "on_unauthenticated_request": c.on_unauthenticated_request().map(|o| o.as_str()),
        "scope": c.scope(),
        "session_cookie_name": c.session_cookie_name(),
        "session_timeout": c.session_timeout(),
        "user_pool_arn": c.user_pool_arn(),
        "user_pool_client_id": c.user_pool_client_id(),
        "user_pool_domain": c.user_pool_domain(),
    })
}

fn oidc(c: &elb::AuthenticateOidcActionConfig) -> Value {
    let extra: Option<Map<String, Value>> =
        c.authentication_request_extra_params().map(|p| p.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect());
    json!({
        "authentication_request_extra_params": extra,
        "authorization_endpoint": c.authorization_endpoint(),
        "client_id": c.client_id(),
        "issuer": c.issuer(),
        "on_unauthenticated_request": c.on_unauthenticated_request().map(|o| o.as_str()),
        "scope": c.scope(),
        "session_cookie_name": c.session_cookie_name(),
        "session_timeout": c.session_timeout(),
        "token_endpoint": c.token_endpoint(),
        "user_info_endpoint": c.user_info_endpoint(),
    })
}

/// One condition: one block by its field, the other blocks empty.
pub(super) fn condition(condition: &elb::RuleCondition) -> Value {
    // Old rules carry the values beside the field, newer ones in a part of their own.
    let values = |own: Option<&[String]>| {
        let values = own.filter(|v| !v.is_empty()).unwrap_or_else(|| condition.values());
        block(Some(json!({ "values": set(values) })))
    };
    let empty = || Value::Array(Vec::new());
    let mut shaped = json!({
        "host_header": empty(), "http_header": empty(), "http_request_method": empty(), "path_pattern": empty(), "query_string": empty(), "source_ip": empty(),
    });
    match condition.field() {
        Some("host-header") => shaped["host_header"] = values(condition.host_header_config().map(|c| c.values())),
        Some("path-pattern") => shaped["path_pattern"] = values(condition.path_pattern_config().map(|c| c.values())),
        Some("http-request-method") => shaped["http_request_method"] = values(condition.http_request_method_config().map(|c| c.values())),
        Some("source-ip") => shaped["source_ip"] = values(condition.source_ip_config().map(|c| c.values())),
        Some("http-header") => {
            let header =
                condition.http_header_config().map(|c| json!({ "http_header_name": c.http_header_name(), "values": set(c.values()) }));
            shaped["http_header"] = block(header);
        }
        Some("query-string") => {
            let pairs = condition.query_string_config().map_or(&[][..], |c| c.values());
            let mut pairs: Vec<Value> = pairs.iter().map(|p| json!({ "key": p.key(), "value": p.value() })).collect();
            pairs.sort_by_cached_key(Value::to_string);
            shaped["query_string"] = Value::Array(pairs);
        }
        _ => {}
    }
    shaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forward_in_one_form_only_is_told() {
        let group = |arn: &str| elb::TargetGroupTuple::builder().target_group_arn(arn).build();
        let config =
            |arns: &[&str]| elb::ForwardActionConfig::builder().set_target_groups(Some(arns.iter().map(|a| group(a)).collect())).build();
        let short = || elb::Action::builder().r#type(elb::ActionTypeEnum::Forward).target_group_arn("arn:a");
        let long = |arns: &[&str]| elb::Action::builder().r#type(elb::ActionTypeEnum::Forward).forward_config(config(arns));
        assert_eq!(single_form(&[short().forward_config(config(&["arn:a"])).build()]), None, "as AWS answers");
        assert_eq!(single_form(&[short().build()]), Some("target_group_arn"));
        assert_eq!(single_form(&[long(&["arn:a"]).build()]), Some("forward"));
        assert_eq!(single_form(&[long(&["arn:a", "arn:b"]).build()]), None, "several groups have one form only");
        assert_eq!(single_form(&[elb::Action::builder().r#type(elb::ActionTypeEnum::Redirect).build()]), None);
    }
}
