#!/usr/bin/env python3
"""Checks of the deployment files by the tools of others: run through scripts/deploy.

- alerts and dashboard: every query is read by a PromQL parser, and names only metrics that the server writes;
- chart: values against their schema (also values that must be refused), templates rendered by Go's own template
  engine with sprig, every manifest against the schemas of Kubernetes, and the rules of hardening;
- compose: readable, and every service confined;
- figures: the answer of /metrics, read by the client library of Prometheus (with --metrics FILE).
"""

import argparse
import copy
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

HERE = Path(__file__).resolve().parent
KUBERNETES = "1.34"
faults = []


def fault(place, what):
    faults.append(f"{place}: {what}")


# ── Prometheus and Grafana ──


def known_metrics():
    """name -> type, as the server declares them (a generated file, kept true by a test of the server)."""
    known = {"up": "gauge"}
    for line in (HERE / "prometheus/metrics.txt").read_text().splitlines():
        name, kind = line.split()[:2]
        known[name] = kind
    return known


def metrics_of(query, place):
    """The names that a query reads, and the labels it filters by."""
    text = re.sub(r"\$__rate_interval", "5m", query)
    text = re.sub(r"\$\w+", ".*", text)
    try:
        promql_parser.parse(text)
    except Exception as error:  # the parser raises plain ValueError and its own kinds
        fault(place, f"not PromQL: {error}: {query}")
        return set()
    # Every selector begins with a name: what stands before {, [ or an operator and is no function or keyword.
    words = re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.sub(r'"[^"]*"|\{[^}]*\}', " ", text))
    return {word for word in words if word == "up" or re.match(r"(zhengtong|process)_", word)}


def series(known):
    names = set()
    for name, kind in known.items():
        names.add(name)
        if kind == "histogram":
            names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    return names


def check_queries():
    known = series(known_metrics())
    queries = []
    alerts = yaml.safe_load((HERE / "prometheus/alerts.yaml").read_text())
    guide = (HERE.parent / "docs/operations/monitor.md").read_text()
    for group in alerts["groups"]:
        for rule in group["rules"]:
            place = f"alerts.yaml {rule['alert']}"
            queries.append((place, rule["expr"]))
            if rule["labels"].get("severity") not in ("critical", "warning"):
                fault(place, "severity is critical or warning")
            if " / " not in rule["annotations"]["summary"]:
                fault(place, "the summary is in both languages")
            if f"\n### {rule['alert']}\n" not in guide:
                fault(place, "docs/operations/monitor.md has no such heading")
    board = json.loads((HERE / "grafana/zhengtong.json").read_text())
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        fault("zhengtong.json", "two panels have one id")
    for panel in board["panels"]:
        place = f"zhengtong.json {panel['title']}"
        box = panel["gridPos"]
        if box["x"] + box["w"] > 24:
            fault(place, "stands outside the grid")
        for target in panel.get("targets", []):
            queries.append((place, target["expr"]))
    for note in board["annotations"]["list"]:
        queries.append((f"zhengtong.json {note['name']}", note["expr"]))
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            inner = re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]["query"])
            queries.append((f"zhengtong.json {variable['name']}", inner.group(1)))
    used = set()
    for place, query in queries:
        names = metrics_of(query, place)
        if not names:
            fault(place, f"names no metric: {query}")
        for name in sorted(names - known):
            fault(place, f"the server writes no metric {name}")
        used |= names
    yaml.safe_load((HERE / "prometheus/scrape.yaml").read_text())
    return len(queries), len(used)


# ── Kubernetes ──


def render(values, release="city"):
    """All manifests of the chart, rendered by Go's template engine with sprig."""
    chart = yaml.safe_load((HERE / "helm/zhengtong/Chart.yaml").read_text())
    context = {
        "Values": values,
        "Release": {"Name": release, "Namespace": "zhengtong", "Service": "Helm"},
        "Chart": {"Name": chart["name"], "Version": chart["version"], "AppVersion": chart["appVersion"]},
    }
    manifests = []
    for path in sorted((HERE / "helm/zhengtong/templates").iterdir()):
        # In a process of its own: the engine ends the process at a fault.
        code = "import sys,json,go_template,pathlib;sys.stdout.buffer.write(go_template.render(pathlib.Path(sys.argv[1]),json.load(sys.stdin)))"
        run = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            input=json.dumps(context).encode(),
            capture_output=True,
            check=False,
        )
        text = run.stdout.decode()
        if run.returncode != 0 or "template failed" in text or run.stderr:
            fault(path.name, f"not rendered: {text[:300]} {run.stderr.decode()[:300]}")
            continue
        if path.suffix == ".yaml":
            manifests += [(path.name, one) for one in yaml.safe_load_all(text) if one]
    return manifests


def check_manifest(name, manifest):
    try:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        fault(name, f"{'.'.join(map(str, error.path))}: {error.message}")


def check_hardening(name, deployment, replicas):
    spec = deployment["spec"]["template"]["spec"]
    box = spec["containers"][0]
    inner, outer = box["securityContext"], spec["securityContext"]
    wanted = {
        "runs as a user": outer["runAsNonRoot"] and outer["runAsUser"] > 0,
        "has a seccomp profile": outer["seccompProfile"]["type"] == "RuntimeDefault",
        "cannot gain rights": inner["allowPrivilegeEscalation"] is False,
        "root file system read-only": inner["readOnlyRootFilesystem"] is True,
        "drops all capabilities": inner["capabilities"] == {"drop": ["ALL"]},
        "no service account token": spec["automountServiceAccountToken"] is False,
        "three probes": all(f"{kind}Probe" in box for kind in ("startup", "readiness", "liveness")),
        "a limit of memory": "memory" in box["resources"]["limits"],
        "so many replicas": deployment["spec"]["replicas"] == replicas,
        "an image with a tag": ":" in box["image"] and not box["image"].endswith(":latest"),
        "no secret in the text": not any(
            "value" in row and ("postgres://" in row["value"] or "TOKEN" in row["name"]) for row in box["env"]
        ),
    }
    for what, held in wanted.items():
        if not held:
            fault(name, f"not so: {what}")


REFUSED = [
    ("replicas", 0),
    ("publicUrl", "http://plain.example"),
    ("image.tag", "latest"),
    ("settings", {"ZHENGTONG__DATABASE__URL": "postgres://a:b@c/d"}),
    ("settings", {"lower": "x"}),
    ("files.size", "100"),
    ("replica", 2),
]


def check_chart():
    folder = HERE / "helm/zhengtong"
    schema = json.loads((folder / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    usual = yaml.safe_load((folder / "values.yaml").read_text())
    judge = jsonschema.Draft7Validator(schema)
    for error in judge.iter_errors(usual):
        fault("values.yaml", f"{list(error.path)}: {error.message}")
    for key, value in REFUSED:
        wrong = copy.deepcopy(usual)
        place = wrong
        *above, last = key.split(".")
        for part in above:
            place = place[part]
        place[last] = value
        if judge.is_valid(wrong):
            fault("values.schema.json", f"takes {key} = {value!r}")
    count = 0
    for replicas, ingress, claim in itertools.product((1, 3), (True, False), ("", "shared")):
        values = copy.deepcopy(usual)
        values["replicas"] = replicas
        values["ingress"]["enabled"] = ingress
        values["files"]["existingClaim"] = claim
        values["files"]["storageClass"] = "fast" if ingress else ""
        values["network"]["more"] = [{"cidr": "10.20.0.0/16", "port": 443}] if ingress else []
        values["image"]["pullSecrets"] = [{"name": "pull"}] if ingress else []
        values["nodeSelector"] = {"disk": "fast"} if ingress else {}
        values["tolerations"] = [{"key": "gov", "operator": "Exists"}] if ingress else []
        manifests = render(values)
        kinds = [manifest["kind"] for _, manifest in manifests]
        for name, manifest in manifests:
            check_manifest(name, manifest)
            count += 1
        expected = ["Deployment", "NetworkPolicy", "Service"]
        expected += ["Ingress"] if ingress else []
        expected += ["PersistentVolumeClaim"] if not claim else []
        expected += ["PodDisruptionBudget"] if replicas > 1 else []
        if sorted(kinds) != sorted(expected):
            fault("chart", f"makes {sorted(kinds)}, expected {sorted(expected)}")
        for name, manifest in manifests:
            if manifest["kind"] == "Deployment":
                check_hardening(name, manifest, replicas)
    return count


# ── Docker ──


def check_docker():
    compose = yaml.safe_load((HERE / "docker/compose.yaml").read_text())
    for name, service in compose["services"].items():
        place = f"compose.yaml {name}"
        held = {
            "read-only": service.get("read_only") is True,
            "drops all capabilities": service.get("cap_drop") == ["ALL"],
            "cannot gain rights": "no-new-privileges:true" in service.get("security_opt", []),
            "open to this machine only": all(port.startswith("127.0.0.1:") for port in service.get("ports", [])),
            "a tagged image": ":" in service["image"] and not service["image"].endswith(":latest"),
        }
        for what, so in held.items():
            if not so:
                fault(place, f"not so: {what}")
    lines = (HERE / "docker/Dockerfile").read_text().splitlines()
    stages = {}
    for line in lines:
        if line.startswith("FROM "):
            stage = line.split(" AS ")[1]
            stages[stage] = []
        elif lines and stages:
            stages[stage].append(line)
    for name in ("app", "single"):
        users = [line for line in stages[name] if line.startswith("USER ")]
        if not users or users[-1].split()[1].split(":")[0] in ("root", "0"):
            fault(f"Dockerfile {name}", "ends as root")
    if not any(line.startswith("HEALTHCHECK ") for line in stages["app"]):
        fault("Dockerfile app", "has no HEALTHCHECK")
    for service in compose["services"].values():
        target = service.get("build", {}).get("target")
        if target and target not in stages:
            fault("compose.yaml", f"the Dockerfile has no stage {target}")


# ── The running server ──


def check_figures(path):
    text = Path(path).read_text()
    known = known_metrics()
    families = list(text_string_to_metric_families(text))
    for family in families:
        # The library takes _total off the names of counters.
        name = f"{family.name}_total" if family.type == "counter" else family.name
        if known.get(name) != family.type:
            fault("/metrics", f"{name} is a {family.type}, the list says {known.get(name)}")
        if not family.documentation:
            fault("/metrics", f"{name} has no HELP")
        if family.type == "histogram":
            check_histogram(family)
    return sum(len(family.samples) for family in families)


def check_histogram(family):
    rows = {}
    for sample in family.samples:
        labels = tuple(sorted((key, value) for key, value in sample.labels.items() if key != "le"))
        rows.setdefault(labels, []).append(sample)
    for labels, samples in rows.items():
        buckets = [s.value for s in samples if s.name.endswith("_bucket")]
        count = [s.value for s in samples if s.name.endswith("_count")]
        if buckets != sorted(buckets) or [buckets[-1]] != count:
            fault("/metrics", f"the buckets of {family.name} {labels} do not grow to their count")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--metrics", help="an answer of /metrics, to be read too")
    arguments = parser.parse_args()
    queries, used = check_queries()
    manifests = check_chart()
    check_docker()
    said = f"{queries} queries over {used} series, {manifests} manifests against Kubernetes {KUBERNETES}"
    if arguments.metrics:
        said += f", {check_figures(arguments.metrics)} samples"
    for line in faults:
        print(line)
    print(f"{said}: {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
