"""Runs real clients against the built program and compares what they see.

`programs` starts what listens, `clients` knows the four clients, `scenarios` what they do;
`matrix`, `crossing`, `frameworks` and `peers` are the checks, and `python -m driver` runs all.
"""
