"""What a host on AWS may do: read its own parameters, take its own volume, report, and take sessions."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.unit.aws_template import HOSTS, host, of_type


def statements(name: str) -> Iterator[tuple[list[str], list[str], dict[str, Any]]]:
    """Actions, resources and condition of each thing that a host may do."""
    (role,) = of_type(host(name)["Resources"], "IAM::Role").values()
    assert "ManagedPolicyArns" not in role
    for policy in role["Policies"]:
        for each in policy["PolicyDocument"]["Statement"]:
            assert each["Effect"] == "Allow"
            assert each.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
            action, resource = each["Action"], each["Resource"]
            as_list = [value if isinstance(value, list) else [value] for value in (action, resource)]
            yield as_list[0], as_list[1], each.get("Condition", {})


def may(name: str, action: str, resource: str) -> bool:
    """Whether a host may, any condition taken as met."""
    return any(
        any(fnmatchcase(action, each) for each in actions) and any(fnmatchcase(resource, each) for each in resources)
        for actions, resources, _ in statements(name)
    )


@pytest.mark.parametrize("action", ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"])
def test_a_host_reads_its_own_parameters_and_no_others(action: str) -> None:
    root = "arn:aws:ssm:ap-northeast-1:123456789012:parameter"
    for name in HOSTS:
        foreign = [other for other in HOSTS if other != name]
        own = f"{root}/stock-insights/live/{name}"
        assert may(name, action, f"{own}/secrets/ca.crt") == (action != "ssm:GetParameters")
        for path in (
            *(f"live/{other}/secrets/ca.crt" for other in foreign),
            "live",
            "other/a/secrets/ca.crt",
            f"live/{name}x",
        ):
            assert not may(name, action, f"{root}/stock-insights/{path}")
        assert not may(name, action, f"{root}/elsewhere")


def test_a_host_may_do_these_things_and_no_more() -> None:
    actions = {action for each, _, _ in statements("b") for action in each}
    assert actions == {
        "ssm:GetParameter",
        "ssm:GetParametersByPath",
        "ec2:AttachVolume",
        "cloudwatch:PutMetricData",
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    }


def test_a_host_attaches_its_own_volume_to_itself_only() -> None:
    found = [
        (resources, condition) for actions, resources, condition in statements("b") if "ec2:AttachVolume" in actions
    ]
    start = "arn:aws:ec2:ap-northeast-1:123456789012"
    itself = {"StringEquals": {"aws:ResourceTag/stock-insights": "live-b"}}
    assert found == [([f"{start}:volume/vol-b"], {}), ([f"{start}:instance/*"], itself)]
    tags = host("b")["Resources"]["Instance"]["Properties"]["Tags"]
    assert {"Key": "stock-insights", "Value": "live-b"} in tags
