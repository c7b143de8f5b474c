"""How a group does, aim by aim and site by site, for one month: one frozen report that page, PDF and workbook share.

`scope` says whose figures, `figures.performance_report` assembles them from observations up to the month,
`small_numbers` hides what could name somebody, `words` says it in sentences made only from stored figures.
"""
