"""Answers recurrence questions with python-dateutil, one JSON object a line: {dtstart, rrule, rdate, exdate, from, until}.

All times are local ones ("2026-05-08T19:00:00"). The answer is the list of local times from `from` on, until before `until`, or
{"error": why}.
"""

import datetime as calendar
import json
import sys
from datetime import datetime
from types import SimpleNamespace

import dateutil.rrule
from dateutil.rrule import rruleset, rrulestr

MOST = 3000
# A rule without instances is searched up to the year 9999; this lets the search end soon after the window.
bounds = dateutil.rrule.datetime = SimpleNamespace(**vars(calendar))


def answer(asked):
    start, end = datetime.fromisoformat(asked["from"]), datetime.fromisoformat(asked["until"])
    bounds.MAXYEAR = end.year + 1
    instances = rruleset()
    instances.rrule(rrulestr(asked["rrule"], dtstart=datetime.fromisoformat(asked["dtstart"])))
    for local in asked.get("rdate", ()):
        instances.rdate(datetime.fromisoformat(local))
    for local in asked.get("exdate", ()):
        instances.exdate(datetime.fromisoformat(local))
    found = []
    for at in instances:
        if at >= end or len(found) == MOST:
            break
        if at >= start:
            found.append(at.isoformat())
    return found


for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as trouble:
        if "generates an empty set" in str(trouble):
            print("[]", flush=True)
            continue
        said = {"error": repr(trouble)}
    print(json.dumps(said), flush=True)
