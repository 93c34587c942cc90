//! Functions over policy documents; what a document says is [`crate::policy`]'s.

use std::sync::Arc;

use super::{Function, Null, Param, Returns, Shape, text};
use crate::policy::Policy;
use crate::rules::value::{Unknown, Value};

fn of<'v>(v: &'v [Value<'_>]) -> Result<&'v Policy, Unknown> {
    match v.first() {
        Some(Value::Policy(policy)) => Ok(policy),
        _ => Err(Unknown::because("no policy")),
    }
}

fn texts<'a>(list: Vec<String>) -> Value<'a> {
    Value::list(list.into_iter().map(Value::text).collect())
}

const ACCOUNT: Param = Param { name: "account", shape: Shape::Text, null: Null::Refused };

const PLAIN: Function = Function {
    name: "",
    on: Some(Shape::Policy),
    null: Null::Unknown,
    params: &[],
    optional: 0,
    returns: Returns::Bool,
    needs_resource: false,
    about: "",
    run: |_, _| Ok(Value::Null),
};

/// The table.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "policy",
        on: None,
        params: &[Param { name: "document", shape: Shape::Text, null: Null::Meant }],
        returns: Returns::Policy,
        about: "A policy document (JSON text). Null is a policy that allows nothing; text that is no policy is unknown.",
        run: |_, v| match Policy::parse(text(v, 0)) {
            Ok(policy) => Ok(Value::Policy(Arc::new(policy))),
            Err(cause) => Err(Unknown::because(cause)),
        },
        ..PLAIN
    },
    Function {
        name: "allows_public",
        about: "Whether anybody may do something: Principal * (or NotPrincipal) without a condition that narrows it to an account, organisation, resource or network, and not denied again.",
        run: |_, v| Ok(Value::Bool(of(v)?.allows_public())),
        ..PLAIN
    },
    Function {
        name: "allows_action",
        params: &[
            Param { name: "action", shape: Shape::Text, null: Null::Refused },
            Param { name: "resource", shape: Shape::Text, null: Null::Refused },
        ],
        about: "Whether it allows an action on a resource without a condition and without denying it. (\"*\", \"*\") asks for full rights.",
        run: |_, v| Ok(Value::Bool(of(v)?.allows_action(text(v, 1), text(v, 2)))),
        ..PLAIN
    },
    Function {
        name: "allows_privilege_escalation",
        about: "Whether its holder can give itself more rights. Full rights count too: exclude them with allows_action(\"*\", \"*\").",
        run: |_, v| Ok(Value::Bool(!of(v)?.escalations().is_empty())),
        ..PLAIN
    },
    Function {
        name: "escalations",
        returns: Returns::Texts,
        about: "The actions by which its holder can give itself more rights.",
        run: |_, v| Ok(texts(of(v)?.escalations())),
        ..PLAIN
    },
    Function {
        name: "trusts_external",
        params: &[ACCOUNT],
        about: "Whether it admits another account than the given one, or anybody.",
        run: |_, v| Ok(Value::Bool(!of(v)?.external_accounts(text(v, 1)).is_empty())),
        ..PLAIN
    },
    Function {
        name: "trusts_without_external_id",
        params: &[ACCOUNT],
        about: "Whether it admits another account without an external id, an organisation or a second factor to hold it.",
        run: |_, v| Ok(Value::Bool(of(v)?.trusts_without_external_id(text(v, 1)))),
        ..PLAIN
    },
    Function {
        name: "external_accounts",
        params: &[ACCOUNT],
        returns: Returns::Texts,
        about: "The accounts other than the given one that it admits; * for anybody.",
        run: |_, v| Ok(texts(of(v)?.external_accounts(text(v, 1)))),
        ..PLAIN
    },
    Function {
        name: "allows_any_oidc_subject",
        about: "Whether an OpenID Connect provider (GitHub, GitLab …) is trusted without naming whose tokens: no condition on its sub claim, or one that is open.",
        run: |_, v| Ok(Value::Bool(of(v)?.allows_any_oidc_subject())),
        ..PLAIN
    },
    Function {
        name: "requires_tls",
        about: "Whether it denies requests without TLS to everybody.",
        run: |_, v| Ok(Value::Bool(of(v)?.requires_tls())),
        ..PLAIN
    },
    Function {
        name: "unguarded_services",
        returns: Returns::Texts,
        about: "AWS services that it admits without a condition on account, organisation or source resource.",
        run: |_, v| Ok(texts(of(v)?.unguarded_services())),
        ..PLAIN
    },
    Function { name: "is_empty", about: "Whether it has no statement.", run: |_, v| Ok(Value::Bool(of(v)?.is_empty())), ..PLAIN },
];
