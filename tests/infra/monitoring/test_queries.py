"""The saved queries read what the logs have."""

import re

import pytest

from infra.monitoring.queries import QUERIES, LogQuery
from tests.infra.synthesized import Synthesized

OF_CALLS = """model version deployment user key code status attempts provider_ms auth_ms lookup_ms
bytes_in bytes_out woke replayed cold request_id gateway_request_id Latency Fault"""
"""Fields of predict's line of each call."""
OTHERS = "message model_id change detail dry_run requestId Available AnswerChanged latency_ms"
"""Fields of the access log, of the reconciler's lines and of the uptime checks'."""
LANGUAGE = """filter ispresent and or in stats count count_distinct sum avg pct latest by as bin
sort desc asc limit fields"""


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_queries_read_fields_that_lines_have(query: LogQuery) -> None:
    """Those of predict's line, of the access log, of the reconciler's log and of the checks'."""
    text = re.sub(r'"[^"]*"|@\w+|\b\d\w*', "", query.text)
    named = set(re.findall(r"\bas (\w+)", text))

    fields = set(re.findall(r"[A-Za-z_]\w*", text)) - {*LANGUAGE.split()} - named
    assert fields
    assert fields <= {*OF_CALLS.split(), *OTHERS.split()}


def test_queries_are_saved(production: Synthesized, local: Synthesized) -> None:
    """With the logs that they read; MiniStack saves none."""
    saved = production.properties("AWS::Logs::QueryDefinition")

    assert {f"HokusModelServing/{query.name}" for query in QUERIES} == {e["Name"] for e in saved}
    assert all(each["LogGroupNames"] for each in saved)
    assert [] == local.properties("AWS::Logs::QueryDefinition")
