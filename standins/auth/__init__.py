"""A stand-in of auth.hokus.ai for this machine: `python -m standins.auth --port P --key KEY`.

The service: `POST /api/v1/keys/validate`, exactly as the platform's clients know it. What a good
key learns about itself (user, key id, scopes …) is made up from the key's SHA-256, so it is the
same at every start. The log and the lists hold no key.

The admin routes, without authorization:

- `GET /_standin/health`
- `POST /_standin/keys` `{"key": "hk_test_…", "answer": {"has_sufficient_balance": false},
  "without": ["scopes"], "status": 200, "client_ips": ["203.0.113.7"]}`: a further key, or other
  answers for a known one. `answer` changes fields of the usual answer, `without` leaves some out;
  `status` 401 is a revoked key, 429 its own rate limit; from an address outside `client_ips`
  (left out: any) it is 401.
- `POST /_standin/outage` `{"kind": "status" | "silence" | "not_an_object", "times": 3,
  "status": 503, "silence_s": 30}`: how the next validations go wrong; `times` null: all of them.
- `GET /_standin/requests`: `{"count", "requests": [{"key": "<12 hex digits of its SHA-256>" |
  null, "service_id", "client_ip", "status"}]}` since the last reset.
- `POST /_standin/reset`: no outage, no requests, the keys of the command line only.
"""
