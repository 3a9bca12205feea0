"""The ledger: US dollars that each model's endpoints have cost, by calendar month in UTC."""
