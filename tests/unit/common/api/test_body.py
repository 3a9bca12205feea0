"""Request bodies that the API accepts, and the reasons to refuse others."""

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.api.body import read_body
from functions.common.api.gateway_event import RequestContext
from functions.common.errors import (
    InvalidJsonError,
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)
from functions.common.payload import MAX_BYTES
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import check_fields

GOOD = b'{"inputs": [[1.0]]}'


def checked(body: bytes, *, content_type: str | None) -> RequestBody:
    """Return the body of a predict call as the handler reads it."""
    headers = {"Content-Type": content_type} if content_type else {}
    event = {"body": b64encode(body).decode(), "isBase64Encoded": True, "headers": headers}
    read = read_body(RequestContext.from_event(event))
    check_fields(read)
    return read


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        b'{"instances": [1]}',
        b'{"dataframe_split": {"columns": ["a"], "data": [[1]]}}',
        b'{"dataframe_records": []}',
        b'{"inputs": null}',
        b' \n{"inputs": 1, "params": {"a": 1}} ',
        b'{"inputs": 1, "parameters": {}}',
        b'{"inputs": {"a": 1}, "options": {}}',
    ],
)
def test_a_valid_body_is_returned_unchanged(body: bytes) -> None:
    """Byte for byte."""
    assert body == checked(body, content_type="application/json").raw


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; charset=utf8",
        "application/json; charset=UTF_8",
        "application/json; charset=utf-8;",
        "application/json;",
        "application/json ; charset = utf-8 ",
        "application/json; charset=us-ascii",
        "application/json; charset=",
        "application/json; format=pandas-split",
        "application/json; odata=verbose; charset=utf-8; q=1",
        'application/json; profile="a;charset=latin-1"',
        "application/json; a; b",
        "application/json; charset*=utf-8''utf-8",
    ],
)
def test_json_with_or_without_charset_is_accepted(content_type: str | None) -> None:
    """A body without a content type counts as JSON."""
    assert GOOD == checked(GOOD, content_type=content_type).raw


@pytest.mark.parametrize(
    "content_type",
    [
        "text/csv",
        "application/jsonx",
        "application/json; charset=latin-1",
        "application/json; format=x; charset=utf-16",
        "application/json; charset=no-such",
        "application/json; charset=\0",
        "application/json, text/csv",
        "application/json/x",
        "json",
        ";charset=utf-8",
    ],
)
def test_other_media_types_are_refused(content_type: str) -> None:
    """Before the body is read."""
    with pytest.raises(UnsupportedMediaTypeError):
        checked(b"a,b", content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'inputs': 1}",
        b'{"inputs": NaN}',
        b'{"inputs": Infinity}',
        b'{"inputs": 1} {}',
        b'{"inputs": "\xff"}',
        "\ud800".encode("utf-8", "surrogatepass"),
        b"[" * 5_000,
    ],
)
def test_malformed_json_is_refused(body: bytes) -> None:
    """So are NaN and Infinity, and nesting that is too deep."""
    with pytest.raises(InvalidJsonError):
        checked(body, content_type=None)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[]", "object"),
        (b"null", "object"),
        (b"{}", "found none"),
        (b'{"params": {}}', "found none"),
        (b'{"inputs": 1, "instances": 1}', "found inputs and instances"),
        (b'{"inputs": 1, "params": {}, "options": {}}', "only one of"),
        (b'{"inputs": 1, "param": {}}', "unknown fields: param"),
    ],
)
def test_a_body_of_another_form_is_refused_with_the_reason(body: bytes, says: str) -> None:
    """The message says what to change."""
    with pytest.raises(InvalidRequestError, match=says):
        checked(body, content_type=None)


def test_a_byte_order_mark_is_no_part_of_the_body() -> None:
    """The endpoint would refuse it."""
    assert GOOD == checked(b"\xef\xbb\xbf" + GOOD, content_type=None).raw


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_named(encoding: str) -> None:
    """By the mark that its text begins with."""
    body = f"\ufeff{GOOD.decode()}".encode(encoding)

    with pytest.raises(InvalidJsonError, match="UTF-16"):
        checked(body, content_type=None)


@given(st.text(st.characters(codec="latin-1")))
def test_any_content_type_is_read_or_refused(content_type: str) -> None:
    """A caller may send anything, and is never answered 500."""
    with suppress(UnsupportedMediaTypeError):
        assert GOOD == checked(GOOD, content_type=content_type).raw


@given(st.text(st.characters(codec="latin-1")))
def test_parameters_other_than_charset_have_no_effect(value: str) -> None:
    """Whatever they say."""
    quoted = value.replace("\\", "").replace('"', "").replace("\r", "").replace("\n", "")

    assert GOOD == checked(GOOD, content_type=f'application/json; profile="{quoted}"').raw


def test_the_limit_is_four_megabytes() -> None:
    """Exactly that size is accepted."""
    padding = b" " * (MAX_BYTES - len(GOOD))
    assert MAX_BYTES == len(checked(GOOD + padding, content_type=None).raw)

    with pytest.raises(PayloadTooLargeError):
        checked(GOOD + padding + b" ", content_type=None)
