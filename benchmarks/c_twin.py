"""`walk_in.c` compiled and filled with the numbers of a service: the same runs as the kernels', in C."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import JOURNEY, NOBODY
from trustwide.analysis.capacity.tables import PATIENT

SOURCE = Path(__file__).with_name("walk_in.c")
COMPILER = ["gcc", "-O3", "-shared", "-fPIC"]
AT_ONCE = 128

_WHOLE, _REAL = "i8", "f8"
STREAM = np.dtype(
    [(name, _WHOLE) for name in ("source", "priority", "duration_kind", "rebook_times")]
    + [
        (name, _REAL)
        for name in (
            *("gap", "duration_first", "duration_second", "slot", "patience"),
            *("missed_probability", "slot_lost", "return_after", "next_time"),
        )
    ]
    + [(name, _WHOLE) for name in ("next_number", "returning_head", "returning_tail", "head", "tail")]
)
DEVICE = np.dtype(
    [(name, _WHOLE) for name in ("source", "first_window", "last_window", "up_kind")]
    + [
        (name, _REAL)
        for name in (
            *("changeover", "overrun", "up_first", "down_first"),
            *("ready", "down_from", "down_to", "busy", "late"),
        )
    ]
    + [(name, _WHOLE) for name in ("window", "breakdown")]
)


class CWorld(ctypes.Structure):
    """`World` of walk_in.c."""

    _fields_ = [
        ("seed", ctypes.c_uint64),
        ("replication", ctypes.c_uint64),
        ("end", ctypes.c_double),
        *((name, ctypes.c_int64) for name in ("stop_after", "room", "streams", "devices", "leaves")),
        *(
            (name, ctypes.c_void_p)
            for name in (
                *("stream", "device", "window", "patient", "journey", "attendance", "times", "entries"),
                *("idle", "order", "drawn_times", "drawn_durations", "drawn_attendances", "column"),
            )
        ),
    ]


def there_is_a_compiler() -> bool:
    return shutil.which(COMPILER[0]) is not None


@cache
def _library() -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="trustwide-bench-"))
    built = folder / "walk_in.so"
    subprocess.run([*COMPILER, str(SOURCE), "-o", str(built), "-lm"], check=True)
    library = ctypes.CDLL(str(built))
    shutil.rmtree(folder)
    for run in (library.run_walk_in, library.run_recursion):
        run.restype, run.argtypes = ctypes.c_int64, [ctypes.POINTER(CWorld)]
    return library


def _picked(rows: np.recarray, dtype: np.dtype) -> np.ndarray:
    """The fields that C knows; those of its own are NOBODY."""
    picked = np.full(rows.size, NOBODY, dtype=dtype) if dtype is STREAM else np.zeros(rows.size, dtype)
    for name in dtype.names:
        if name in rows.dtype.names:
            picked[name] = rows[name]
    return picked


class CRunner:
    """Replications of the service of a `Runner`, by its kernel written in C."""

    def __init__(self, runner: Runner) -> None:
        world = runner._world
        self._before = {"stream": _picked(world.streams, STREAM), "device": _picked(world.devices, DEVICE)}
        streams, devices, room = world.streams.size, world.devices.size, runner._journeys.size
        leaves = 1 << max(devices + streams - 1, 1).bit_length()
        drawn = (streams, AT_ONCE)
        self.arrays = {name: rows.copy() for name, rows in self._before.items()} | {
            "window": np.ascontiguousarray(world.windows),
            "patient": np.empty(room, PATIENT),
            "journey": np.empty(room, JOURNEY),
            "attendance": np.zeros(room),
            "times": np.zeros(2 * leaves),
            "entries": np.zeros(2 * leaves, np.uint32),
            "idle": np.zeros(devices // 32 + 1, np.int64),
            "order": np.argsort(world.streams.priority, kind="stable"),
            "drawn_times": np.zeros(drawn),
            "drawn_durations": np.zeros(drawn),
            "drawn_attendances": np.zeros(drawn),
            "column": np.zeros(streams, np.int64),
        }
        self._world = CWorld(end=world.end, stop_after=world.stop_after, room=room, streams=streams, devices=devices)
        self._world.leaves = leaves
        for name, array in self.arrays.items():
            setattr(self._world, name, array.ctypes.data)
        self._run = _library().run_recursion if runner.recursive else _library().run_walk_in

    def run(self, seed: int, replication: int) -> np.ndarray:
        """The journeys of one replication; they are overwritten by the next."""
        for name, rows in self._before.items():
            self.arrays[name][:] = rows
        self._world.seed, self._world.replication = seed, replication
        return self.arrays["journey"][: self._run(ctypes.byref(self._world))]
