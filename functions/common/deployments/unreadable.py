"""Items of the table that cannot be read: counted, named, and never in the way of other models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """An item that cannot be read.

    Attributes:
        id: Its sort key.
        endpoint_name: The endpoint that it names, which may serve; None when it names none.
    """

    id: str
    endpoint_name: str | None


def report_unreadable(model_id: str, id_: str, cause: str) -> None:
    """Log and count the item; *cause* quotes nothing of it."""
    # Imported on demand: next to no call ever needs them.
    from functions.common.emf import count  # noqa: PLC0415
    from functions.common.observability import make_logger  # noqa: PLC0415

    make_logger("records").error("record.unreadable", model_id=model_id, record=id_, cause=cause)
    count("records", "UnreadableRecords")
