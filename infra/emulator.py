"""Account and region of MiniStack; no account of AWS has this number."""

ACCOUNT, REGION = "000000000000", "us-east-1"
