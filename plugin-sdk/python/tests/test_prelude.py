"""The same event, the same time and the same random numbers, whatever came before it. Each check runs in a Python of its
own, since the prelude changes the whole process."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent

DRAWS = """
import datetime, os, random, secrets, time, uuid
from datetime import date
def draws(event):
    begin(*event)
    now = datetime.datetime.now(datetime.timezone.utc)
    return [random.random(), random.randint(1, 6), random.gauss(), random.Random().random(), random.SystemRandom().random(),
            str(uuid.uuid4()), secrets.token_hex(4), os.urandom(3), random.shuffle(list("abc")), now.isoformat(),
            str(datetime.datetime.now()), str(date.today()), time.time(), time.strftime("%F %T"), time.ctime(), time.monotonic()]
a, b = (1_767_603_600_123, "shop", "disk", 1), (1_767_603_601_000, "shop", "disk", 2)
"""


def run(code: str) -> str:
    head = "import nightbell_plugin._prelude\nimport sys\nsys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__\nfrom nightbell_plugin._moment import begin\n"
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run([sys.executable, "-c", head + code], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


class Prelude(unittest.TestCase):
    def test_draws_depend_on_the_event_alone(self) -> None:
        code = DRAWS + "one = draws(b)\ndraws(a); draws(a)\nassert draws(b) == one\nassert draws(a)[:8] != one[:8]\nprint(one)"
        self.assertEqual(run(code), run(code), "two processes agree")

    def test_the_draw_of_an_event_never_changes(self) -> None:
        # A replay of today's journal must come out the same with tomorrow's build.
        self.assertEqual(run(DRAWS + "print(draws(a)[0])"), "0.951283480548845")

    def test_time_is_the_event_s(self) -> None:
        self.assertEqual(
            run(DRAWS + "print(*draws(a)[9:], sep='|')"),
            "2026-01-05T09:00:00.123000+00:00|2026-01-05 09:00:00.123000|2026-01-05|1767603600.123|2026-01-05 09:00:00"
            "|Mon Jan  5 09:00:00 2026|1767603600.123",
        )

    def test_dates_stay_dates(self) -> None:
        run(
            """
import datetime, copy, pickle
from datetime import date, timedelta, timezone
begin(0)
now = datetime.datetime.now()
assert isinstance(now, datetime.datetime) and isinstance(now, date) and not isinstance(date.today(), datetime.datetime)
assert isinstance(now + timedelta(1), datetime.datetime) and isinstance(datetime.datetime.fromisoformat("2026-01-05"), datetime.datetime)
assert isinstance(datetime.datetime.fromtimestamp(5, timezone.utc), datetime.datetime) and issubclass(datetime.datetime, date)
assert datetime.datetime(2026, 1, 5) - datetime.datetime(2026, 1, 4) == timedelta(1)
assert datetime.datetime.strptime("2026", "%Y").date() == date(2026, 1, 1) and isinstance(now.date(), date)
assert copy.copy(now) == now and pickle.loads(pickle.dumps(now)) == now
"""
        )

    def test_a_seed_of_the_plugin_s_own_holds_within_the_event(self) -> None:
        code = "import random\nbegin(0, 'x')\nrandom.seed(5)\nprint(random.random() == random.Random(5).random())"
        self.assertEqual(run(code), "True")

    def test_a_plugin_cannot_sleep(self) -> None:
        with self.assertRaisesRegex(AssertionError, "a plugin cannot sleep"):
            run("import time\ntime.sleep(1)")


if __name__ == "__main__":
    unittest.main()
