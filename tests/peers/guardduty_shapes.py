"""Holds findings against the shapes of GuardDuty's API, as botocore describes them.

Reads one finding a line on standard input and prints `line N: PATH: what is wrong` for each name that the API does not
know and each value of another type; exits with 1 where there was any. EventBridge writes names in camelCase and the API in
PascalCase, so names are compared without regard to the case of their first letter.
"""

import json
import sys

import botocore.loaders
import botocore.model

model = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("guardduty", "service-2"))


def problems(shape, value, path):
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            yield f"{path}: expected an object"
            return
        members = {}
        for name, member in shape.members.items():
            for known in (name, member.serialization.get("name", name)):
                members[known[:1].lower() + known[1:]] = member
        for name, inner in value.items():
            member = members.get(name[:1].lower() + name[1:])
            if member is None:
                yield f"{path}.{name}: the API has no such field"
            else:
                yield from problems(member, inner, f"{path}.{name}")
    elif shape.type_name == "list":
        if not isinstance(value, list):
            yield f"{path}: expected a list"
            return
        for index, inner in enumerate(value):
            yield from problems(shape.member, inner, f"{path}[{index}]")
    elif shape.type_name == "string":
        if not isinstance(value, str):
            yield f"{path}: expected a text"
        elif shape.enum and value not in shape.enum:
            yield f"{path}: `{value}` is not one of {', '.join(shape.enum)}"
    elif shape.type_name in ("integer", "long", "float", "double"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{path}: expected a number"
    elif shape.type_name == "boolean" and not isinstance(value, bool):
        yield f"{path}: expected true or false"


wrong = 0
for number, line in enumerate(sys.stdin, 1):
    for problem in problems(model.shape_for("Finding"), json.loads(line), "finding"):
        print(f"line {number}: {problem}")
        wrong += 1
sys.exit(1 if wrong else 0)
