"""The booking centre of the synthetic group: its exams, scanners and van, the people on its list, and the last months.

`catalogue` holds what is fixed, `persons` invents people, `courses` tells what happened to each request, `centre`
writes it all. Numbers of NHS are from the range that belongs to nobody, telephone numbers from the one kept for drama.
"""
