"""Extracts of radiology systems, one row for each exam.

`extract.read(path, columns=...)` gives an `ActivityFile`: good rows as a data frame with COLUMNS, faults as sentences.
`columns.guess_columns(header)` says which header probably means which of our columns. Pages upload a file.
"""
