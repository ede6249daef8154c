"""Seeing: pixels in, values out, as `dsp` is for sound. No clock, network or log; files only to load a model.

Pixels are uint8, rows x columns x 3 of red, green, blue, or rows x columns of grey. A box is (left, top, width, height)
in pixels. Angles are radians. What needs OpenCV, onnxruntime or zxing-cpp is here, and nowhere else but in `image`.
"""

import cv2

# A gateway has a process a core, and a request stays on its own: threads within would only wait for each other.
cv2.setNumThreads(1)
