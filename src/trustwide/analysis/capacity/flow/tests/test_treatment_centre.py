"""The treatment centre against treat-sim (SimPy), unchanged: waits, use, time inside and throughput.

treat-sim draws each gap between arrivals at the rate of the hour in which the one before came, so that an hour's
change of rate is felt late; ours is a Poisson process at the hour's own rate. The runs here are therefore given the
arrivals that treat-sim drew, and the arrivals of the file itself are held against its rates.
"""

import numpy as np
import pytest
import yaml
from scipy import stats
from treat_sim.model import Scenario, SimulationSummary, TreatmentCentreModel

from trustwide.analysis.capacity.flow.department import load_department
from trustwide.analysis.capacity.flow.fast import Runner

from .builders import CASES, half_width

OPENS, PERIOD = 360.0, 1140.0  # minutes: treat-sim counts from 06:00, for nineteen hours
REPLICATIONS = 50
FILE = yaml.safe_load((CASES / "treatment_centre.yaml").read_text())


def theirs_and_arrivals(number):
    scenario = Scenario()
    scenario.set_random_no_set(number)
    model = TreatmentCentreModel(scenario)
    model.run(PERIOD)
    figures = SimulationSummary(model).summary_frame().iloc[0].to_dict()
    return figures, [
        [patient.arrival for patient in patients] for patients in (model.trauma_patients, model.non_trauma_patients)
    ]


def ours(arrivals, number):
    patients = [
        kind | {"arrivals": {"recorded": [OPENS + time for time in times]}}
        for kind, times in zip(FILE["patients"], arrivals, strict=True)
    ]
    runner = Runner(load_department(FILE | {"patients": patients}))
    return figures_of(runner.replicate(7, number))


# of treat-sim's figures: places of our pathways (trauma 0 to 2, others 3 to 6) and how many servers there are
STATIONS = {
    "01a_triage_wait": ((0, 3), "01b_triage_util", 1),
    "02a_registration_wait": ((4,), "02b_registration_util", 1),
    "03a_examination_wait": ((5,), "03b_examination_util", 3),
    "04a_treatment_wait(non_trauma)": ((6,), "04b_treatment_util(non_trauma)", 1),
    "06a_trauma_wait": ((1,), "06b_trauma_util", 2),
    "07a_treatment_wait(trauma)": ((2,), "07b_treatment_util(trauma)", 1),
}


def figures_of(run):
    """A run's figures as treat-sim counts them: of what had begun (waits, use) or ended (time inside) by 01:00."""
    end = OPENS + PERIOD
    found = {"00_arrivals": float(run.patients.size)}
    begun = run.visits[run.visits.began < end]
    for wait, (places, use, servers) in STATIONS.items():
        mine = begun[np.isin(begun.place, places)]
        found[wait] = float((mine.began - mine.joined).mean())
        found[use] = float((mine.ended - mine.began).sum() / (PERIOD * servers))
    gone = run.patients[run.patients.left < end]
    for kind, name in enumerate(("08_total_time(trauma)", "05_total_time(non-trauma)")):
        mine = gone[gone.type == kind]
        found[name] = float((mine.left - mine.arrived).mean())
    found["09_throughput"] = float(gone.size)
    return found


@pytest.fixture(scope="module")
def both():
    pairs = []
    for number in range(REPLICATIONS):
        theirs, arrivals = theirs_and_arrivals(number)
        pairs.append((theirs, ours(arrivals, number)))
    return pairs


def test_same_means_and_distributions(both):
    """Every figure: paired means within four standard errors, and the same distribution over replications (KS)."""
    assert set(both[0][0]) == set(both[0][1])
    for name in both[0][0]:
        theirs, mine = (np.array([pair[side][name] for pair in both]) for side in (0, 1))
        difference = mine - theirs
        allowed = 4 * difference.std(ddof=1) / np.sqrt(REPLICATIONS)
        assert abs(difference.mean()) <= allowed, (name, theirs.mean(), mine.mean(), allowed)
        assert stats.ks_2samp(theirs, mine).pvalue > 0.001, name


def test_the_comparison_could_fail(both):
    """It is narrow enough to see a fifth more time inside: half of the interval is less than a tenth."""
    name = "05_total_time(non-trauma)"
    mean = np.mean([pair[0][name] for pair in both])
    assert half_width([pair[1][name] - pair[0][name] for pair in both]) < 0.1 * mean


def test_arrivals_of_the_file_follow_its_rates():
    """Each hour's arrivals are Poisson with the hour's rate: mean and variance over replications."""
    runner = Runner(load_department(FILE))
    hours = np.array(
        [np.histogram(runner.replicate(3, number).patients.arrived, np.arange(25) * 60)[0] for number in range(600)]
    )
    rates = np.zeros(24)
    for kind in FILE["patients"]:
        for clock, rate in kind["arrivals"]["per_hour"].items():
            rates[int(clock[:2])] += rate
    assert hours[:, :6].sum() == 0
    errors = (hours.mean(axis=0) - rates)[6:] / np.sqrt(rates[6:] / 600)
    assert stats.chi2.sf((errors**2).sum(), errors.size) > 0.001
    spread = (hours.var(axis=0, ddof=1) * 599 / np.maximum(rates, 1e-9))[6:]
    assert stats.chi2.cdf(spread, 599).min() > 1e-4 and stats.chi2.cdf(spread, 599).max() < 1 - 1e-4
