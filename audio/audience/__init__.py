"""Who was there, for how long, and did they look: what is counted of the people before a camera.

Values in, values out: no picture, clock, file, network or log. `observation` reads what is seen of a person in a frame,
`visit` adds it up from appearance to disappearance, `sums` and `metrics` sum visits up.
"""
