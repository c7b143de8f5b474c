"""How are we doing, aim by aim? The performance report on screen, and who is sent it each month.

The figures are `commons.measures.performance`; `exchange.briefs.board` and `exchange.workbooks.board` write the same
report as PDF and workbook.
"""
