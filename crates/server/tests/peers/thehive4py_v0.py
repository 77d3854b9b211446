"""Drives the unmodified thehive4py 1.8.1 (API version 0) as the well-known integration of Wazuh does.

usage: thehive4py_v0.py URL KEY

It prints one JSON object: the status and id of each thing that was made. PYTHONPATH names the folder of thehive4py 1.8.1.
"""

import json
import sys

from thehive4py.api import TheHiveApi
from thehive4py.models import Alert, AlertArtifact, Case, CaseObservable, CaseTask

url, key = sys.argv[1:3]
api = TheHiveApi(url, key)
results = {}


def note(name, response):
    body = response.json() if response.content else None
    first = body[0] if isinstance(body, list) and body else body
    results[name] = {
        "status": response.status_code,
        "id": (first or {}).get("id"),
        "body": body,
    }
    return results[name]["id"]


def alert(reference, level, address="203.0.113.7"):
    """What the integration sends: the same address twice, facts in Markdown, severity always 2, a random reference."""
    description = (
        "### Rule\n| key | val |\n| ------ | ------ |\n"
        f"| **rule.level** | {level} |\n| **rule.description** | sshd: brute force |\n| **rule.id** | 5763 |\n"
        "| **rule.mitre.id** | ['T1110'] |\n| **rule.mitre.tactic** | ['Credential Access'] |\n"
        "### Agent\n| key | val |\n| ------ | ------ |\n"
        "| **agent.id** | 001 |\n| **agent.name** | web01 |\n| **agent.ip** | 10.0.0.5 |\n"
    )
    return Alert(
        title="sshd: brute force",
        tlp=2,
        tags=["wazuh", "rule=5763", "agent_name=web01", "agent_id=001", "agent_ip=10.0.0.5"],
        description=description,
        type="wazuh_alert",
        source="wazuh",
        sourceRef=reference,
        artifacts=[
            AlertArtifact(dataType="ip", data=address),
            AlertArtifact(dataType="ip", data=address),
            AlertArtifact(dataType="url", data="http://evil.example/x"),
        ],
    )


first = note("alert", api.create_alert(alert("8ace33", 10)))
note("repeat", api.create_alert(alert("91bd70", 10)))
note("other", api.create_alert(alert("aa0011", 3, "198.51.100.9")))
note("got", api.get_alert(first))
case = note("promoted", api.promote_alert_to_case(first))
made = note("case", api.create_case(Case(title="by hand", description="x", tasks=[CaseTask(title="look")])))
note("observable", api.create_case_observable(made, CaseObservable(dataType="domain", data=["evil.example"])))
note("task", api.create_case_task(made, CaseTask(title="call them")))
note("got case", api.get_case(made))
print(json.dumps(results))
