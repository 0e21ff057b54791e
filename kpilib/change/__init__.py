"""From a number to a decision: what it is compared with, why it changed, what was done, and what was looked at."""
