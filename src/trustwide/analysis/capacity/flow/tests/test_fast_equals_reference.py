"""The compiled kernel equals the plain-Python rules to the last bit."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.flow.department import load_department
from trustwide.analysis.capacity.flow.fast import Runner
from trustwide.analysis.capacity.flow.reference import run_reference

from .random_departments import departments


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(described=departments(), seed=st.integers(0, 2**64 - 1), replication=st.integers(0, 2**32 - 1))
def test_kernel_equals_reference(described, seed, replication):
    department = load_department(described)
    fast = Runner(department).replicate(seed, replication)
    slow = run_reference(department, seed, replication)
    assert fast.patients.tolist() == slow.patients.tolist()
    assert fast.visits.tolist() == slow.visits.tolist()
