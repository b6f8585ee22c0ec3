"""Which backups failed? A report has one row per job; each row is an event, so that a job that fails pages and the same job's next
success resolves it."""

from nightbell_plugin import Event, Label, ParseError, Parsed, Parser, Payload, settings

from report import Row, rows

GOOD = ["ok", "success", "completed"]
WARNINGS = ["warning", "completed with warnings"]


class BackupReport(Parser):
    def parse(self, payload: Payload) -> Parsed:
        parsed = Parsed()
        for name, text in reports(payload):
            try:
                read, rejected = rows(text, settings().get("columns", {}))
            except ValueError as error:
                raise ParseError(f"{name}: {error}") from None
            parsed.events += [event_of(row) for row in read]
            parsed.rejected += [f"{name}: {line}" for line in rejected]
        return parsed


def reports(payload: Payload) -> list[tuple[str, str]]:
    """The CSV files of a mail, or else the body."""
    if payload.method != "MAIL":
        return [("body", payload.text())]
    files = [
        (file.name, file.text())
        for file in payload.attachments
        if file.content_type == "text/csv" or file.name.lower().endswith(".csv")
    ]
    if not files:
        raise ParseError("expected a CSV file with the mail, there is none")
    return files


def event_of(row: Row) -> Event:
    result = row.result.lower()
    good = result in settings().get("good", GOOD)
    half = result in settings().get("warnings", WARNINGS)
    place = f" on {row.host}" if row.host else ""
    return Event(
        title=f"Backup {row.job}{place}: {row.result}",
        kind="resolve" if good else "trigger",
        severity="warning" if half else "error",
        # The same for every run of the job.
        dedup_key=f"{row.job}@{row.host}",
        source=row.host or row.job,
        starts_at=row.ended,
        labels={"job": row.job, "host": row.host} if row.host else {"job": row.job},
        attributes=[Label("message", row.message)] if row.message else [],
        details=row.all,
    )
