"""What calls for attention: figures off their limits or moved for good, targets missed, data late or broken.

`watch` judges, `state` remembers what was told, `mail` and `webhook` send it, `command` is `kpi alerts`. Judging reads
cubes alone.
"""
