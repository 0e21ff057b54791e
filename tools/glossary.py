"""The glossary's notebook, written from the catalogue: `tools/glossary.py` writes ``notebooks/90_glossary.ipynb``.

What stands in an entry is the catalogue's; here is what stands around the entries: how a figure is to be read, and a
few words an axis. An axis of the catalogue without its words is an error. The outputs come from `make notebooks`.
"""

import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kpilib.catalogue import CATALOGUE
from kpilib.figures.glossary import AXES

FILE = Path(__file__).resolve().parents[1] / "notebooks" / "90_glossary.ipynb"
KPI = {
    "title": "Glossary",
    "question": "What does each figure mean, how is it worked out, and what is it now?",
    "order": 90,
    "headline": [],
}
LAB = "lab"

BEFORE = (
    """# Glossary

**What does each figure mean, how is it worked out, and what is it now?**

Every figure of this workbook is declared once, and what is printed here is that declaration: the question,
the formula in words and as it runs, other definitions that are in use, where each misleads, where it comes
from, and an example small enough to count on fingers. Nothing of it is written twice, so nothing of it can be
out of date.""",
    "=import kpilib\nfrom kpilib.figures import glossary\nfrom kpilib.show import Page\n\npage = Page(kpilib.open())",
    """The values below are those of the choice in force. Each other page links here from the *i* of a figure, with
the choice that the reader has made there.""",
    "=page.filters",
    """## How to read a figure

**A sum over a sum.** Each figure is made of rows: deals, order lines, answers, customers. Each row adds
something above the line (the *numerator*) and something below it (the *denominator*); the two sums are
divided last. So the figure of a group is not the mean of its members' figures: a large member weighs more. A
figure without a line below is a *total*.

**An interval.** Ten throws of a fair coin may give seven heads; a month of deals may give a high win rate in
the same way. The interval beside a figure says how far chance alone could have moved it. Where two intervals lie apart,
chance hardly explains the difference.""",
    '=page.figure("What does an interval say?", glossary.interval, choices={"measure": list(glossary.SHARES)})',
    """#*Laboratory.* The interval of a share by hand, from two numbers only: Wilson's formula, with the normal
distribution of Python's own library. If the differences were not zero, one of the two ways would be wrong.""",
    """#from statistics import NormalDist

row = page.view.kpi("win_rate").iloc[0]
z, n, p = NormalDist().inv_cdf(0.975), row["denominator"], row["numerator"] / row["denominator"]
middle, arm = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
low, high = ((middle + side * arm) / (1 + z * z / n) for side in (-1, 1))
round(low - row["low"], 12), round(high - row["high"], 12)""",
    """**A variant.** One word may have several definitions, each of which somebody uses for good reasons. Here are a
few rows, counted by each. Churn is the best known case; a basket per order is not a basket per customer; and
how many prospects were won depends on whether those still open count.""",
    '=page.figure("One word, several numbers?", glossary.on_fingers, choices={"measure": list(glossary.SEVERAL)})',
    """#*Laboratory.* The rows of an example are data like any other: `kpilib.open` imports them, and the book
answers. Change a row and run the cell again; `example("nps")`, or any other key, gives other rows.""",
    """#from kpilib.catalogue.worked import example

shown = example("win_rate")
few = kpilib.open(shown.frames(), as_of=shown.as_of)
answer = few.variants("win_rate", since=shown.since, until=shown.until)
answer[["name", "numerator", "denominator", "value"]]""",
    """On our own data the definitions lie apart as well. Where they disagree on whether a figure got better, that is
said first: then the definition is the message.""",
    '=page.figure("And on our own data?", glossary.definitions, choices={"measure": list(glossary.SEVERAL)})',
    """**Maturity.** Some rows need time to tell what they have to tell. A lead of last week has not had the time to
buy, so a recent month looks bad whatever we do. Such a figure says after how many days a row is judged;
comparisons leave the younger rows out and say how many they are.""",
    '=page.figure("Why are the last months left out?", glossary.young, choices={"measure": list(glossary.MATURING)})',
    """**Bounds.** An interval is about chance. What is *not known* is another matter: a deal that nobody closed may
be won or lost, and someone who did not answer may be happy or not. Bounds are the lowest and the highest that
a figure can be, whatever the unknown turns out to be. The page *Data quality* gives them, and says whom to
ask.

## Find a figure

Type part of a name, in English or in French. Each name below leads to its entry, and each entry has an
address of its own, to send to somebody who asks what a number means.""",
    "=glossary.finder(page)",
)

#: What stands above the entries of an axis.
ABOUT = {
    "opportunities": (
        "What is open, what is won, how fast, and what stands still. The salespeople's own estimates are in "
        "here, and their habits of recording: read the caveats first."
    ),
    "sales": (
        "What was sold, what it left, to whom again and what more. By the day of the order; returns are taken off."
    ),
    "satisfaction": (
        "What customers answer, what they write in public, and how they pay. Those who did not answer are in "
        "none of these figures but the response rate."
    ),
    "loyalty": (
        "Who stays, who leaves, what leaves with them. What is said of a period is said from the period's own "
        "start: a year's churn is not the sum of its months'."
    ),
    "service": "The work that customers ask for once they have bought, how fast it is done, and what waits.",
    "acquisition": (
        "Who comes, through what, at what cost, and who buys in the end. Cost and customers are of the same "
        "period unless a variant says otherwise."
    ),
    "territory": "Where customers are, who else is there, and where demand finds nobody of ours.",
    "quality": "A figure is as good as the data it is made of. These figures are about the data themselves.",
}

AFTER = (
    """## What we found

The answers of this page's own figures, for the choice in force.""",
    "=page.found()",
    """## What we cannot say

- **Which definition is the right one.** That depends on the question; what matters is to say which one was
  used, and to keep it.
- **What a figure ought to be.** A target is a decision; an average of other companies is another company's
  history.
- **Whether a source means exactly this.** The sources name where a definition is in use; the one that counts
  here is the one printed here, for it is the one that runs.

## What to read

- P. Farris, N. Bendle, P. Pfeifer, D. Reibstein, *Marketing Metrics* – most figures of this workbook, with
  their traps.
- E. Wilson, "Probable inference, the law of succession, and statistical inference", *JASA* 22 (1927) 209 –
  the interval of a share.
- C. Manski, *Partial Identification of Probability Distributions* (2003) – bounds: what the unknown can do.
- S. Few, *Information Dashboard Design* – how many figures a page can bear.
- `page.book.catalogue()` – the glossary as a table; `kpi list win_rate` – one entry on the command line.""",
)


def built() -> nbformat.NotebookNode:
    """The notebook without outputs.

    Raises
    ------
    KeyError
        An axis of the catalogue has no words here.
    """
    axes = [axis for axis in AXES if any(kpi.axis == axis for kpi in CATALOGUE.values())]
    missing = {kpi.axis for kpi in CATALOGUE.values()} - (set(AXES) & set(ABOUT))
    if missing:
        raise KeyError(f"tools/glossary.py says nothing of {', '.join(sorted(missing))}: add words to ABOUT and AXES.")
    entries = [part for axis in axes for part in _axis(axis)]
    return new_notebook(
        cells=[_cell(part, at) for at, part in enumerate((*BEFORE, *entries, *AFTER))],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "kpi": KPI},
    )


def _axis(axis: str) -> tuple[str, str]:
    return f"## {AXES[axis]}\n\n{ABOUT[axis]}", f'=glossary.entries(page, "{axis}")'


def _cell(part: str, at: int) -> nbformat.NotebookNode:
    """A part as a cell: "=" starts code, "#*" prose and "#" code of the laboratory, anything else is prose."""
    lab = part.startswith("#") and not part.startswith(("# ", "##"))
    code = part.startswith("=") or (lab and not part.startswith("#*"))
    made = (new_code_cell if code else new_markdown_cell)(part[1:] if code or lab else part)
    made["id"] = f"cell-{at:02}"
    made.metadata = {"tags": [LAB]} if lab else {}
    return made


def main() -> int:
    """Write the notebook; its outputs are to be run anew."""
    nbformat.write(built(), FILE)
    print(f"{FILE.name} is written without outputs: run `make notebooks`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
