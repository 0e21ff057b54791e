"""What is estimated once for a company and kept: models of leaving, of satisfaction; a book in, plain findings out.

One module a subject, each with a function that takes the book and returns a finding: a dict of numbers, texts, lists
and frames. `kept` estimates it when it is first asked for and keeps it as long as neither data nor methods change.
Nothing here draws or words what it finds.
"""
