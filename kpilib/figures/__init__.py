"""The figures of the pages, a folder a notebook: a view in, a sentence, a chart and a table out.

What several pages share stands here; how a figure is drawn and what a page is made of is `kpilib.show`.
"""
