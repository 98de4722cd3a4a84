"""CloudFormation templates as data: short tags as long ones, loops unrolled, parameters put in."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

AWS = Path(__file__).parents[2] / "infra" / "aws"
HOSTS = ("a", "b", "c")
ACCOUNT = {"AWS::Partition": "aws", "AWS::Region": "ap-northeast-1", "AWS::AccountId": "123456789012"}

Rule = tuple[str, str, str, str]  # group, way, port, peer


class _Loader(yaml.SafeLoader):
    pass


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = "Ref" if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {name: loader.construct_scalar(node)}


_Loader.add_multi_constructor("!", _tagged)


def template(name: str, **parameters: Any) -> dict[str, Any]:
    """The template with its loops unrolled and `parameters`, and whatever a loop counts, put in."""
    content = yaml.load((AWS / name).read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader with more tags
    return _all_in(content, parameters)


def host(name: str) -> dict[str, Any]:
    """The host's template with what is known before it runs."""
    values = {"Site": "live", "Host": name, "Data": f"vol-{name}", "Repository": "https://example.com/stock-insights"}
    return template("host.yaml", **values, **ACCOUNT)


def _filled(node: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_filled(each, known) for each in node]
    if isinstance(node, str):
        return _named(node, known)
    return _function(node, known) if isinstance(node, dict) else node


def _function(node: dict[str, Any], known: Mapping[str, Any]) -> Any:
    if node.keys() == {"Ref"} and node["Ref"] in known:
        return known[node["Ref"]]
    filled = _all_in(node, known)
    # Nothing is left to put in: a plain text.
    return filled["Fn::Sub"] if filled.keys() == {"Fn::Sub"} and "${" not in filled["Fn::Sub"] else filled


def _all_in(node: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in node.items():
        if key.startswith("Fn::ForEach::"):
            name, values, body = value
            for each in _filled(values, known):
                result |= _all_in(body, {**known, name: each})
        else:
            result[_named(key, known)] = _filled(value, known)
    return result


def _named(text: str, known: Mapping[str, Any]) -> str:
    """`${Name}` as it is, `&{Name}` with letters and digits only; what is not known stays."""

    def value(found: re.Match[str]) -> str:
        name = found[2]
        if name not in known:
            return found[0]
        return str(known[name]) if found[1] == "$" else re.sub(r"[^A-Za-z0-9]", "", known[name])

    return re.sub(r"([$&])\{([A-Za-z:]+)\}", value, text)


def walk(node: Any) -> Iterator[tuple[str, Any]]:
    """Every key and its value, at any depth."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from walk(value)
    elif isinstance(node, list):
        for each in node:
            yield from walk(each)


def of_type(resources: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Properties of the resources of one type, by name."""
    return {name: each.get("Properties", {}) for name, each in resources.items() if each["Type"] == f"AWS::{kind}"}


def rules(resources: Mapping[str, Any]) -> list[Rule]:
    """Every rule of every security group, written in the group or beside it."""
    found = []
    for name, group in of_type(resources, "EC2::SecurityGroup").items():
        found += [_rule(name, "in", each) for each in group.get("SecurityGroupIngress", [])]
        found += [_rule(name, "out", each) for each in group["SecurityGroupEgress"]]
    for way, kind in (("in", "EC2::SecurityGroupIngress"), ("out", "EC2::SecurityGroupEgress")):
        found += [_rule(each["GroupId"]["Ref"], way, each) for each in of_type(resources, kind).values()]
    return sorted(found)


def _rule(group: str, way: str, rule: Mapping[str, Any]) -> Rule:
    """Any other form of a peer or protocol than these is an error: it would have to be thought about here."""
    peers = rule.keys() - {"GroupId", "Description", "IpProtocol", "FromPort", "ToPort"}
    (peer,) = peers
    if peer not in {"CidrIp", "SourceSecurityGroupId", "DestinationSecurityGroupId"} or rule["IpProtocol"] != "tcp":
        message = f"{group} {way}: {rule}"
        raise ValueError(message)
    first, last = rule["FromPort"], rule["ToPort"]
    who = rule[peer] if peer == "CidrIp" else rule[peer]["Ref"].removeprefix("Group")
    return group.removeprefix("Group"), way, str(first) if first == last else f"{first}-{last}", who
