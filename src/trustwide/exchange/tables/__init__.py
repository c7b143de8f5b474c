"""Tables as people send them: CSV, Excel or Parquet, with titles above the header, and what is wrong with their rows.

`open_sheet` gives the text of a table below its header; `Reject` and `Faults` say what is wrong with a row;
`write_rejects` writes the rows left out. `exchange.returns` and `exchange.activity` read their files with it.
"""
