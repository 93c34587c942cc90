//! Key pairs for SSH.

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::time;

/// `aws_key_pair`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_key_pair"],
    calls: &[list("ec2:DescribeKeyPairs")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let request = scan.ec2().describe_key_pairs().include_public_key(true).send();
    for key in scan.list_once("ec2:DescribeKeyPairs", request, |k| k.key_pairs.unwrap_or_default()).await {
        let Some(name) = key.key_name() else { continue };
        let mut r = scan.resource("aws_key_pair", name);
        r.arn = key.key_pair_id().map(|id| scan.arn("ec2", &format!("key-pair/{id}")));
        r.name = Some(name.into());
        ec2_tags(&mut r, key.tags());
        r.set("key_name", name);
        match key.public_key().map(str::trim).filter(|k| !k.is_empty()) {
            Some(public) => {
                r.set("public_key", public);
            }
            None => r.mark_unread(&["config.public_key"], "AWS does not tell the public half of this key"),
        }
        r.fact("key_pair_id", key.key_pair_id())
            .fact("key_type", key.key_type().map(|t| t.as_str()))
            .fact("fingerprint", key.key_fingerprint())
            .fact("create_time", time(key.create_time()));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn keys_with_and_without_their_public_half() {
        let answer = ec2(
            "DescribeKeyPairs",
            "<keySet><item><keyPairId>key-1</keyPairId><keyName>ops team</keyName><keyFingerprint>1f:2e</keyFingerprint><keyType>ed25519</keyType>\
               <publicKey>ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHnG1YyZ8w0uQx6J4m3mI8nQ0a8C3b4Xc5W1e2R3t4Y5 ops\n</publicKey><createTime>2023-01-01T00:00:00.000Z</createTime></item>\
             <item><keyPairId>key-2</keyPairId><keyName>old</keyName><keyFingerprint>aa:bb</keyFingerprint><keyType>rsa</keyType></item></keySet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeKeyPairs", 200, &answer)]);
        assert_complete(&all);
        assert_eq!(all[0].id, "old");
        assert!(all[0].unread.contains_key("config.public_key"));
        assert_eq!(all[1].arn.as_deref(), Some("arn:aws:ec2:eu-west-3:123456789012:key-pair/key-1"));
        assert!(all[1].str("config.public_key").is_some_and(|k| k.starts_with("ssh-ed25519 AAAA") && k.ends_with("ops")));
        assert!(!all[1].facts.contains_key("secrets_found"), "a public key is no secret");
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeKeyPairs", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
