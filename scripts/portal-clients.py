"""Clients of open data portals, as they come from their makers, against a running city: ckanapi and frictionless.

    scripts/with-server "$zt_portal/bin/python" scripts/portal-clients.py

The key of a department's program is got as an officer gets it: scripts/portal-key.mjs logs in and asks for one.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import urllib.request

import ckanapi
from frictionless import Catalog, FrictionlessException, Package, Resource, validate
from frictionless.portals import CkanControl

URL = os.environ["ZT_URL"]
ROOT = os.environ["ZT_ROOT"]
COMMAND = os.path.join(os.path.dirname(sys.executable), "ckanapi")
checked = []


def check(what, holds, seen=None):
    """One thing that must hold."""
    if not holds:
        print(f"FAILED {what}: {seen!r}")
        sys.exit(1)
    checked.append(what)


def refused(what, error, call, *holds):
    """A call that must be refused with an error of the client's own kind."""
    try:
        call()
    except error as told:
        check(what, all(word in str(told) for word in holds), str(told))
        return
    check(what, False, "it was carried out")


def get(path, accept="*/*"):
    request = urllib.request.Request(URL + path, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers, answer.read()


def command(*arguments, given=None):
    """The program of ckanapi."""
    # It starts itself again by its name.
    paths = {**os.environ, "PATH": f"{os.path.dirname(COMMAND)}:{os.environ['PATH']}"}
    run = subprocess.run([COMMAND, *arguments], input=given, capture_output=True, timeout=60, check=False, env=paths)
    check(f"ckanapi {' '.join(arguments[:2])}", run.returncode == 0, run.stderr.decode()[-900:])
    return run.stdout


def read(visitor):
    status = visitor.action.status_show()
    check("status_show", status["ckan_version"].startswith("2.") and status["site_url"] != "", status)
    check("site_read", visitor.action.site_read() is True)
    names = visitor.action.package_list()
    check("open datasets of the platform are there", "base-legal-organisation" in names or len(names) > 0, names)
    found = visitor.action.package_search(q="", rows=1000, **{"facet.field": ["organization", "res_format"]})
    check("package_search finds what package_list names", found["count"] == len(names), found["count"])
    formats = found["facets"]["res_format"]
    check("facets are counted", formats.get("CSV", 0) > 0 and formats["CSV"] <= found["count"], formats)
    first = found["results"][0]
    only = visitor.action.package_search(fq=f"organization:{first['organization']['name']}")
    none = visitor.action.package_search(fq=f"-organization:{first['organization']['name']}")
    check("fq divides the datasets", 0 < only["count"] and only["count"] + none["count"] == found["count"], none["count"])
    later = visitor.action.package_search(fq="metadata_modified:[2100-01-01T00:00:00Z TO *]")
    check("fq knows moments", later["count"] == 0, later["count"])
    refused("a filter that cannot be read", ckanapi.errors.SearchQueryError, lambda: visitor.action.package_search(fq="colour:red"))
    shown = visitor.action.package_show(id=first["id"])
    check("package_show by identifier", shown["name"] == first["name"], shown["name"])
    table = next(one for one in shown["resources"] if one["datastore_active"])
    rows = visitor.action.datastore_search(resource_id=table["id"], limit=7, offset=3)
    check("datastore_search gives rows", 0 < len(rows["records"]) <= 7 and rows["total"] >= len(rows["records"]), rows["total"])
    names_of = [one["id"] for one in rows["fields"]]
    check("rows are numbered from the offset", rows["records"][0]["_id"] == 4, rows["records"][0])
    divisions = visitor.action.package_show(id="base-geo-division")
    codes = next(one["id"] for one in divisions["resources"] if one["datastore_active"])
    rows = visitor.action.datastore_search(resource_id=codes, sort="code desc", limit=100)
    seen = [one["code"] for one in rows["records"]]
    check("a table of the platform is sorted", len(seen) > 1 and seen == sorted(seen, reverse=True), seen[:3])
    one = visitor.action.datastore_search(resource_id=codes, q={"name": rows["records"][0]["name"]}, limit=100)
    check("words for a field are found in it", seen[0] in [row["code"] for row in one["records"]], one["total"])
    info = visitor.action.datastore_info(id=table["id"])
    check("datastore_info", [one["id"] for one in info["fields"]] == names_of[1:], info)
    refused("what is not there", ckanapi.NotFound, lambda: visitor.action.package_show(id="no-such-dataset"))
    refused("a visitor cannot write", ckanapi.NotAuthorized, lambda: visitor.action.organization_create(name="nobody"))
    refused("raw SQL is not offered", ckanapi.CKANAPIError, lambda: visitor.action.datastore_search_sql(sql="SELECT 1"))
    return shown


def write(program, visitor):
    unit = program.action.organization_create(name="water-office", title="水务处", description="管水的")
    group = program.action.group_create(name="environment", title="环境")
    check("organization_list", "water-office" in visitor.action.organization_list())
    check("group_show", visitor.action.group_show(id=group["id"])["title"] == "环境")
    made = program.action.package_create(
        name="river-levels", title="河道水位", notes="每小时的水位", owner_org="water-office", license_id="cc-by",
        tags=[{"name": "水位"}, {"name": "河道"}], groups=[{"name": "environment"}], extras=[{"key": "站数", "value": "12"}],
    )
    check("package_create", made["organization"]["id"] == unit["id"] and made["num_tags"] == 2, made)
    refused("a name is taken once", ckanapi.ValidationError,
            lambda: program.action.package_create(name="river-levels", owner_org="water-office"), "already in use")
    refused("a dataset needs its unit", ckanapi.ValidationError, lambda: program.action.package_create(name="orphan"), "owner_org")
    refused("a script is no address", ckanapi.ValidationError,
            lambda: program.action.package_patch(id="river-levels", url="javascript:alert(1)"), "url")
    changed = program.action.package_patch(id="river-levels", title="河道水位（小时）")
    check("package_patch changes one thing", changed["title"] == "河道水位（小时）" and changed["notes"] == "每小时的水位", changed)
    found = visitor.action.package_search(q="小时", fq="tags:水位 groups:environment")
    check("it is found by words, tag and group", [one["name"] for one in found["results"]] == ["river-levels"], found)
    tables(program, visitor)
    files(program, visitor)
    hidden = program.action.package_create(name="draft-levels", owner_org="water-office", private=True)
    refused("a private dataset is hidden", ckanapi.NotFound, lambda: visitor.action.package_show(id=hidden["id"]))
    check("its department sees it", program.action.package_show(id=hidden["id"])["private"] is True)
    program.action.package_delete(id=hidden["id"])
    return made


def tables(program, visitor):
    made = program.action.datastore_create(
        resource={"package_id": "river-levels", "name": "levels"}, primary_key="station",
        fields=[{"id": "station", "type": "text"}, {"id": "level", "type": "numeric"}, {"id": "name", "type": "text"}],
        records=[{"station": "S1", "level": 3.5, "name": "=cmd()"}, {"station": "S2", "level": "2.25", "name": "东桥"}],
    )
    id = made["resource_id"]
    program.action.datastore_upsert(resource_id=id, records=[{"station": "S2", "level": 2.5}, {"station": "S3", "level": 9}])
    rows = visitor.action.datastore_search(resource_id=id, sort="level desc")
    seen = [(one["station"], one["level"], one["name"]) for one in rows["records"]]
    check("rows are put, changed and ordered", seen == [("S3", 9, None), ("S1", 3.5, "=cmd()"), ("S2", 2.5, "东桥")], seen)
    one = visitor.action.datastore_search(resource_id=id, filters={"station": ["S1", "S3"]}, fields="station")
    check("filters take several values", [row["station"] for row in one["records"]] == ["S1", "S3"], one)
    refused("a value of another type", ckanapi.ValidationError,
            lambda: program.action.datastore_upsert(resource_id=id, records=[{"station": "S4", "level": "deep"}]), "level")
    refused("an unknown field is no SQL", ckanapi.ValidationError,
            lambda: visitor.action.datastore_search(resource_id=id, sort="1; DROP TABLE x"))
    refused("telephone numbers are not opened", ckanapi.ValidationError,
            lambda: program.action.datastore_upsert(resource_id=id, records=[{"station": "S5", "name": "13800138000"}]), "mobile")
    check("nothing of what was refused is there", visitor.action.datastore_search(resource_id=id)["total"] == 3)
    _, text = get(f"/dataset/river-levels/resource/{id}/download/data.csv")
    check("a file guards formulas", "'=cmd()" in text.decode("utf-8-sig"), text)
    program.action.datastore_records_delete(resource_id=id, filters={"station": "S3"})
    check("rows are deleted", visitor.action.datastore_search(resource_id=id)["total"] == 2)


def files(program, visitor):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stations.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("station,place\nS1,东桥\n")
        with open(path, "rb") as file:
            made = program.action.resource_create(package_id="river-levels", name="stations", upload=file)
        check("a file is taken in", made["url_type"] == "upload" and made["format"] == "CSV" and made["size"] > 0, made)
        text = get(made["url"].replace(program.address, URL).removeprefix(URL))[1].decode()
        check("and given out as it was", text == "station,place\nS1,东桥\n", text)
        with open(path, "w", encoding="utf-8") as file:
            file.write("name,phone\nx,13800138000\n")
        with open(path, "rb") as file:
            refused("a file with telephone numbers is refused", ckanapi.ValidationError,
                    lambda: program.action.resource_create(package_id="river-levels", name="people", upload=file), "mobile")
    names = [one["name"] for one in visitor.action.package_show(id="river-levels")["resources"]]
    check("the dataset has what was taken in", names == ["levels", "stations"], names)


def carry(key):
    """Dump and load with the program of ckanapi: organisations, groups, datasets."""
    with tempfile.TemporaryDirectory() as folder:
        for things, name in [("organizations", "water-office"), ("groups", "environment"), ("datasets", "river-levels")]:
            file = os.path.join(folder, f"{things}.jsonl.gz")
            command("dump", things, name, "-O", file, "-z", "-r", URL)
            lines = gzip.open(file, "rt", encoding="utf-8").read().splitlines()
            told = json.loads(lines[0])
            check(f"dump {things}", len(lines) == 1 and told["name"] == name, lines)
            told["title"] += " 副本"
            if things == "datasets":
                # Another dataset of the same kind, as if it came from another portal.
                told["name"], told["id"] = "river-levels-copy", "6f1d4ae4-9a4a-4f4e-8a3c-6a54a5b0f6c1"
                for one in told["resources"]:
                    one.pop("id")
                    one["url"] = "https://elsewhere.example/data.csv"
            with open(os.path.join(folder, things), "w", encoding="utf-8") as out:
                out.write(json.dumps(told, ensure_ascii=False) + "\n")
            command("load", things, "-I", out.name, "-r", URL, "-a", key)
    visitor = ckanapi.RemoteCKAN(URL)
    check("load organizations", visitor.action.organization_show(id="water-office")["title"] == "水务处 副本")
    check("load groups", visitor.action.group_show(id="environment")["title"] == "环境 副本")
    copy = visitor.action.package_show(id="6f1d4ae4-9a4a-4f4e-8a3c-6a54a5b0f6c1")
    check("load datasets keeps identifiers", copy["name"] == "river-levels-copy" and len(copy["resources"]) == 2, copy)
    found = command("search", "datasets", "q=水位", "-r", URL).decode().splitlines()
    check("ckanapi search", len(found) == 2, found)


def packages(name):
    whole = Package(f"{URL}/dataset/{name}/datapackage.json")
    # The same rows stand in a workbook and in JSON beside the table with its fields.
    table = next(one for one in whole.resources if one.format == "csv")
    report = validate(table)
    check("the table of our Data Package is valid", report.valid, report.to_summary())
    check("and its rows were read", len(table.read_rows()) > 0)
    own = Package(f"{URL}/dataset/river-levels/datapackage.json")
    levels = own.get_resource("river-levels-1")
    levels.infer()
    check("its fields have types", [(one.name, one.type) for one in levels.schema.fields] ==
          [("station", "string"), ("level", "number"), ("name", "string")], levels.schema)


def portal(key):
    """frictionless as a client of the CKAN interface: it reads a dataset, lists datasets, publishes a package with its table."""
    told = Package(control=CkanControl(baseurl=URL, dataset="river-levels"))
    check("a dataset is read as a package", told.name == "river-levels" and told.title == "河道水位（小时）", told.to_descriptor())
    stations = next(one for one in told.resources if one.name == "stations")
    check("and a file of it as a table", stations.read_rows() == [{"station": "S1", "place": "东桥"}], stations.path)
    for words, control in [
        ("of a group", CkanControl(baseurl=URL, group_id="environment")),
        ("of an organisation", CkanControl(baseurl=URL, organization_name="water-office")),
        ("that are searched", CkanControl(baseurl=URL, search={"q": "水位", "fq": "tags:河道"})),
    ]:
        names = sorted(one.name for one in Catalog(control=control).datasets)
        check(f"the datasets {words} are listed", names == ["river-levels", "river-levels-copy"], names)
    some = Catalog(control=CkanControl(baseurl=URL, num_packages=5, results_offset=2)).datasets
    check("some of all are listed", len(some) == 5, [one.name for one in some])
    with tempfile.TemporaryDirectory() as folder:
        for name, text in [("wells.csv", "well,depth,place\nW1,12.5,东桥\nW2,9,西桥\n"), ("people.csv", "name,phone\nx,13800138000\n")]:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        publish(key, folder)


def publish(key, folder):
    wells = Package(name="well-depths", title="水井深度", description="量一次写一行", basepath=folder,
                    resources=[Resource(name="wells", path="wells.csv", basepath=folder)])
    wells.infer()
    to = CkanControl(baseurl=URL, apikey=key, organization_name="water-office")
    made = wells.publish(control=to)
    check("a package is published", made.url == f"{URL}/dataset/well-depths" and made.context["dataset_id"] != "", made)
    own = ckanapi.RemoteCKAN(URL).action.package_show(id="well-depths")
    check("with its words and its files", own["title"] == "水井深度" and own["notes"] == "量一次写一行" and own["organization"]["name"] == "water-office"
          and [(one["name"], one["format"]) for one in own["resources"]] == [("wells", "CSV"), ("datapackage", "JSON")], own)
    url = own["resources"][0]["url"]
    check("the table is given out as it was", get(url.removeprefix(URL))[1].decode() == "well,depth,place\nW1,12.5,东桥\nW2,9,西桥\n", url)
    described = json.loads(get(own["resources"][1]["url"].removeprefix(URL))[1])
    check("and its description", described["resources"][0]["schema"]["fields"][1] == {"name": "depth", "type": "number"}, described)
    back = Package(control=CkanControl(baseurl=URL, dataset="well-depths"))
    fields = [(one.name, one.type) for one in back.get_resource("wells").schema.fields]
    check("what was published is read again", fields == [("well", "string"), ("depth", "number"), ("place", "string")], back.to_descriptor())
    refused("a name is published once", FrictionlessException, lambda: wells.publish(control=to), "already in use")
    refused("nobody publishes without a key", FrictionlessException,
            lambda: wells.publish(control=CkanControl(baseurl=URL, organization_name="water-office")))
    people = Package(name="well-people", title="看井人", resources=[Resource(name="people", path="people.csv", basepath=folder)])
    refused("telephone numbers are not published", FrictionlessException, lambda: people.publish(control=to), "mobile")


def catalogue():
    for ending, kind in [("ttl", "text/turtle"), ("rdf", "application/rdf+xml"), ("jsonld", "application/ld+json"), ("nt", "application/n-triples")]:
        head, text = get(f"/catalog.{ending}")
        check(f"/catalog.{ending}", head["Content-Type"].startswith(kind) and b"river-levels" in text, head["Content-Type"])
    head, text = get("/catalog.ttl")
    check("pages are told", b"hydra:PagedCollection" in text and 'rel="first"' in head["Link"], head["Link"])
    request = urllib.request.Request(f"{URL}/catalog.ttl", headers={"If-None-Match": head["ETag"]})
    try:
        status = urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as told:
        status = told.code
    check("what is known is not sent again", status == 304, status)
    wished = get("/dataset/river-levels", "application/ld+json")
    check("a dataset answers as it is wished", wished[0]["Content-Type"].startswith("application/ld+json"), wished[0])
    page = get("/dataset/river-levels", "text/html")
    check("and people get a page", b"application/ld+json" in page[1] and "text/turtle" in page[0]["Link"], page[0]["Link"])


def main():
    key = subprocess.run(["node", os.path.join(ROOT, "scripts/portal-key.mjs")], capture_output=True, text=True, timeout=60, check=False)
    check("an officer gets a key", key.returncode == 0 and key.stdout.startswith("zt-"), key.stderr)
    key = key.stdout.strip()
    visitor = ckanapi.RemoteCKAN(URL, user_agent="ckanapi/4.11")
    program = ckanapi.RemoteCKAN(URL, apikey=key)
    shown = read(visitor)
    write(program, visitor)
    carry(key)
    catalogue()
    packages(shown["name"])
    portal(key)
    refused("an unknown key writes nothing", ckanapi.NotAuthorized,
            lambda: ckanapi.RemoteCKAN(URL, apikey="zt-nothing").action.group_create(name="intruder"))
    print(f"{len(checked)} checks passed: ckanapi {ckanapi.__name__ and '4.11'}, frictionless 5.21")


main()
