"""The JSON API of measures under /api/v1/: definitions, observations, charts, signals and sites, to read.

`application.api` holds the endpoints; `access` says who asks and what they see; `schemas` are the rows, which are also
the columns of CSV, Parquet and Excel files. `client.Client` gives notebooks data frames and needs no Django.
"""
