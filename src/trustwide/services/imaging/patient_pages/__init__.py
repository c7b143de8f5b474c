"""Patients' own pages: one signed link a message, their date of birth, and what they may do about their appointment.

A link holds a secret of which only a hash is kept. Whatever is wrong with a link, the answer is the same page.
Others may call `links`.
"""
