"""Holds a file of OCSF events against the published schema (class `compliance_finding` with the cloud profile, of the version
that the events name) and prints every difference; ends with 1 when there is any.

    check_ocsf.py findings.ocsf.json
"""

import json
import sys

import jsonschema
from ocsf_json_schema import get_ocsf_schema
from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded

with open(sys.argv[1], encoding="utf-8") as file:
    events = json.load(file)
version = events[0]["metadata"]["version"]
schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version)).get_class_schema(class_name="compliance_finding", profiles=["cloud"])
validator = jsonschema.Draft202012Validator(schema)
wrong = 0
for number, event in enumerate(events):
    for error in validator.iter_errors(event):
        wrong += 1
        print(f"event {number}, {'.'.join(map(str, error.absolute_path))}: {error.message}")
print(f"{len(events)} events of OCSF {version}, {wrong} differences")
sys.exit(1 if wrong else 0)
