//! Hand-made estates for tests.

use serde_json::Value;

use super::{Estate, LedgerEntry, Meta, Outcome, Resource, Snapshot};

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-west-3";

/// A resource in the making.
pub struct Build(Resource);

impl Build {
    pub fn new(kind: &str, id: &str) -> Build {
        Build(Resource::new(kind, ACCOUNT, REGION, id))
    }

    pub fn region(mut self, region: &str) -> Build {
        self.0.region = region.into();
        self
    }

    pub fn name(mut self, name: &str) -> Build {
        self.0.name = Some(name.into());
        self
    }

    pub fn arn(mut self, arn: &str) -> Build {
        self.0.arn = Some(arn.into());
        self
    }

    pub fn tag(mut self, key: &str, value: &str) -> Build {
        self.0.tags.insert(key.into(), value.into());
        self
    }

    pub fn set(mut self, argument: &str, value: impl Into<Value>) -> Build {
        self.0.set(argument, value);
        self
    }

    pub fn fact(mut self, name: &str, value: impl Into<Value>) -> Build {
        self.0.fact(name, value);
        self
    }

    pub fn get(self) -> Resource {
        self.0
    }
}

/// A listing with its outcome.
pub fn listing(call: &str, outcome: Outcome, types: &[&str]) -> LedgerEntry {
    LedgerEntry {
        account: ACCOUNT.into(),
        region: REGION.into(),
        call: call.into(),
        outcome,
        count: 0,
        requests: 1,
        failures: 0,
        vanished: 0,
        listing: true,
        types: types.iter().map(ToString::to_string).collect(),
        permissions: vec![call.into()],
        code: None,
        message: None,
        request_id: None,
    }
}

/// A snapshot in which every type of the provider was listed to its end.
pub fn snapshot_of(resources: Vec<Resource>) -> Snapshot {
    let types: Vec<&str> = crate::schema::provider().types().collect();
    Snapshot {
        meta: Meta { account: ACCOUNT.into(), regions: vec![REGION.into()], ..Meta::default() },
        ledger: vec![listing("all:Everything", Outcome::Done, &types)],
        resources,
        ..Snapshot::default()
    }
}

/// The estate of [`snapshot_of`].
pub fn estate_of(resources: Vec<Resource>) -> Estate {
    Estate::new(snapshot_of(resources))
}

/// As [`estate_of`], with the listing of some types failed.
pub fn estate_without(resources: Vec<Resource>, call: &str, outcome: Outcome, types: &[&str]) -> Estate {
    let mut snapshot = snapshot_of(resources);
    snapshot.ledger[0].types.retain(|t| !types.contains(&t.as_str()));
    snapshot.ledger.push(listing(call, outcome, types));
    Estate::new(snapshot)
}
