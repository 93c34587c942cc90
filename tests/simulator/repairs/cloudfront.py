"""CloudFront."""

import moto.cloudfront.models as cloudfront

from moto.acm.models import acm_backends
from moto.core.utils import utcnow

from .tools import after, around


def origins():
    """cloudfront:GetDistribution: moto loses OriginAccessControlId."""

    @around(cloudfront.Origin, "__init__")
    def init(original, self, given):
        original(self, given)
        self.origin_access_control_id = given.get("OriginAccessControlId") or ""
        if "S3OriginConfig" in given:
            self.s3_origin_config = {"OriginAccessIdentity": given["S3OriginConfig"].get("OriginAccessIdentity") or ""}


def behaviours():
    """cloudfront:GetDistribution: moto invents ForwardedValues beside CachePolicyId, drops function and Lambda
    associations, and answers TTLs of 0 beside a policy; AWS answers the one or the other."""

    @around(cloudfront.DefaultCacheBehaviour, "__init__")
    def init(original, self, given):
        policy = given.get("CachePolicyId")
        original(self, given)
        if policy:
            self.forwarded_values = self.min_ttl = self.default_ttl = self.max_ttl = None
        else:
            self.cache_policy_id = None
        for name, key in (("function_associations", "FunctionAssociations"), ("lambda_function_associations", "LambdaFunctionAssociations")):
            items = (given.get(key) or {}).get("Items") or []
            setattr(self, name, {"Quantity": len(items), "Items": items or None})


def origin_groups():
    """cloudfront:CreateDistribution: a default behaviour may lead to a group of origins; moto knows only origins."""

    @around(cloudfront.DistributionConfig, "__init__")
    def init(original, self, given):
        groups = {group["Id"] for group in (given.get("OriginGroups") or {}).get("Items") or []}
        behaviour = given["DefaultCacheBehavior"]
        target = behaviour["TargetOriginId"]
        if target in groups:
            behaviour["TargetOriginId"] = given["Origins"]["Items"][0]["Id"]
        original(self, given)
        self.DefaultCacheBehavior.target_origin_id = target


def viewer_certificate():
    """cloudfront:GetDistribution: with the default certificate AWS answers SSLSupportMethod "vip" and TLSv1;
    moto invents "sni-only"."""

    @around(cloudfront.ViewerCertificate, "__init__")
    def init(original, self, given):
        original(self, given)
        if self.cloud_front_default_certificate in (True, "true"):
            self.ssl_support_method = "vip"
            self.minimum_protocol_version = "TLSv1"
            self.acm_certificate_arn = self.iam_certificate_id = None
        else:
            self.cloud_front_default_certificate = False
            self.certificate_source = "acm" if self.acm_certificate_arn else "iam"
            self.certificate = self.acm_certificate_arn or self.iam_certificate_id
            self.iam_certificate_id = self.iam_certificate_id or None


def dates_and_certificates():
    """cloudfront:GetDistribution: moto dates every change 2021-11-27.
    acm:DescribeCertificate: AWS lists the distributions that use a certificate in InUseBy; moto does not."""

    @after(cloudfront.Distribution, "__init__")
    def init(self, account_id, region_name, config):
        self.last_modified_time = utcnow()
        arn = self.distribution_config.ViewerCertificate.acm_certificate_arn
        found = acm_backends[account_id]["us-east-1"]._certificates.get(arn) if arn else None
        if found is not None:
            found.in_use_by.append(self.arn)


REPAIRS = [dates_and_certificates, origins, behaviours, origin_groups, viewer_certificate]
