#!/usr/bin/env python3
"""GeoReport v2 and the extensions of the field, clause by clause, against a running district: the real daemons on a real store. Every answer is
held against the OpenAPI description that the door serves, and all that it describes must have been seen.

usage: test_open311.py ROOT BUILD          TAP on standard output"""
import pathlib
import shutil
import sys
import tempfile

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path.insert(0, str(ROOT / "tools/district"))  # daemons.py and run.py

import jsonschema
import open311_updates  # its clauses join the others'
from open311_clauses import CLAUSES
from open311_stage import CityStage, Client, inlined
from rough_client import Wrong, expect
from tap import Tap

ENDINGS = ["xml", "json"]
# What only a failing store or a full queue answers (unit test ingest/daemon), the missing jurisdiction_id of a book that requires one, and
# too many lists, which the own machine may ask for (both: ingest/access).
NOT_HERE = {"503"}
NEVER_MISSING = {("GET", "/services.{format}", "400"), ("GET", "/services/{service_code}.{format}", "400"),
                 ("GET", "/requests/{service_request_id}.{format}", "400"), ("GET", "/tokens/{token}.{format}", "400"),
                 ("POST", "/servicerequestupdates.{format}", "413"), ("POST", "/servicerequestupdates.{format}", "429"),
                 ("GET", "/requests.{format}", "429"), ("GET", "/servicerequestupdates.{format}", "429")}


def the_description_is_sound(stage):
    document = stage.description.document
    expect(document["openapi"], "3.1.0", "openapi")
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(inlined(schema, document))
        if not schema.get("xml", {}).get("name") and name not in ("Id", "Extension"):
            raise Wrong(f"schema {name} has no element name")
    for template, item in document["paths"].items():
        for method in item.keys() - {"servers"}:
            operation = inlined(item[method], document)
            named = {row["name"] for row in operation["parameters"] if row["in"] == "path"}
            expect(named, {part.partition("}")[0] for part in template.split("{")[1:]}, f"{method} {template}: parameters of the path")


def all_that_is_described_was_seen(stage):
    unseen = [row for row in stage.description.unseen(NOT_HERE) if row[:3] not in NEVER_MISSING]
    expect(unseen, [], "described, and never answered")


def main():
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="open311-"))
    tap, stage = Tap(), None
    try:
        stage = CityStage(ROOT, BUILD, scratch)
        stage.open()
        tap.test("the OpenAPI description is sound", the_description_is_sound, stage)
        for name, check in CLAUSES:
            for ending in ENDINGS:
                tap.test(f"{name} ({ending})", lambda check=check, ending=ending: check(stage, Client(stage, ending)))
        tap.test("all that the description promises was seen", all_that_is_described_was_seen, stage)
        stage.district.stop()
    finally:
        if stage:
            stage.kill()
        shutil.rmtree(scratch)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
