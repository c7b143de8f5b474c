"""Departments of every shape, small: for hypothesis."""

from hypothesis import strategies as st

RESOURCES = ("desk", "bay", "nurse", "scanner", "chairs")
STEPS = ("Check-in", "Cannulation", "Changing", "Scan", "Recovery")

laws = st.one_of(
    st.builds(lambda mean: {"exponential": {"mean": mean}}, st.floats(0.5, 30)),
    st.builds(lambda mean, sd: {"lognormal": {"mean": mean, "sd": sd}}, st.floats(1, 30), st.floats(0.5, 20)),
    st.builds(lambda minutes: {"fixed": minutes}, st.sampled_from([0, 5, 5, 10, 15])),
    st.builds(lambda mean, sd: {"normal": {"mean": mean, "sd": sd, "at_least": 1}}, st.floats(0, 20), st.floats(0, 9)),
    st.builds(lambda low, up, top: {"triangular": {"low": low, "mode": low + up, "high": low + up + top}},
              st.sampled_from([0, 5]), st.sampled_from([0, 5]), st.sampled_from([0, 10])),
)  # fmt: skip


@st.composite
def resources(draw):
    times = st.sampled_from(
        [
            None,
            [{"opens": "08:00", "closes": "11:00"}],
            [{"opens": "08:00", "closes": "10:00", "count": 2}, {"opens": "10:00", "closes": "12:00", "count": 1}],
        ]
    )
    made = []
    for name in RESOURCES:
        resource = {"id": name, "count": draw(st.integers(1, 3))}
        if part := draw(times):
            resource["times"] = part
        made.append(resource)
    return made


@st.composite
def steps(draw):
    made = []
    for name in STEPS:
        holds = draw(st.lists(st.sampled_from(RESOURCES), max_size=2, unique=True))
        made.append(
            {
                "id": name,
                "duration": draw(laws),
                "holds": dict.fromkeys(holds, 1),
                "keeps": [one for one in holds if draw(st.booleans())],
                "waits_in": draw(st.sampled_from([None, None, "chairs", "bay"])),
            }
        )
    return made


@st.composite
def patients(draw, number):
    path = draw(st.permutations(STEPS))[: draw(st.integers(1, 5))]
    pathway = [{"step": name} for name in path]
    if len(path) > 1:
        back = draw(st.sampled_from([0.25, 0.5]))
        pathway[-1]["then"] = {"leave": 1 - back, draw(st.sampled_from(path)): back}
        pathway[0]["then"] = {path[1]: 0.75, path[-1]: 0.25} if len(path) > 2 else {path[1]: 0.5, "leave": 0.5}
    return {
        "id": f"type {number}",
        "priority": draw(st.integers(1, 2)),
        "if_full": draw(st.sampled_from(["wait", "turn_away"])),
        "arrivals": draw(coming()),
        "pathway": pathway,
    }


@st.composite
def coming(draw):
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return {"per_hour": {"07:00": draw(st.floats(0.5, 8)), "09:00": draw(st.floats(0, 8)), "12:00": 0}}
    if kind == 1:
        return {
            "recorded": draw(st.lists(st.sampled_from([480.0, 480.0, 485.0, 490.5, 600.0]), min_size=1, max_size=9))
        }
    made = {"slots": [{"opens": "08:00", "closes": "12:00", "every": 15, "each": draw(st.integers(1, 2))}]}
    if draw(st.booleans()):
        made |= {"off_time": {"mean": -5, "sd": 10}, "did_not_attend": draw(st.floats(0, 0.5))}
    return made


@st.composite
def departments(draw):
    return {
        "department": "any",
        "days": draw(st.integers(1, 2)),
        "hours": {"opens": "08:00", "closes": "17:00", "run_on": draw(st.sampled_from([0, 2.5]))},
        "resources": draw(resources()),
        "steps": draw(steps()),
        "patients": [draw(patients(number)) for number in range(draw(st.integers(1, 3)))],
    }
