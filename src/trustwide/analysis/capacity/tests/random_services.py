"""Small random services for property tests."""

from hypothesis import strategies as st

MINUTES = st.integers(5, 60)
LAWS = st.one_of(
    st.builds(lambda m: {"exponential": {"mean": m}}, MINUTES),
    st.builds(lambda m: {"fixed": m}, MINUTES),
    st.builds(lambda m, s: {"lognormal": {"mean": m, "sd": s}}, MINUTES, st.integers(1, 40)),
)
SESSIONS = st.sampled_from(
    [
        "always",
        [{"days": "daily", "opens": "08:00", "closes": "12:00"}],
        [
            {"days": "weekdays", "opens": "09:00", "closes": "24:00"},
            {"days": "daily", "opens": "00:00", "closes": "03:00"},
        ],
        [{"days": ["tue", "sat"], "opens": "08:30", "closes": "10:00", "every_weeks": 2}],
        [
            {"days": "daily", "opens": "08:00", "closes": "10:00", "until_week": 1},
            {"days": "daily", "opens": "09:00", "closes": "12:00", "from_week": 1},
        ],
    ]
)
BREAKDOWNS = st.builds(
    lambda up, down, law, then: {
        "up": {"exponential": {"mean_hours": up}},
        "down": {law: {"mean_hours": down}},
        **then,
    },
    st.integers(5, 100),
    st.integers(1, 30),
    st.just("exponential"),
    st.sampled_from([{}, {"then": {"factor": 0.4}}, {"then": {"from_week": 1, "factor": 3}}]),
)
MISSED = st.builds(
    lambda p, lost, days, times, then: {
        **then,
        "probability": p,
        "slot_lost": lost,
        "rebook": {"after_days": days, "times": times if p < 1 or then else 0},
    },
    st.sampled_from([0.0, 0.2, 0.7, 1.0]),
    st.sampled_from([0, 7, 10]),
    st.sampled_from([0, 0.5, 2]),
    st.integers(0, 2),
    st.sampled_from([{}, {"then": {"probability": 0.1}}, {"then": {"from_week": 1, "probability": 0.9}}]),
)


def _maybe(strategy):
    return st.one_of(st.none(), strategy)


@st.composite
def walk_in_services(draw):
    sites = ["a", "b"][: draw(st.integers(1, 2))]
    streams = ["x", "y", "z"][: draw(st.integers(1, 3))]
    scanners = [
        _scanner(draw, f"{site}{number}", site, streams) for site in sites for number in range(draw(st.integers(1, 2)))
    ]
    for site in sites:  # whoever a scanner refuses, another at the site accepts
        scanners.append(
            {"id": f"{site}-all", "site": site, "modality": "MR", "sessions": draw(SESSIONS), "overrun": "finish"}
        )
    stop = draw(st.sampled_from([{"patients": 30}, {"days": 5}, {"weeks": 2}]))
    start = draw(st.sampled_from(["2026-01-05", "2026-04-02"]))
    service = {
        "service": "random",
        "allow_overload": True,
        "queue": {"order": draw(st.sampled_from([["priority", "arrival"], ["arrival"]]))},
        "start": start,
        "stop": stop,
        "sites": [{"id": site} for site in sites],
        "scanners": scanners,
        "closed_on": draw(st.sampled_from([[], ["2026-01-07"], "england_bank_holidays"])),
        "demand": [_stream(draw, name, sites, start) for name in streams],
    }
    _maybe_staff(draw, service)
    if "patients" not in stop:
        service["warm_up"] = {"days": draw(st.integers(0, 3))}
    return service


def _maybe_staff(draw, service):
    if draw(st.booleans()):
        service["staff"] = [
            {"role": "radiographer", "hours_per_week": draw(st.integers(10, 60)), "sites": ["a"]},
            {"role": "radiographer", "hours_per_week": draw(st.integers(10, 60)), "until_week": 2},
        ]
        for scanner in [one for one in service["scanners"] if not one["id"].endswith("-all")]:
            scanner["crew"] = {"radiographer": draw(st.sampled_from([1, 1.5]))}


def _scanner(draw, name, site, streams):
    scanner = {
        "id": name,
        "site": site,
        "modality": "MR",
        "count": draw(st.integers(1, 2)),
        "sessions": draw(SESSIONS),
        "overrun": draw(st.sampled_from(["finish", {"up_to": 0}, {"up_to": 25}])),
        "changeover": draw(st.sampled_from([0, 5])),
        "from_week": draw(st.sampled_from([0, 0, 1])),
        "until_week": draw(st.sampled_from([None, None, 2])),
    }
    if (breakdowns := draw(_maybe(BREAKDOWNS))) is not None:
        scanner["breakdowns"] = breakdowns
    if draw(st.booleans()):
        scanner["suits"] = [draw(st.sampled_from(streams))]
    return scanner


def _stream(draw, name, sites, start):
    poisson = {"per_day": draw(st.integers(1, 12))}
    if draw(st.booleans()):
        poisson |= {"growth_per_year": 0.5, "weekdays": [1, 1, 2, 1, 1, 0, 0]}
    if draw(st.booleans()):
        poisson["months"] = [3, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 0]
    listed = ["2026-04-03 08:30", "2026-04-02 11:00", "2026-01-05 08:00"][: 2 if start > "2026-02" else 3]
    stream = {
        "id": name,
        "modality": "MR",
        "access": "walk_in",
        "priority": draw(st.integers(1, 2)),
        "arrivals": draw(st.sampled_from([{"poisson": poisson}] * 4 + [{"listed": listed}] * (name != "x"))),
        "slot": draw(st.integers(5, 60)),
        "duration": draw(LAWS),
    }
    if len(sites) == 2:
        stream["site_mix"] = {"a": 0.3, "b": 0.7}
    else:
        stream["site"] = "a"
    for field, strategy in (("did_not_attend", MISSED), ("patience_hours", st.sampled_from([0, 0.5, 10]))):
        if (value := draw(_maybe(strategy))) is not None:
            stream[field] = value
    return stream


BOOKED_SESSIONS = st.sampled_from(
    [
        [{"days": "daily", "opens": "08:00", "closes": "10:00"}],
        [
            {"days": "weekdays", "opens": "09:00", "closes": "10:30"},
            {"days": ["mon"], "opens": "13:00", "closes": "14:00"},
        ],
        [{"days": ["tue", "thu", "sat"], "opens": "08:30", "closes": "11:00", "every_weeks": 2}],
        [
            {"days": "daily", "opens": "08:00", "closes": "10:00", "until_week": 1},
            {"days": "daily", "opens": "09:00", "closes": "11:00", "from_week": 2},
        ],
    ]
)


@st.composite
def booked_services(draw):
    """A booked service as a mapping, and its waiting list as CSV text."""
    sites = ["a", "b"][: draw(st.integers(1, 2))]
    urgent, routine = _booked(draw, "urgent", 1, sites), _booked(draw, "routine", draw(st.sampled_from([1, 3])), sites)
    streams = [urgent, routine]
    if draw(st.booleans()):
        streams.append(_inpatients(draw, sites))
    names = [stream["id"] for stream in streams]
    scanners = [_scanner(draw, f"{site}-odd", site, names) | {"sessions": draw(BOOKED_SESSIONS)} for site in sites]
    scanners += [
        {"id": f"{site}-all", "site": site, "modality": "MR", "sessions": draw(BOOKED_SESSIONS), "changeover": 3}
        for site in sites
    ]
    scanners[0]["mobile"] = draw(st.booleans())
    service = {
        "service": "random booked",
        "allow_overload": True,
        "start": "2026-01-05",
        "stop": {"days": draw(st.integers(5, 17))},
        "waiting_list": "list.csv",
        "sites": [{"id": site} for site in sites],
        "scanners": scanners,
        "closed_on": draw(st.sampled_from([[], ["2026-01-07"]])),
        "booking": {
            "hold": draw(st.sampled_from([{}, {"urgent": 0.3}, dict.fromkeys(names, 0.2)])),
            "release_days": draw(st.integers(0, 5)),
            **draw(st.sampled_from([{}, {"pool_lists": True}, {"pool_lists": True, "pool_from_week": 1}])),
        },
        "travel": {"minutes": {"a-b": draw(st.sampled_from([20, 40, 90]))}, "willing": {30: 0.8, 60: 0.3}},
        "demand": streams,
    }
    _maybe_staff(draw, service)
    if len(sites) == 1:
        del service["travel"]
    if draw(st.booleans()):
        service["maintenance"] = {"planned_days_per_year": draw(st.sampled_from([6, 60]))}
    return service, _list(draw, sites)


def _place(draw, sites):
    return {"site_mix": {"a": 0.3, "b": 0.7}} if len(sites) == 2 else {"site": "a"}


def _booked(draw, name, priority, sites):
    stream = {
        "id": name,
        "modality": "MR",
        "access": "booked",
        "priority": priority,
        "within_days": 7,
        "notice_days": draw(st.integers(0, 4)),
        "arrivals": draw(
            st.sampled_from(
                [
                    "none",
                    {"poisson": {"per_day": 2}},
                    {"poisson": {"per_week": 20, "weekdays": [1, 1, 1, 1, 1, 0, 0]}},
                    {"listed": ["2026-01-06 09:00", "2026-01-06 10:00"]},
                ]
            )
        ),
        "slot": draw(st.sampled_from([20, 30, 25])),
        "duration": draw(LAWS),
        **_place(draw, sites),
    }
    if draw(st.booleans()):
        stream["vetting_days"] = {"lognormal": {"mean": 2, "sd": 2}}
    if draw(st.booleans()):
        stream["did_not_attend"] = {"probability": 0.3, "rebook": {"times": draw(st.integers(0, 2))}}
        if draw(st.booleans()):
            stream["did_not_attend"]["then"] = {"from_week": draw(st.integers(0, 2)), "probability": 0.6}
    if draw(st.booleans()):
        stream["patient_cancels"] = {"probability": 0.3, "notice_days": draw(st.integers(0, 5))}
    if draw(st.booleans()):
        stream["short_slot"] = {"minutes": 15, "share": 0.5, "from_week": draw(st.integers(0, 1))}
    return stream


def _inpatients(draw, sites):
    return {
        "id": "inpatient",
        "modality": "MR",
        "access": "walk_in",
        "priority": draw(st.integers(1, 3)),
        "arrivals": {"poisson": {"per_day": 6}},
        "slot": draw(st.integers(10, 40)),
        "duration": draw(LAWS),
        "patience_hours": draw(st.sampled_from([0, 5, 24])),
        **_place(draw, sites),
    }


def _list(draw, sites):
    rows = ["request_id,site,stream,requested_on,appointment_on"]
    for number in range(draw(st.integers(0, 25))):
        given = draw(st.sampled_from(["", "", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-20", "2027-01-01"]))
        asked = draw(st.sampled_from(["2025-12-01", "2026-01-02", "2026-01-04"]))
        stream = draw(st.sampled_from(["urgent", "routine"]))
        rows.append(f"R{number},{draw(st.sampled_from(sites))},{stream},{asked},{given}")
    return "\n".join(rows) + "\n"
