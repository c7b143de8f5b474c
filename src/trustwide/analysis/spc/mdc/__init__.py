"""Profile `mdc`: control charts as NHS England's "Making data count" tools judge them, for data of every kind.

`lines` says where centre and limits lie, `reference` and `fast` apply the rules to them, `engine` joins the two;
`choice` picks the chart that suits the data and says why, `sparse` turns rare events into the time between them.
"""
