"""Runs real clients against the built program and compares what they see.

`programs` starts what listens, `clients` knows the four clients, `scenarios` what they do;
`matrix`, `crossing`, `frameworks`, `peers` and `readme` are the checks; `python -m driver` runs
them all.
"""
