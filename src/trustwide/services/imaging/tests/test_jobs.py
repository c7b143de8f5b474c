"""Where background work runs."""

from __future__ import annotations

import threading

import pytest
from django_q.models import OrmQ

from trustwide.services.imaging import jobs

done: list[tuple[int, str]] = []
finished = threading.Event()


def a_job(pk):
    done.append((pk, threading.current_thread().name))
    finished.set()


@pytest.fixture(autouse=True)
def _fresh():
    done.clear()
    finished.clear()


@pytest.mark.django_db
def test_nothing_runs_before_the_data_is_there(settings, django_capture_on_commit_callbacks):
    settings.JOBS = jobs.NOW
    with django_capture_on_commit_callbacks(execute=True):
        jobs.start(a_job, 7)
        assert not done
    assert done == [(7, threading.current_thread().name)]


@pytest.mark.django_db
def test_a_thread_of_its_own(settings, django_capture_on_commit_callbacks):
    settings.JOBS = jobs.THREAD
    with django_capture_on_commit_callbacks(execute=True):
        jobs.start(a_job, 7)
    assert finished.wait(10)
    assert done == [(7, "a_job-7")]


@pytest.mark.django_db
def test_the_queue_holds_the_job_for_the_worker(settings, django_capture_on_commit_callbacks):
    settings.JOBS = jobs.QUEUE
    with django_capture_on_commit_callbacks(execute=True):
        jobs.start(a_job, 7)
    assert not done
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == (f"{__name__}.a_job", (7,))
