"""Missed appointments: a calibrated chance that each is missed, whom to call about it, and what the calls did.

A booking centre trains on its own past appointments (`train`), asks for the risk of those to come
(`AttendanceModel.risk`), calls those whom calls help most within the minutes there are (`choose_calls`), keeps a share
out by lot (`held_out`), and reads the effect off the difference (`effect_of_calls`). Risks come from the booking, age,
sex, long-term conditions and the patient's own record; ethnicity and deprivation are no inputs and only serve to look
at the error by group (`audit_by_group`).
"""

from trustwide.analysis.attendance.calls import Calls, choose_calls, held_out
from trustwide.analysis.attendance.effect import Arm, Effect, Interval, arms, effect_of_calls, patients_needed, wilson
from trustwide.analysis.attendance.features import Features, features_of
from trustwide.analysis.attendance.judgement import audit_by_group, quality
from trustwide.analysis.attendance.model import Appointments, AttendanceError, Estimate, GroupAudit, Quality
from trustwide.analysis.attendance.risk import AttendanceModel, train
from trustwide.analysis.attendance.validation import CrossValidated, cross_validate

__all__ = [
    "Appointments",
    "Arm",
    "AttendanceError",
    "AttendanceModel",
    "Calls",
    "CrossValidated",
    "Effect",
    "Estimate",
    "Features",
    "GroupAudit",
    "Interval",
    "Quality",
    "arms",
    "audit_by_group",
    "choose_calls",
    "cross_validate",
    "effect_of_calls",
    "features_of",
    "held_out",
    "patients_needed",
    "quality",
    "train",
    "wilson",
]
