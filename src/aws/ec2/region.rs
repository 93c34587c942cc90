//! What a region's EC2 is set to: defaults and blocks that hold for the whole account there.

use serde_json::json;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};

/// `x_region`, and `aws_ebs_encryption_by_default` where it is on.
pub const COLLECTOR: Collector = Collector {
    types: &["x_region", "aws_ebs_encryption_by_default"],
    calls: &[
        list("ec2:GetEbsEncryptionByDefault").yields(&["aws_ebs_encryption_by_default"]),
        detail("ec2:GetEbsDefaultKmsKeyId"),
        detail("ec2:GetSnapshotBlockPublicAccessState"),
        detail("ec2:GetImageBlockPublicAccessState"),
        detail("ec2:GetSerialConsoleAccessStatus"),
        detail("ec2:GetInstanceMetadataDefaults"),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let ec2 = scan.ec2();
    let mut r = scan.resource("x_region", &scan.region);
    r.name = Some(scan.region.clone());
    let request = ec2.get_ebs_encryption_by_default().send();
    let encryption = scan.detail(&mut r, "ec2:GetEbsEncryptionByDefault", &["facts.ebs_encryption_by_default"], request).await;
    let encrypts = encryption.got().and_then(|a| a.ebs_encryption_by_default());
    if let Some(on) = encrypts {
        r.fact("ebs_encryption_by_default", on);
    }
    let request = ec2.get_ebs_default_kms_key_id().send();
    if let Detail::Got(answer) = scan.detail(&mut r, "ec2:GetEbsDefaultKmsKeyId", &["facts.ebs_default_kms_key_id"], request).await {
        r.fact("ebs_default_kms_key_id", answer.kms_key_id());
    }
    let request = ec2.get_snapshot_block_public_access_state().send();
    let paths = ["facts.snapshot_block_public_access"];
    if let Detail::Got(answer) = scan.detail(&mut r, "ec2:GetSnapshotBlockPublicAccessState", &paths, request).await {
        r.fact("snapshot_block_public_access", answer.state().map(|s| s.as_str()));
    }
    let request = ec2.get_image_block_public_access_state().send();
    let paths = ["facts.image_block_public_access"];
    if let Detail::Got(answer) = scan.detail(&mut r, "ec2:GetImageBlockPublicAccessState", &paths, request).await {
        r.fact("image_block_public_access", answer.image_block_public_access_state());
    }
    let request = ec2.get_serial_console_access_status().send();
    let paths = ["facts.serial_console_access"];
    if let Detail::Got(answer) = scan.detail(&mut r, "ec2:GetSerialConsoleAccessStatus", &paths, request).await {
        r.fact("serial_console_access", answer.serial_console_access_enabled());
    }
    let request = ec2.get_instance_metadata_defaults().send();
    if let Detail::Got(answer) = scan.detail(&mut r, "ec2:GetInstanceMetadataDefaults", &["facts.imds_defaults"], request).await {
        let defaults = answer.account_level().map(|d| {
            json!({
                "http_tokens": d.http_tokens().map(|v| v.as_str()),
                "http_endpoint": d.http_endpoint().map(|v| v.as_str()),
                "http_put_response_hop_limit": d.http_put_response_hop_limit(),
                "instance_metadata_tags": d.instance_metadata_tags().map(|v| v.as_str()),
            })
        });
        r.fact("imds_defaults", defaults);
    }
    if encrypts == Some(true) {
        // The setting has no id of its own; the provider takes any.
        let mut setting = scan.resource("aws_ebs_encryption_by_default", &scan.region);
        setting.set("enabled", true);
        if let Some(key) = r.facts.get("ebs_default_kms_key_id") {
            setting.fact("default_kms_key_id", key.clone());
        }
        scan.emit(setting);
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};

    #[test]
    fn the_settings_of_a_region() {
        let on = ec2("GetEbsEncryptionByDefault", "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>");
        let key = ec2("GetEbsDefaultKmsKeyId", "<kmsKeyId>alias/aws/ebs</kmsKeyId>");
        let snapshots = ec2("GetSnapshotBlockPublicAccessState", "<state>unblocked</state>");
        let images = ec2("GetImageBlockPublicAccessState", "<imageBlockPublicAccessState>block-new-sharing</imageBlockPublicAccessState>");
        let console = ec2("GetSerialConsoleAccessStatus", "<serialConsoleAccessEnabled>false</serialConsoleAccessEnabled>");
        let imds = ec2("GetInstanceMetadataDefaults", "<accountLevel><httpTokens>required</httpTokens></accountLevel>");
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("ec2:GetEbsEncryptionByDefault", 200, &on),
                ("ec2:GetEbsDefaultKmsKeyId", 200, &key),
                ("ec2:GetSnapshotBlockPublicAccessState", 200, &snapshots),
                ("ec2:GetImageBlockPublicAccessState", 200, &images),
                ("ec2:GetSerialConsoleAccessStatus", 200, &console),
                ("ec2:GetInstanceMetadataDefaults", 200, &imds),
            ],
        );
        assert_complete(&all);
        assert_eq!((all[0].kind.as_str(), all[0].config["enabled"].as_bool()), ("aws_ebs_encryption_by_default", Some(true)));
        let region = &all[1];
        assert_eq!((region.kind.as_str(), region.id.as_str()), ("x_region", "eu-west-3"));
        assert!(region.bool("facts.ebs_encryption_by_default"));
        assert_eq!(region.str("facts.snapshot_block_public_access"), Some("unblocked"));
        assert_eq!(region.str("facts.imds_defaults.http_tokens"), Some("required"));
    }

    #[test]
    fn what_was_refused_is_unread_and_not_off() {
        let off = ec2("GetEbsEncryptionByDefault", "<ebsEncryptionByDefault>false</ebsEncryptionByDefault>");
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("ec2:GetEbsEncryptionByDefault", 200, &off),
                ("ec2:GetEbsDefaultKmsKeyId", 403, EC2_DENIED),
                ("ec2:GetSnapshotBlockPublicAccessState", 403, EC2_DENIED),
                ("ec2:GetImageBlockPublicAccessState", 403, EC2_DENIED),
                ("ec2:GetSerialConsoleAccessStatus", 403, EC2_DENIED),
                ("ec2:GetInstanceMetadataDefaults", 403, EC2_DENIED),
            ],
        );
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].facts["ebs_encryption_by_default"], false);
        assert_eq!(all[0].unread.len(), 5);
        assert!(!all[0].facts.contains_key("serial_console_access"));
    }
}
