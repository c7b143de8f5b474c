"""Data quality: which figures can be doubted, found from the figures themselves, and a score for each series.

`checks.doubts` finds them in many series at once as `reference` defines them, `words` says each in a sentence, `scores`
makes a number of them, `actions.check` keeps notes and scores in step with observations. Nothing is corrected or left
out: `figures.notes_on_chart` puts the notes beside a chart.
"""
