"""Fewer missed appointments: who is likely not to come, whom to call, and proof that calling helped.

Off until a deployment records its impact assessments. `analysis.attendance` has the model and the statistics.
"""
