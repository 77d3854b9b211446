"""Calls AWS as botocore does, for tests: a line of JSON in, a line of JSON out.

Usage: boto.py ENDPOINT REGION

A line is `{"service": "ec2", "operation": "run_instances", "parameters": {…}}`; the answer is `{"ok": {…}}` or
`{"error": "…", "code": "…"}`.
"""

import json
import sys

import boto3
import botocore.exceptions

endpoint, region = sys.argv[1:]
clients = {}
for line in sys.stdin:
    question = json.loads(line)
    service = question["service"]
    if service not in clients:
        clients[service] = boto3.client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
    try:
        answer = getattr(clients[service], question["operation"])(**question["parameters"])
        answer.pop("ResponseMetadata", None)
        print(json.dumps({"ok": answer}, default=str), flush=True)
    except botocore.exceptions.ClientError as error:
        print(json.dumps({"error": str(error), "code": error.response["Error"]["Code"]}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}", "code": ""}), flush=True)
