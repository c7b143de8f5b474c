"""Pages of the booking centre while fifty clerks work: part of bench_booking.py, on a database that is set up."""

from __future__ import annotations

import datetime as dt
import statistics

from booking_clerks import Browser, a_day_of_work, serving
from figures import at_most, log, percentile

AREA, PAGE_MS, SECONDS = "Booking centre", 150, 100
TIMED = {
    "waiting list": "/imaging/waiting/",
    "waiting list, one site and test": "/imaging/waiting/?site={code}&test=MRI",
    "waiting list, a late page": "/imaging/waiting/?page={late}",
    "day list of a site": "/imaging/today/?on={day}&site={site}",
    "who needs a slot": "/imaging/bookings/",
}
WEIGHTS = {"waiting list": 4, "waiting list, one site and test": 4, "waiting list, a late page": 2}
SHARE_TO_BOOK = 5


def page_figures(environment):
    """Wall-clock milliseconds of each kind of page, 95 in 100 of them, with everybody working."""
    from trustwide.services.imaging.requests.models import ImagingRequest

    sessions = signed_in()
    found = addresses()
    ready = ImagingRequest.objects.filter(state="ready", stopped_on=None, priority="routine")
    to_book = list(ready.order_by("?").values_list("pk", flat=True)[:2000])
    with serving(environment) as (port, _):
        alone = Browser(port, sessions[0])
        for name, paths in found.items():
            answers = [alone.ask(paths[turn % len(paths)]) for turn in range(12)]
            assert {status for status, *_ in answers} == {200}, f"{name}: {answers[0][0]} {paths[0]}"
            times = [milliseconds for _, milliseconds, *_ in answers[2:]]
            log(f"  {name:<40}alone {statistics.median(times):>8.0f} ms, {len(answers[0][2]) / 1000:,.0f} kB")
        weighted = {name: (WEIGHTS.get(name, 3), paths) for name, paths in found.items() if "all sites" not in name}
        weighted["book"] = (SHARE_TO_BOOK, [])
        taken, wrong = a_day_of_work(port, sessions, weighted, to_book, SECONDS)
    log(f"  {sum(map(len, taken.values()))} pages in {SECONDS} s; what went wrong: {dict(wrong) or 'nothing'}")
    for name, times in taken.items():
        p95 = percentile(times, 95)
        log(f"  {name:<40}median {statistics.median(times):>7.0f} ms, p95 {p95:>7.0f} ms of {len(times)}")
        yield at_most(AREA, f"{name}, 95 in 100", p95, PAGE_MS, "ms")


def signed_in():
    """Session keys of every clerk."""
    from django.test import Client

    from trustwide.commons.accounts.models import User

    keys = []
    for clerk in User.objects.order_by("pk"):
        client = Client(headers={"host": "localhost"})
        client.force_login(clerk)
        keys.append(client.cookies["sessionid"].value)
    return keys


def addresses():
    """Addresses by kind of page; the day is a working day among the next ones."""
    from django.utils import timezone

    from trustwide.commons.organisations.models import Site
    from trustwide.services.imaging.requests.models import ImagingRequest

    today = timezone.localdate()
    days = [today + dt.timedelta(days=ahead) for ahead in range(1, 8)]
    day = next(one for one in days if one.weekday() < 5)
    pages = ImagingRequest.objects.waiting().count() // 50
    sites = [{"code": site.code, "site": site.pk} for site in Site.objects.all()]
    facts = [site | {"day": day, "late": max(1, pages - 20 * turn)} for turn, site in enumerate(sites)]
    found = {name: [path.format(**each) for each in facts] for name, path in TIMED.items()}
    return found | {"day list of all sites": [f"/imaging/today/?on={day}"]}
