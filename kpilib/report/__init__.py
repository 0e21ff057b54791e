"""The figures of a period as one file for those who open no workbook: HTML, PDF or Excel.

`content` gathers what is said, once; `html`, `pdf` and `sheets` write it, and compute nothing.
"""
