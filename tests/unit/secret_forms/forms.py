"""Every secret's own canary, and the forms in which people store secrets."""

import json
import os
from collections.abc import Callable

CANARIES = {
    "huggingface_token": "CANARYOFMANAGING012345",
    "huggingface_calling_token": "CANARYOFCALLING0123456",
    "mlflow_credentials": "CANARYOFMLFLOW01234567",
    "webhook": "CANARYOFTHEWEBHOOK0123",
    "uptime_api_key": "CANARYOFTHECHECKS01234",
    "endpoint": "CANARYOFTHEENDPOINT012",
    "key": "CANARYOFTHEAPIKEY01234",
    "guessed": "CANARYOFAFORGER0123456",
}
"""The names of `infra.functions`, and what is not stored by itself."""

type Form = Callable[[str], str]

ALL_FORMS: dict[str, Form] = {
    "plain": lambda secret: secret,
    "line end": lambda secret: f"{secret}\n",
    "two line ends": lambda secret: f"{secret}\r\n\n",
    "spaces": lambda secret: f"  {secret}\t",
    "spaces inside": lambda secret: f"{secret} \t {secret}",
    "quotes": lambda secret: f"\"{secret}'\\",
    "a format": lambda secret: f"%s{secret}%(x)d{{}}{{0}}",
    "a header of its own": lambda secret: f"{secret}\r\nX-Other: y",
    "NUL": lambda secret: f"{secret}\0",
    "DEL": lambda secret: f"{secret}\x7f",
    "latin-1": lambda secret: f"{secret}é",
    "beyond latin-1": lambda secret: f"{secret}€",
    "beyond the plane": lambda secret: f"{secret}🔑",
    "byte order mark": lambda secret: f"\ufeff{secret}",
    "next line": lambda secret: f"{secret}\x85{secret}",
    "an object": lambda secret: json.dumps({"token": secret}),
    "an object of another form": lambda secret: json.dumps({"value": {secret: secret}}),
    "a list": lambda secret: json.dumps([secret]),
    "broken JSON": lambda secret: f'{{"token": "{secret}"',
    "very long": lambda secret: secret * 2_000,
}
USUAL = {"plain", "line end", "a header of its own"}
ALL = os.environ.get("SECRET_FORMS") == "all"
"""Each form, and each status of the services, costs seconds; `make test-faults` has all of them."""
FORMS = {name: form for name, form in ALL_FORMS.items() if ALL or name in USUAL}
REFUSED = FORMS.keys() & {
    "spaces inside",
    "a header of its own",
    "NUL",
    "DEL",
    "latin-1",
    "beyond latin-1",
    "beyond the plane",
    "byte order mark",
    "next line",
    "very long",
}
"""Those that no header can carry."""
MLFLOW_FIELDS = ("token", "username", "password")
"""Fields of the credentials, which take each form in turn; None: the form is the whole secret."""


def mlflow_secret(text: str, field: str | None) -> str:
    """Return MLflow's credentials with *text* in one *field*; None: *text* itself."""
    if field is None:
        return text
    others = {"username": {"password": "x"}, "password": {"username": "mlflow"}}
    return json.dumps({**others.get(field, {}), field: text})
