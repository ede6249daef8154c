"""What `benchmarks.speech` measures by: a recogniser, a judge of quality, and what a process costs.

sentences/ has sixty everyday sentences a language, written for this benchmark and under this project's licence; no
voice was chosen and no rule was fitted by them before their figures were first taken.
"""
