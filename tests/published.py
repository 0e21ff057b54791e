"""Published numbers that several tests hold results against."""

#: Benjamini and Hochberg (1995), JRSS B 57:289, section 4.2: of fifteen p-values the four smallest are rejected.
BENJAMINI_HOCHBERG = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0,
]  # fmt: skip
