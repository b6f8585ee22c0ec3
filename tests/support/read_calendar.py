"""Reads a calendar from standard input with a library that others wrote, and prints what it found as JSON."""

import json
import sys
from datetime import timezone

from icalendar import Calendar

calendar = Calendar.from_ical(sys.stdin.buffer.read())


def utc(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


events = [
    {
        "uid": str(event["UID"]),
        "summary": str(event["SUMMARY"]),
        "starts_at": utc(event["DTSTART"].dt),
        "ends_at": utc(event["DTEND"].dt),
    }
    for event in calendar.walk("VEVENT")
]
assert all("DTSTAMP" in event for event in calendar.walk("VEVENT")), "every event has a stamp"
assert not any(event.errors for event in calendar.walk("VEVENT")), "nothing had to be guessed"
assert len({event["uid"] for event in events}) == len(events), "every event has a name of its own"
print(json.dumps({"name": str(calendar["X-WR-CALNAME"]), "events": events}))
