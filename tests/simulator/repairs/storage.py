"""S3."""

import moto.s3.responses as s3
from moto.core.responses import ActionResult

from .tools import around


def buckets_tell_their_region():
    """s3:ListBuckets: moto names no region; AWS answers BucketRegion to a request that carries a parameter."""

    @around(s3.S3Response, "all_buckets")
    def all_buckets(original, self):
        given = {name.replace("-", "_"): self._get_param(name) for name in ("prefix", "bucket-region", "max-buckets")}
        if not any(given.values()):
            return original(self)
        self.data["Action"] = "ListAllMyBuckets"
        self._authenticate_and_authorize_s3_action()
        found = self.backend.list_buckets(**given)
        self.data["Action"] = "ListBuckets"
        items = [{"Name": b.name, "CreationDate": b.creation_date_ISO8601, "BucketRegion": b.region_name} for b in found]
        return self.serialized(ActionResult({"Owner": {"ID": "bcaf1ffd86f41161ca5fb16fd081034f", "DisplayName": "webfile"}, "Buckets": items}))


REPAIRS = [buckets_tell_their_region]
