"""SES."""

import hashlib

import moto.ses.models as ses

from .tools import after


def identities():
    """sesv2:GetEmailIdentity: moto's identities are never verified, have no DKIM tokens and no mail-from; AWS makes
    DKIM keys for a domain at once, and what is verified says so (unless a population says otherwise, `history`)."""

    @after(ses.EmailIdentity, "__init__")
    def init(self, *_args, **_kwargs):
        self.verified_for_sending_status = self.feedback_forwarding_status = True
        self.tags = self.tags or []
        self.mail_from = {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
        if self.identity_type == "EMAIL_ADDRESS":
            self.dkim_attributes = {"SigningEnabled": False, "Status": "NOT_STARTED", "SigningAttributesOrigin": "AWS_SES"}
            return
        tokens = [hashlib.sha256(f"{self.email_identity}/{n}".encode()).hexdigest()[:32] for n in range(3)]
        self.dkim_attributes = {
            "SigningEnabled": True,
            "Status": "SUCCESS",
            "Tokens": tokens,
            "SigningAttributesOrigin": "AWS_SES",
            "NextSigningKeyLength": "RSA_2048_BIT",
            "CurrentSigningKeyLength": "RSA_2048_BIT",
            "LastKeyGenerationTimestamp": 1731402000,
        }

    plain = ses.EmailIdentity.get_response_object.fget
    ses.EmailIdentity.get_response_object = property(lambda self: {**plain(self), "MailFromAttributes": self.mail_from})


def configuration_sets():
    """sesv2:GetConfigurationSet: moto puts an object where SendingEnabled is a boolean; typed SDKs cannot read that."""

    plain = ses.ConfigurationSet.to_dict_v2

    def to_dict_v2(self):
        given = plain(self)
        enabled = self.enabled.get("SendingEnabled", True) if isinstance(self.enabled, dict) else bool(self.enabled)
        given["SendingOptions"] = {"SendingEnabled": enabled}
        given["DeliveryOptions"] = given["DeliveryOptions"] or {"TlsPolicy": "OPTIONAL"}
        given["ReputationOptions"] = given["ReputationOptions"] or {"ReputationMetricsEnabled": False}
        return {k: v for k, v in given.items() if v != {}}

    ses.ConfigurationSet.to_dict_v2 = to_dict_v2


REPAIRS = [identities, configuration_sets]
