"""The three hosts on AWS: what may talk to what, who may read what, and that nothing lies open."""

import base64
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.aws_template import AWS, HOSTS, Rule, host, of_type, rules, template, walk

ANYWHERE = "0.0.0.0/0"
ALLOWED = ["203.0.113.7/32", "198.51.100.0/24"]
OPEN: list[Rule] = [
    ("A", "out", "443", ANYWHERE),
    ("A", "out", "80", ANYWHERE),
    ("A", "out", "9093", "B"),
    ("B", "in", "9093", "A"),
    ("B", "in", "9093", "C"),
    ("B", "out", "443", ANYWHERE),
    ("B", "out", "80", ANYWHERE),
    ("C", "in", "443", "203.0.113.7/32"),
    ("C", "in", "443", "198.51.100.0/24"),
    ("C", "out", "443", ANYWHERE),
    ("C", "out", "80", ANYWHERE),
    ("C", "out", "9093", "B"),
]


def network() -> dict[str, Any]:
    return template("network.yaml", AllowedCidrs=ALLOWED)


def test_the_table_lists_every_group_port_and_peer_both_ways() -> None:
    assert rules(network()["Resources"]) == sorted(OPEN)


def test_the_manual_has_the_same_table() -> None:
    rows = re.findall(r"^\| ([ABC]) \| (in|out) \| (\d+) \| ([^|]+?) \|", manual(), re.MULTILINE)
    words = dict.fromkeys(ALLOWED, "the allowlist") | {ANYWHERE: "anywhere"}
    assert sorted(rows) == sorted({(group, way, port, words.get(peer, peer)) for group, way, port, peer in OPEN})


def test_nothing_comes_in_from_anywhere() -> None:
    assert [rule for rule in rules(network()["Resources"]) if rule[1] == "in" and rule[3].endswith("/0")] == []


@pytest.mark.parametrize("wide", [ANYWHERE, "::/0", "10.0.0.0/7", "0.0.0.0/00", "203.0.113.7", "1.2.3.256/32", ""])
def test_the_allowlist_takes_no_network_that_is_everybody(wide: str) -> None:
    pattern = network()["Parameters"]["AllowedCidrs"]["AllowedPattern"]
    assert all(re.fullmatch(pattern, each) for each in [*ALLOWED, "10.0.0.0/8"])
    assert not re.fullmatch(pattern, wide)


def test_every_group_says_itself_what_goes_out() -> None:
    # Without a rule of its own a group may call everything.
    groups = of_type(network()["Resources"], "EC2::SecurityGroup")
    assert len(groups) == 3
    assert all(group["SecurityGroupEgress"] for group in groups.values())


@pytest.mark.parametrize("name", HOSTS)
def test_each_host_stands_in_its_own_group(name: str) -> None:
    instance = host(name)["Resources"]["Instance"]["Properties"]
    assert instance["SecurityGroupIds"] == [{"Fn::ImportValue": f"live-group-{name}"}]
    assert "NetworkInterfaces" not in instance


def test_what_a_host_imports_the_network_exports() -> None:
    exports = {
        each["Export"]["Name"] for each in template("network.yaml", **{"AWS::StackName": "live"})["Outputs"].values()
    }
    imports = {value for name in HOSTS for key, value in walk(host(name)) if key == "Fn::ImportValue"}
    assert imports == exports


def test_every_disk_is_encrypted() -> None:
    resources = host("b")["Resources"]
    mapped = [each["Ebs"] for key, value in walk(resources) if key == "BlockDeviceMappings" for each in value]
    disks = [*of_type(resources, "EC2::Volume").values(), *mapped]
    assert len(disks) == 2
    assert all((disk["Encrypted"], disk["VolumeType"]) == (True, "gp3") for disk in disks)


def test_the_data_outlives_the_instance_and_the_stack() -> None:
    resources = host("c")["Resources"]
    assert {resources["Data"][policy] for policy in ("DeletionPolicy", "UpdateReplacePolicy")} == {"Snapshot"}
    # An attachment that the stack owns cannot move to the instance that comes before the old one goes.
    assert of_type(resources, "EC2::VolumeAttachment") == {}


def test_the_metadata_service_wants_a_token_and_no_container_reaches_it() -> None:
    resources = host("a")["Resources"]
    data = resources["Launch"]["Properties"]["LaunchTemplateData"]
    assert data["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    assert resources["Instance"]["Properties"]["LaunchTemplate"]["LaunchTemplateId"] == {"Ref": "Launch"}
    assert "MetadataOptions" not in resources["Instance"]["Properties"]


def test_there_is_no_key_pair() -> None:
    keys = {key for each in (network(), host("a")) for key, _ in walk(each)}
    assert "KeyName" not in keys


@pytest.mark.parametrize("name", HOSTS)
def test_user_data_is_small_and_names_no_secret(name: str) -> None:
    script = host(name)["Resources"]["Instance"]["Properties"]["UserData"]["Fn::Base64"]
    assert len(base64.b64encode(script.encode())) < 16_384
    assert "/secrets" not in script


def test_only_host_c_has_a_lasting_address() -> None:
    resources = host("c")["Resources"]
    assert resources["Address"]["Condition"] == "ServesPage"
    assert host("c")["Conditions"]["ServesPage"] == {"Fn::Equals": ["c", "c"]}
    assert host("b")["Conditions"]["ServesPage"] == {"Fn::Equals": ["b", "c"]}


def test_every_parameter_is_in_the_manual() -> None:
    named = {name for file in ("network.yaml", "host.yaml") for name in template(file)["Parameters"]}
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", manual())] == []


def test_cfn_lint_finds_nothing() -> None:
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    files = sorted(map(str, AWS.glob("*.yaml")))
    done = subprocess.run(
        [sys.executable, "-c", "import cfnlint.runner as it; it.main()", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def manual() -> str:
    return Path(AWS.parent, "README.md").read_text("utf-8")
