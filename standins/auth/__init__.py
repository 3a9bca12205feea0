"""A stand-in of auth.hokus.ai for this machine: `python -m standins.auth --port P`. Good keys
come in the variable `STANDIN_KEYS`, with spaces between.

The service: `POST /api/v1/keys/validate`, exactly as the platform's clients know it. The facts
about a good key (user, key id, scopes …) are derived from the key's SHA-256, so they are the same
at every start. The log holds no key.

The admin routes, without authorization:

- `GET /_standin/health`
- `POST /_standin/keys` `{"key": "hk_test_…", "answer": {"has_sufficient_balance": false},
  "status": 200, "client_ips": ["203.0.113.7"]}`: a further key. `answer` changes fields of the
  usual answer; `status` 401 is a revoked key, 429 its own rate limit; from an address outside
  `client_ips` (left out: any) it is 401.
- `POST /_standin/outage` `{"times": 3, "status": 503}`: the next validations fail; `times` null:
  all of them.
"""
