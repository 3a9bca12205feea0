"""An authorizer as one would write it first: one call by httpx, and the policy."""

import os
from typing import Any

import httpx

client = httpx.Client(timeout=5)


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer a REQUEST authorizer's question."""
    headers = {name.lower(): value for name, value in event["headers"].items()}
    answer = client.post(
        f"{os.environ['AUTH_URL']}/api/v1/keys/validate",
        json={"service_id": "platform"},
        headers={"Authorization": headers.get("authorization", "")},
    )
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError("Unauthorized")
    owner = answer.json()
    print("allowed", owner["user_id"])
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    return {
        "principalId": owner["user_id"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"user_id": owner["user_id"], "scopes": " ".join(owner.get("scopes", []))},
    }
