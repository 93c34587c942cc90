//! Many accounts: which there are in the organisation, and whose credentials we hold ourselves.

use serde_json::{Value, json};

use super::call::ApiError;
use super::collector::{Call, detail};
use super::session::{Access, Session};
use super::value::{items, text};
use crate::error::Error;

const LIST_ACCOUNTS: Call = detail("organizations:ListAccounts");

/// What a run over many accounts asks before the first of them.
pub const CALLS: &[Call] = &[LIST_ACCOUNTS];

/// An account to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Account number.
    pub id: String,
    /// What the organisation or the user calls it.
    pub name: Option<String>,
}

/// The account of the credentials that are there before any role is assumed.
///
/// # Errors
/// When there are none.
pub fn own(access: &Access) -> Result<String, Error> {
    runtime()?.block_on(async { Ok(Session::open(access).await?.account) })
}

/// The active accounts of the organisation, by number.
///
/// # Errors
/// When there are no credentials, or the organisation does not answer.
pub fn members(access: &Access) -> Result<Vec<Member>, Error> {
    runtime()?.block_on(async {
        let session = Session::open(access).await?;
        organization(&session).await.map_err(|e| {
            Error::access(format!("cannot list the accounts of the organisation: {e}"))
                .hint("only its management account and delegated administrators may (organizations:ListAccounts)")
                .hint("or name them: --accounts 111111111111,222222222222")
        })
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal(format!("cannot start the runtime: {e}")))
}

async fn organization(session: &Session) -> Result<Vec<Member>, ApiError> {
    let home = session.home();
    let mut all = Vec::new();
    let mut input = json!({});
    loop {
        let page: Value = session.send(&LIST_ACCOUNTS, home, session.json(home, LIST_ACCOUNTS.name, input.clone())).await?;
        for account in items(&page, "Accounts") {
            // `State` takes the place of `Status` from September 2026 on.
            let state = text(account, "State").or_else(|| text(account, "Status"));
            if let (Some(id), Some("ACTIVE")) = (text(account, "Id"), state) {
                all.push(Member { id: id.to_owned(), name: text(account, "Name").map(str::to_owned) });
            }
        }
        match text(&page, "NextToken").filter(|t| !t.is_empty()) {
            Some(token) if input.get("NextToken").and_then(Value::as_str) != Some(token) => input = json!({ "NextToken": token }),
            _ => break,
        }
    }
    all.sort();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_accounts_are_left_out_and_pages_are_read() {
        let session = crate::aws::testing::session(&[
            (
                "organizations:ListAccounts",
                200,
                r#"{"Accounts":[{"Id":"222222222222","Name":"shop","State":"ACTIVE","Status":"ACTIVE"},{"Id":"333333333333","Status":"SUSPENDED"}],"NextToken":"more"}"#,
            ),
            ("organizations:ListAccounts", 200, r#"{"Accounts":[{"Id":"111111111111","Status":"ACTIVE"}]}"#),
        ]);
        let all = runtime().unwrap().block_on(organization(&session)).unwrap();
        assert_eq!(
            all.iter().map(|m| (m.id.as_str(), m.name.as_deref())).collect::<Vec<_>>(),
            [("111111111111", None), ("222222222222", Some("shop"))]
        );
    }
}
